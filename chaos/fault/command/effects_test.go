package command

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func TestEffects(t *testing.T) {
	faulttest.Effects(t, []faulttest.Effect{
		{Kind: "block", Fault: (&Block{}).Lasting(time.Second).(chaos.Fault), Shows: func(s *faulttest.Subject) string {
			return s.MustBeSilent("PING")
		}},
		{Kind: "failover", Fault: &Failover{Mode: "default"}, Replica: true, Shows: func(s *faulttest.Subject) string {
			return s.AwaitChange("role")
		}},
		{Kind: "client_pause", Fault: (&ClientPause{Mode: "all"}).Lasting(time.Second).(chaos.Fault), Shows: func(s *faulttest.Subject) string {
			return s.MustBeSilent("GET", "x")
		}},
		{Kind: "config_set", Fault: &ConfigSet{Set: map[string]string{"maxmemory": "1"}}, Shows: func(s *faulttest.Subject) string {
			_, err := s.Ask("SET", s.Key(), "x")
			if err == nil || !strings.HasPrefix(err.Error(), "OOM") {
				s.Errorf("maxmemory of one byte: %v", err)
			}
			return fmt.Sprintf("SET: %.60s", err)
		}},
		{Kind: "hook", Fault: outOfMemory(), Shows: func(s *faulttest.Subject) string {
			_, err := s.Ask("SET", s.Key(), "x")
			if err == nil || !strings.HasPrefix(err.Error(), "OOM") {
				s.Errorf("maxmemory of one byte: %v", err)
			}
			return fmt.Sprintf("SET: %.60s", err)
		}},
		{Kind: "client_kill", Fault: kinds{}.ClientKill(), Shows: killed},
		{Kind: "bgsave", Fault: &Bgsave{}, Shows: func(s *faulttest.Subject) string { return s.AwaitChange("total_forks") }},
		{Kind: "bgrewriteaof", Fault: &Bgrewriteaof{}, Shows: func(s *faulttest.Subject) string { return s.AwaitChange("total_forks") }},
		{Kind: "full_resync", Fault: &FullResync{}, Shows: func(s *faulttest.Subject) string { return s.AwaitChange("sync_full") }},
		{Kind: "flushall", Fault: &Flushall{}, Shows: func(s *faulttest.Subject) string {
			if keys := s.MustAsk("DBSIZE"); keys != "0" {
				s.Errorf("%s keys are left", keys)
			}
			return "DBSIZE 0"
		}},
		{Kind: "busy_script", Fault: &BusyScript{}, Shows: func(s *faulttest.Subject) string { return s.MustBeSilent("PING") }},
		{Kind: "slow_command", Fault: &SlowCommand{Elements: 200_000, Every: units.Duration(50 * time.Millisecond)}, Shows: slowest},
		{Kind: "half_migrate", Fault: &HalfMigrate{Slots: 16384 / 3}, Shows: func(s *faulttest.Subject) string {
			_, err := s.Ask("GET", s.Key())
			if err == nil || !strings.HasPrefix(err.Error(), "ASK ") {
				s.Errorf("a key of a slot that is half migrated: %v", err)
			}
			return fmt.Sprintf("GET: %.20s", err)
		}},
		{Kind: "cluster_reset", Fault: &ClusterReset{}, Replica: true, Shows: func(s *faulttest.Subject) string {
			return s.AwaitChange("role")
		}},
	})
}

// slowest is how long a PING takes that comes while a slow command is worked off.
func slowest(s *faulttest.Subject) string {
	const least = 10 * time.Millisecond
	var longest time.Duration
	faulttest.Eventually(s, "a PING waits", func() error {
		began := time.Now()
		s.MustAsk("PING")
		if longest = max(longest, time.Since(began)); longest < least {
			return fmt.Errorf("none for more than %s", longest)
		}
		return nil
	})
	var of struct {
		calls int
		each  float64 // µs
	}
	if _, err := fmt.Sscanf(strings.NewReplacer(",usec=", " ", ",usec_per_call=", " ", ",", " ").Replace(s.Info()["cmdstat_sort"]), "calls=%d %f %f", &of.calls, new(float64), &of.each); err != nil {
		s.Errorf("INFO commandstats of SORT: %q: %v", s.Info()["cmdstat_sort"], err)
	}
	return fmt.Sprintf("a PING takes %d ms; %d SORTs took the server %.0f ms each", longest.Milliseconds(), of.calls, of.each/1000)
}

// killed counts how many commands a client gets through that holds its connection.
func killed(s *faulttest.Subject) string {
	const tries = 20
	lost := 0
	for range tries {
		ctx, cancel := context.WithTimeout(s.Context(), time.Second)
		conn, err := s.Dial(ctx, "tcp", s.Node.Addr)
		if err == nil {
			if err = conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond)); err == nil {
				_, err = conn.Read(make([]byte, 1))
			}
			conn.Close()
		}
		if err != nil && !strings.Contains(err.Error(), "timeout") {
			lost++
		}
		cancel()
	}
	if lost == 0 {
		s.Error("no connection was closed")
	}
	return fmt.Sprintf("%d of %d connections closed within 500 ms", lost, tries)
}

// outOfMemory is a hook that leaves a server no memory.
func outOfMemory() *Hook {
	const cli = `redis-cli -h "${CHAOS_ADDR%:*}" -p "${CHAOS_ADDR##*:}" -e CONFIG `
	h := kinds{}.Hook().(*Hook)
	h.InjectBy, h.HealBy = []string{cli + "SET maxmemory 1"}, []string{cli + "SET maxmemory 0"}
	h.Verify = []string{cli + "GET maxmemory | grep -qx 0"}
	return h
}

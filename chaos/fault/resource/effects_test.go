package resource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func TestEffects(t *testing.T) {
	faulttest.Effects(t, []faulttest.Effect{
		{Kind: "limit_files", Fault: &LimitFiles{Left: 1}, Shows: withoutFiles},
		{Kind: "limit_memory", Fault: &LimitMemory{More: 8_000_000}, Shows: func(s *faulttest.Subject) string {
			if _, err := s.Ask("EVAL", "return #string.rep('x', 60000000)", "0"); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
				s.Errorf("it takes 60 MB: %v", err)
			}
			return "60 MB more: " + s.AwaitGone()
		}},
		{Kind: "clock", Fault: &Clock{Ahead: units.Duration(time.Hour)}, Shows: ahead},
		{Kind: "starve", Fault: kinds{}.Starve(), Shows: func(s *faulttest.Subject) string { return s.MeasureCPU(200 * time.Millisecond) }},
		{Kind: "hog", Fault: &Hog{Threads: 3}, Shows: waits},
		{Kind: "exhaust_clients", Fault: kinds{}.ExhaustClients(), Shows: func(s *faulttest.Subject) string {
			ctx, cancel := context.WithTimeout(s.Context(), 5*time.Second)
			defer cancel()
			_, err := connect(ctx, s, s.Node.Name)
			if err == nil {
				s.Fatal("it lets one more in")
			}
			return err.Error()
		}},
	})
}

// withoutFiles looks at what becomes of a server that can open no more files: who is connected is answered, nobody
// else is let in, and no new append-only file is begun.
func withoutFiles(s *faulttest.Subject) string {
	const patience, most = time.Second, 20 // those that were open when the limit was set may have been closed since
	var in []*redis.Client
	for len(in) <= most {
		client := compose.DirectClient(s, s.Node.Addr, patience)
		defer client.Close()
		if err := client.Ping(s.Context()).Err(); err != nil {
			break
		}
		in = append(in, client)
	}
	if len(in) == 0 || len(in) > most {
		s.Fatalf("%d more are let in", len(in))
	}
	err := in[0].BgRewriteAOF(s.Context()).Err()
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Sprintf("%d more let in, then nobody; the server ends: %s", len(in), lastWords(s))
	case !faulttest.IsAnswer(err):
		s.Errorf("one that is connected asks for a rewrite of the append-only file: %v", err)
	}
	return fmt.Sprintf("%d more let in, then nobody; BGREWRITEAOF: %.50s", len(in), err)
}

// lastWords is what the server logged last, but that it let nobody in.
func lastWords(s *faulttest.Subject) (text string) {
	s.Helper()
	over, cancel := context.WithCancel(s.Context())
	cancel() // what there is by now
	err := s.Follow(over, s.Node.Name, func(l compose.LogLine) {
		if !strings.Contains(l.Text, "Accepting client connection") {
			_, text, _ = strings.Cut(l.Text, " # ") // of a warning, after the stamp
		}
	})
	if err != nil {
		s.Error(err)
	}
	return text
}

// ahead says how far the server's time is from this machine's, and fails the test if it is
// not by an hour, or by nothing afterwards.
func ahead(s *faulttest.Subject) string {
	const by, late = time.Hour, 50 * time.Millisecond
	s.Cleanup(func() { // it is healed by then
		if off := off(s); off.Abs() > late {
			s.Errorf("after it was healed, TIME is off by %s", off)
		}
	})
	shown := off(s)
	if (shown - by).Abs() > late {
		s.Errorf("TIME is off by %s", shown)
	}
	return fmt.Sprintf("TIME is ahead by %.3f s", shown.Seconds())
}

// off is how far TIME is from the middle of the time that asking for it took.
func off(s *faulttest.Subject) time.Duration {
	s.Helper()
	client := compose.DirectClient(s, s.Node.Addr, 30*time.Second)
	defer client.Close()
	var off, best time.Duration = 0, time.Hour
	for range 20 { // a busy machine answers some of them late
		asked := time.Now()
		says, err := client.Time(context.WithoutCancel(s.Context())).Result()
		if err != nil {
			s.Fatal(err)
		}
		if took := time.Since(asked); took < best {
			off, best = says.Sub(asked.Add(took/2)), took
		}
	}
	return off
}

// waits has the server work, and says for how much of the time that it could have run it waited for the CPU.
func waits(s *faulttest.Subject) string {
	const work = 10
	ran, waited := scheduled(s)
	client := compose.DirectClient(s, s.Node.Addr, 30*time.Second)
	defer client.Close()
	for range work {
		if err := client.Eval(s.Context(), "for i = 1, 2000000 do end return 1", nil).Err(); err != nil {
			s.Fatal(err)
		}
	}
	after, waitedAfter := scheduled(s)
	ran, waited = after-ran, waitedAfter-waited
	share := float64(waited) / float64(ran+waited)
	if share < 0.25 { // half in a container, as the kernel is fair to control groups before it is to processes
		s.Errorf("it ran for %s, and waited for %s", ran, waited)
	}
	return fmt.Sprintf("waits for its CPU for %.0f%% of the time that it has work (schedstat)", 100*share)
}

// scheduled is how long the server's main thread has run, and has waited for a CPU: /proc/PID/schedstat of
// https://docs.kernel.org/scheduler/sched-stats.html.
func scheduled(s *faulttest.Subject) (ran, waited time.Duration) {
	s.Helper()
	pid, err := s.PID(s.Context(), s.Node.Name)
	if err != nil {
		s.Fatal(err)
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err == nil {
		_, err = fmt.Sscan(string(text), &ran, &waited)
	}
	if err != nil {
		s.Fatal(err)
	}
	return ran, waited
}

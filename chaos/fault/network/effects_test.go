package network

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func TestEffects(t *testing.T) {
	const delay = 100 * time.Millisecond
	splits := func(s *Split) faulttest.Effect {
		s.Mode = "drop"
		return faulttest.Effect{Kind: "split", Fault: s, Shows: func(on *faulttest.Subject) string { return whoHears(on, s) }}
	}
	faulttest.Effects(t, []faulttest.Effect{
		{Kind: "disconnect", Fault: kinds{}.Disconnect(), Shows: (*faulttest.Subject).AwaitUnreachable},
		{Kind: "partition", Fault: kinds{}.Partition(), Shows: (*faulttest.Subject).AwaitUnreachable},
		{Kind: "partition", Fault: &Partition{Packets: packets("both"), Mode: "reject"}, Shows: rejected},
		splits(&Split{Groups: aim.Groups{Form: "ring"}, Network: "cluster"}),
		splits(&Split{Groups: aim.Groups{Form: "bridge"}, Network: "cluster"}),
		splits(&Split{Groups: aim.Groups{Form: "sides"}, Network: "all", Clients: aim.Minority}),
		{Kind: "latency", Fault: &Latency{Packets: packets("out"), Delay: units.Duration(delay)}, Shows: func(s *faulttest.Subject) string {
			median := pings(s, 9)[4]
			if median < delay {
				s.Errorf("a PING takes %s", median)
			}
			return fmt.Sprintf("PING takes %.1f ms, the median of 9", ms(median))
		}},
		{Kind: "loss", Fault: &Loss{Some: some(20), Burst: 1}, Shows: func(s *faulttest.Subject) string { return late(s, 30) }},
		{Kind: "corrupt", Fault: &Corrupt{some(20)}, Shows: func(s *faulttest.Subject) string { return late(s, 30) }},
		{Kind: "duplicate", Fault: &Duplicate{some(100)}, Shows: func(s *faulttest.Subject) string {
			const asked = 50
			before := counter(s, "TCPDSACKOldSent")
			pings(s, asked)
			var seen int64
			faulttest.Eventually(s, "the copies come", func() error { // on a busy machine after their answers
				if seen = counter(s, "TCPDSACKOldSent") - before; seen < asked/2 {
					return fmt.Errorf("%d segments came twice", seen)
				}
				return nil
			})
			return fmt.Sprintf("%d segments came twice with %d answers (TCPDSACKOldSent)", seen, asked)
		}},
		{Kind: "reorder", Fault: &Reorder{Some: some(20), Hold: units.Duration(20 * time.Millisecond)}, Shows: overtaken},
		{Kind: "bandwidth", Fault: &Bandwidth{Packets: packets("out"), Rate: 1_000_000}, Shows: func(s *faulttest.Subject) string {
			const size = 2_000_000
			began := time.Now()
			if got := s.MustAsk("EVAL", "return string.rep('x', ARGV[1])", "0", strconv.Itoa(size)); len(got) != size {
				s.Errorf("%d bytes came", len(got))
			}
			rate := size / time.Since(began).Seconds()
			if rate > 1.5e6 {
				s.Errorf("%.0f bytes a second", rate)
			}
			return fmt.Sprintf("2 MB come at %.2f MB/s", rate/1e6)
		}},
		{Kind: "resolver", Fault: &Resolver{Mode: "slow", Delay: units.Duration(resolving)}, Shows: resolves},
		{Kind: "reset", Fault: kinds{}.Reset(), Shows: func(s *faulttest.Subject) string { return s.AwaitChange("sync_partial_ok") }},
	})
}

// rejected waits until the link to the node's replica, which lives, has ended, and has somebody else connect.
func rejected(s *faulttest.Subject) string {
	s.Helper()
	at, _, _ := net.SplitHostPort(s.Node.Addr)
	var replica faulttest.Info
	faulttest.Eventually(s, "the replica loses its link", func() error {
		for _, n := range s.Nodes() {
			if n.Name == s.Node.Name {
				continue
			}
			if replica = faulttest.InfoOf(s.T, s, n.Addr); replica["master_host"] == at && replica["master_link_status"] == "down" {
				return nil
			}
		}
		return fmt.Errorf("it is up")
	})
	ended := time.Since(s.Injected)
	conn, err := s.Dial(s.Context(), "tcp", s.Node.Addr)
	if !errors.Is(err, syscall.ECONNREFUSED) {
		s.Errorf("connecting: %v", err)
	}
	if err == nil {
		conn.Close()
	}
	return fmt.Sprintf("the replication link ended after %d ms; connecting: connection refused", ended.Milliseconds())
}

// pings are how long PINGs take on one connection, sorted.
func pings(s *faulttest.Subject, n int) (took []time.Duration) {
	s.Helper()
	const patience = 30 * time.Second
	client := compose.DirectClient(s, s.Node.Addr, patience)
	defer client.Close()
	if err := client.Ping(s.Context()).Err(); err != nil { // which connects
		s.Fatal(err)
	}
	for range n {
		began := time.Now()
		if err := client.Ping(s.Context()).Err(); err != nil {
			s.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took
}

// overtaken has the node send a lot, and counts the segments that came before one that was sent earlier.
func overtaken(s *faulttest.Subject) string {
	s.Helper()
	const size, segment = 2_000_000, 1448 // bytes, with timestamps in a frame of 1500
	before := counter(s, "TCPOFOQueue")
	if got := s.MustAsk("EVAL", "return string.rep('x', ARGV[1])", "0", strconv.Itoa(size)); len(got) != size {
		s.Errorf("%d bytes came", len(got))
	}
	early := counter(s, "TCPOFOQueue") - before
	if early == 0 {
		s.Error("every segment came in its turn")
	}
	return fmt.Sprintf("%d of %d segments came before an earlier one (TCPOFOQueue)", early, size/segment)
}

// late counts the PINGs whose answer had to be sent again, which Linux does after 200 ms at the earliest.
func late(s *faulttest.Subject, asked int) string {
	s.Helper()
	const again = 190 * time.Millisecond
	took := pings(s, asked)
	first, _ := slices.BinarySearch(took, again)
	if first == len(took) {
		s.Error("no answer was sent again")
	}
	return fmt.Sprintf("%d of %d answers to PING were sent again", len(took)-first, len(took))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// resolving is how late the answers to lookups of names are made.
const resolving = 700 * time.Millisecond

// resolves has the node connect to another one by its name, which it looks up while it does nothing else.
func resolves(s *faulttest.Subject) string {
	s.Helper()
	var key string
	faulttest.Eventually(s, "a key is written", func() error {
		key = fmt.Sprintf("key-%d", time.Now().UnixNano())
		_, err := s.Ask("SET", key, "x")
		return err
	})
	defer s.MustAsk("DEL", key)
	began := time.Now()
	_, err := s.Ask("MIGRATE", "redis-replica-1", "6379", key, "0", "5000", "COPY")
	took := time.Since(began)
	if !faulttest.IsAnswer(err) || took < resolving {
		s.Errorf("MIGRATE took %s: %v", took, err)
	}
	return fmt.Sprintf("MIGRATE to a name takes %d ms: %.40s", took.Milliseconds(), err)
}

// counter is one of what this machine counts of TCP.
func counter(s *faulttest.Subject, name string) int64 {
	s.Helper()
	text, err := os.ReadFile("/proc/net/netstat")
	if err != nil {
		s.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	at := slices.Index(strings.Fields(lines[0]), name)
	n, err := strconv.ParseInt(strings.Fields(lines[1])[at], 10, 64)
	if err != nil {
		s.Fatal(err)
	}
	return n
}

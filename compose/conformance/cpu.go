package conformance

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// testLimitCPU keeps a node busy while it gets a share of a CPU, through a restart, and after.
func testLimitCPU(t *testing.T, s *subject) {
	const (
		name  = "redis-replica-1"
		share = 0.1
		most  = 2 * share // the last slice may be longer than what is left of the share
	)
	s.must(s.LimitCPU(t.Context(), name, share))
	s.must(s.Stop(t.Context(), name, patience))
	s.must(s.Start(t.Context(), name))
	s.awaitAnswer(name)
	if got := s.busyShare(name); got > most {
		t.Errorf("with a share of %.2f it had %.2f of a CPU", share, got)
	}
	// What else stops it goes on doing so.
	s.must(s.Pause(t.Context(), name))
	s.looks(name, compose.Condition{Running: true, Paused: true, CPU: share})
	s.mustBeSilent(name)
	s.must(s.Unpause(t.Context(), name))
	s.must(s.Signal(t.Context(), name, "SIGSTOP"))
	s.mustBeSilent(name)
	s.must(s.Signal(t.Context(), name, "SIGCONT"))
	s.awaitAnswer(name)

	s.must(s.LimitCPU(t.Context(), name, 0))
	s.must(s.LimitCPU(t.Context(), name, 0)) // one that has no limit is left alone
	s.looks(name, compose.Condition{Running: true})
	s.eventually("it gets more once the limit is lifted", func() error {
		if got := s.busyShare(name); got <= most {
			return fmt.Errorf("%.2f of a CPU", got)
		}
		return nil
	})
	s.awaitWhole()
}

// busyShare is how much of a CPU a node has while it runs a script that takes more than it
// can get.
func (s *subject) busyShare(name string) float64 {
	s.t.Helper()
	c := s.client(name)
	used := func() float64 {
		info, err := c.Info(s.t.Context(), "cpu").Result()
		s.must(err)
		sum := 0.0
		for line := range strings.Lines(info) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			if key == "used_cpu_user" || key == "used_cpu_sys" {
				seconds, err := strconv.ParseFloat(value, 64)
				s.must(err)
				sum += seconds
			}
		}
		return sum
	}
	before, began := used(), time.Now()
	s.must(c.Eval(s.t.Context(), "local n = 0 for i = 1, 5000000 do n = n + i end return n", nil).Err())
	return (used() - before) / time.Since(began).Seconds()
}

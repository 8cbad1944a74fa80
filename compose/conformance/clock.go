package conformance

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

func testClock(t *testing.T, s *subject) {
	offset, within, err := s.ClockOffset(t.Context())
	s.must(err)
	if within < 0 || within > patience {
		t.Errorf("the offset of its clock is known to %s", within)
	}
	// What it sees happening happened between these two, by this machine's clock.
	const name = "redis-replica-1"
	before := time.Now().Round(0)
	found := s.expect(name, func() { s.must(s.Signal(t.Context(), name, "SIGCONT")) }, seen(compose.Signalled))
	after := time.Now().Round(0)
	const slack = 10 * time.Millisecond // clocks drift apart
	at := found[0].Time.Round(0).Add(-offset)
	if at.Before(before.Add(-within-slack)) || at.After(after.Add(within+slack)) {
		t.Errorf("at %s by its clock, which is %s ahead to %s: not between %s and %s", found[0].Time, offset, within, before, after)
	}
}

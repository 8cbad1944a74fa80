package process

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func TestEffects(t *testing.T) {
	faulttest.Effects(t, []faulttest.Effect{
		{Kind: "stop", Fault: kinds{}.Stop(), Shows: (*faulttest.Subject).AwaitGone},
		{Kind: "kill", Fault: kinds{}.Kill(), Shows: (*faulttest.Subject).AwaitGone},
		{Kind: "crash", Fault: kinds{}.Crash(), Shows: (*faulttest.Subject).AwaitGone},
		{Kind: "pause", Fault: kinds{}.Pause(), Shows: func(s *faulttest.Subject) string { return s.MustBeSilent("PING") }},
		{Kind: "restart", Fault: kinds{}.Restart(), Shows: func(s *faulttest.Subject) string {
			return s.AwaitRestart()
		}},
		{Kind: "flap", Fault: &Flap{Down: units.Duration(200 * time.Millisecond), Up: units.Duration(500 * time.Millisecond)}, Shows: func(s *faulttest.Subject) string {
			s.AwaitRestart()
			first := s.AwaitRestart()
			return "again and again: " + first
		}},
	})
}

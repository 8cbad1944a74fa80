package resource

import (
	"context"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
)

func TestEffects(t *testing.T) {
	faulttest.Effects(t, []faulttest.Effect{
		{Kind: "starve", Fault: kinds{}.Starve(), Shows: func(s *faulttest.Subject) string { return s.MeasureCPU(200 * time.Millisecond) }},
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

package scenarios

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func TestDue(t *testing.T) {
	const second = units.Duration(time.Second)
	steps := Rate{{From: 100, To: 100}, {At: 10 * second, From: 0, To: 0}, {At: 20 * second, From: 10, To: 10}}
	ramp := Rate{{From: 100, To: 200, Over: 10 * second}}
	for _, c := range []struct {
		rate  Rate
		until units.Duration
		want  float64
	}{
		{nil, 10 * second, 0},
		{ConstantRate(50), 10 * second, 500},
		{ConstantRate(50), -second, 0},
		{steps, 5 * second, 500},
		{steps, 15 * second, 1000},
		{steps, 30 * second, 1100},
		{ramp, 5 * second, 625},
		{ramp, 20 * second, 3500},
	} {
		if got := c.rate.Due(c.until); got != c.want {
			t.Errorf("%s until %s: %v, want %v", c.rate, c.until, got, c.want)
		}
	}
}

package tune

import (
	"math"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestConstraintsCheck(t *testing.T) {
	for want, c := range map[string]Constraints{
		"":  {},
		" ": {MaxFailover: (*record.Millis)(bound(5000)), Tolerate: (*record.Millis)(bound(1500)), MaxLost: bound(0)},
		"--max-failover is a length of time above 0, such as 5s, and not -5s":          {MaxFailover: (*record.Millis)(bound(-5000))},
		"--max-failover is a length of time above 0, such as 5s, and not NaN ms":       {MaxFailover: (*record.Millis)(bound(math.NaN()))},
		"--tolerate is a length of time above 0, such as 5s, and not 0s":               {Tolerate: (*record.Millis)(bound(0))},
		"--tolerate is a length of time above 0, such as 5s, and not +Inf ms":          {Tolerate: (*record.Millis)(bound(math.Inf(1)))},
		"--max-lost is a number of writes from 0 on, and not -1":                       {MaxLost: bound(-1)},
		"--max-lost is a number of writes from 0 on, and not 0.5":                      {MaxLost: bound(0.5)},
		"--max-failover 1s and --tolerate 1.5s exclude each other: a node that may be": {MaxFailover: (*record.Millis)(bound(1000)), Tolerate: (*record.Millis)(bound(1500))},
		"--max-failover 1.5s and --tolerate 1.5s exclude":                              {MaxFailover: (*record.Millis)(bound(1500)), Tolerate: (*record.Millis)(bound(1500))},
	} {
		err := c.Check()
		if want = strings.TrimSpace(want); want == "" != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestDefaultConstraints(t *testing.T) {
	for name, test := range map[string]struct {
		given     Constraints
		defaulted bool
	}{
		"none":        {Constraints{}, true},
		"losses":      {Constraints{MaxLost: bound(0)}, true},
		"failovers":   {Constraints{MaxFailover: (*record.Millis)(bound(5000))}, false},
		"hiccups":     {Constraints{Tolerate: (*record.Millis)(bound(500))}, false},
		"once before": {Constraints{}.OrDefault(), true},
	} {
		got := test.given.OrDefault()
		if got.Defaulted != test.defaulted || test.defaulted != (got.Tolerate != nil && *got.Tolerate == DefaultTolerate) {
			t.Errorf("%s: %+v", name, got)
		}
		if err := got.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

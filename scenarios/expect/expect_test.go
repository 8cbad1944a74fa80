package expect

import "testing"

// A bare duration or ratio is the worst that it may be; a bare count is what it is.
func TestBoundsWithoutAnOperator(t *testing.T) {
	for _, test := range []struct {
		name, bound, want string
		holds, fails      float64
	}{
		{"failover_time", "6s", "<= 6s", 5999.5, 6000.5},
		{"lost_ratio", "0.1%", "<= 0.1%", 0.0005, 0.0011},
		{"availability", "99.9%", ">= 99.9%", 0.9995, 0.998},
		{"lost_writes", "0", "== 0", 0, 1},
		{"failovers", "2", "== 2", 2, 1},
		{"recovered", "true", "true", 1, 0},
		{"failover_time", "== 6s", "== 6s", 6000, 5999},
	} {
		e, err := Parse(test.name, test.bound)
		if err != nil || e.Want != test.want || !e.Holds(test.holds) || e.Holds(test.fails) {
			t.Errorf("%s: %s is %q (%v); holds at %v: %v, at %v: %v", test.name, test.bound, e.Want, err,
				test.holds, e.Holds(test.holds), test.fails, e.Holds(test.fails))
		}
	}
}

package compare

import (
	"errors"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

func TestParseBound(t *testing.T) {
	for text, want := range map[string]Bound{
		"failover_time > +20%":                   {Figure: "failover_time", Relative: true, By: 0.2},
		"failover_time>+500ms":                   {Figure: "failover_time", By: 500},
		"failover_time > +0":                     {Figure: "failover_time"},
		"election_delay > +0.1s":                 {Figure: "election_delay", By: 100},
		"promoted > + 5 %":                       {Figure: "promoted", Relative: true, By: 0.05},
		"lost_writes > +3":                       {Figure: "lost_writes", By: 3},
		"lost_ratio > +0.001":                    {Figure: "lost_ratio", By: 0.001},
		"availability < -0.5%":                   {Figure: "availability", Less: true, Relative: true, By: -0.005},
		"throughput < -100":                      {Figure: "throughput", Less: true, By: -100},
		"workloads.orders.client_recovery > +1s": {Figure: "workloads.orders.client_recovery", By: 1000},
		"failovers < -0":                         {Figure: "failovers", Less: true},
		"failovers > +1":                         {Figure: "failovers", By: 1},
	} {
		want.Text = text
		if got, err := ParseBound(" " + text + " "); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestParseBoundExplains(t *testing.T) {
	for text, want := range map[string]string{
		"":                              `"": no > or <; write it like "failover_time > +20%"`,
		"failover_time":                 `no > or <; write it like "failover_time > +20%"`,
		"failover_time >= +20%":         `there is no >=: a change of exactly so much does not occur`,
		"> +20%":                        `no figure before >`,
		"failover_tme > +20%":           `unknown figure "failover_tme"; did you mean "failover_time"?`,
		"elction_delay > +20%":          `did you mean "election_delay"?`,
		"workloads.x.suspicion > +1s":   `unknown figure "suspicion"; `,
		"xyzzy > +20%":                  `unknown figure "xyzzy"; known: failovers, failover_time, `,
		"failover_time > 20%":           `a change goes with its sign; write "failover_time > +20%"`,
		"failover_time > 8s":            `a change goes with its sign; write "failover_time > +8s"`,
		"failover_time > -20%":          `a change goes with its sign; write "failover_time > +20%"`,
		"availability < +1%":            `a change goes with its sign; write "availability < -1%"`,
		"failover_time < -20%":          `less failover_time is better; write "failover_time > +20%"`,
		"availability > +1%":            `more availability is better; write "availability < -1%"`,
		"failover_time > +20":           `"20"`,
		"failover_time > +much":         `"much"`,
		"lost_writes > +3ms":            `"3ms" is not a number; write it like 5, or 20%`,
		"lost_writes > +-3":             `"-3" is not a number`,
		"lost_writes > +NaN":            `"NaN" is not a number`,
		"lost_writes > +Inf%":           `"Inf%" is not a share; write it like 20%`,
		"p95 of failover_time > +20%":   `a bound is on the change of a figure as a whole, not of one statistic; write "failover_time > +20%"`,
		"recovered < -1":                `recovered is true or false; bound the share of runs instead`,
		"outage_causes > +1":            `outage_causes has no value that could change by so much`,
		"workloads.x.unavailable > +1s": `workloads.x.unavailable has no value that could change by so much`,
	} {
		if _, err := ParseBound(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestBounds(t *testing.T) {
	ten := around(1000, 10)
	for name, test := range map[string]struct {
		bound       string
		figure      string
		unit        set.Unit
		a, b        []float64
		ok, decided bool
		want        string
	}{
		"beyond":               {"failover_time > +20%", "failover_time", set.Millis, ten, around(1300, 10), false, true, "1.00 s → 1.30 s (+300 ms, +30 %; 95 % interval "},
		"within":               {"failover_time > +50%", "failover_time", set.Millis, ten, around(1300, 10), true, true, ": within the bound"},
		"beyond, in ms":        {"failover_time > +250ms", "failover_time", set.Millis, ten, around(1300, 10), false, true, ""},
		"within, in ms":        {"failover_time > +350ms", "failover_time", set.Millis, ten, around(1300, 10), true, true, ""},
		"any":                  {"failover_time > +0", "failover_time", set.Millis, ten, around(1010, 10), false, true, ""},
		"the other way":        {"failover_time > +0", "failover_time", set.Millis, ten, around(700, 10), true, true, ": a change to the better"},
		"alike":                {"failover_time > +20%", "failover_time", set.Millis, ten, around(1001, 10), true, true, ": no change found"},
		"too few":              {"failover_time > +20%", "failover_time", set.Millis, around(1000, 3), around(2000, 3), true, false, ": too few runs to tell; 3 more in each set would probably find it"},
		"one each":             {"failover_time > +20%", "failover_time", set.Millis, []float64{1}, []float64{9}, true, false, ": too few runs to tell"},
		"never":                {"failover_time > +20%", "failover_time", set.Millis, ten, []float64{never, never, never, never}, false, true, "→ never (comes no more)"},
		"never before":         {"failover_time > +20%", "failover_time", set.Millis, []float64{never, never, never, never}, ten, true, true, "a change to the better"},
		"less of what is good": {"availability < -5%", "availability", set.Ratio, []float64{.99, .98, .97, .96, .95}, []float64{.89, .88, .87, .86, .85}, false, true, "-10.00 points, -10 %"},
		"losses":               {"lost_writes > +0", "lost_writes", set.Count, make([]float64, 8), []float64{1, 2, 3, 4, 5, 6, 7, 8}, false, true, ""},
		"losses, relatively":   {"lost_writes > +20%", "lost_writes", set.Count, make([]float64, 8), []float64{1, 2, 3, 4, 5, 6, 7, 8}, false, true, ""},
		"a loss in one":        {"lost_writes > +0", "lost_writes", set.Count, make([]float64, 8), []float64{0, 0, 0, 0, 0, 0, 0, 8}, true, true, ": no change found"},
	} {
		t.Run(name, func(t *testing.T) {
			bound, err := ParseBound(test.bound)
			if err != nil {
				t.Fatal(err)
			}
			c, err := Compare(setOf(test.figure, test.unit, test.a...), setOf(test.figure, test.unit, test.b...), Options{A: "a", B: "b", Bounds: []Bound{bound}})
			if err != nil {
				t.Fatal(err)
			}
			check := c.Checks[0]
			if check.OK != test.ok || check.Decided != test.decided || !strings.Contains(check.Shown, test.want) || c.Failed() == test.ok {
				t.Errorf("%+v", check)
			}
		})
	}
}

func TestBoundOnWhatIsNotThere(t *testing.T) {
	bound, err := ParseBound("double_holds > +0")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Compare(setOf("failover_time", set.Millis, 1), setOf("failover_time", set.Millis, 1), Options{Bounds: []Bound{bound}})
	var unknown *UnknownError
	if !errors.As(err, &unknown) || err.Error() != `"double_holds > +0": neither set has this figure; they have failover_time` {
		t.Error(err)
	}
}

// A figure that is named is tested by itself, whatever else is measured.
func TestBoundsAreCorrectedForTheirOwnNumber(t *testing.T) {
	a, b := setOf("failover_time", set.Millis, around(1000, 4)...), setOf("failover_time", set.Millis, around(2000, 4)...)
	for _, name := range []string{"client_recovery", "election_delay"} {
		for j, s := range []*set.Set{a, b} {
			s.Figures = append(s.Figures, set.Figure{Name: name, Unit: set.Millis})
			for i, r := range s.Runs {
				r.Values[name] = stats.Value((i*37 + j*11 + len(name)*5) % 23)
			}
		}
	}
	bound, err := ParseBound("failover_time > +20%")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Compare(a, b, Options{A: "a", B: "b", Bounds: []Bound{bound}})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Failed() || c.Figures[0].Verdict.Sure() {
		t.Errorf("%+v, and among all figures: %s", c.Checks[0], c.Figures[0].Verdict)
	}
}

//go:build equivalence

package batch

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// TestEquivalence shows whether a cluster that has served before, and runs beside each other,
// change what is measured. Pairs of runs are made, one the one way and one the other, right
// after each other and in turns; the interval is of the median of their differences, and holds
// 0 if nothing speaks against it (a sign test). It is made by make equivalence.
func TestEquivalence(t *testing.T) {
	logging.Disable() // go-redis's pools log each failed dial
	pairs := max(1, number(os.Getenv("EQUIVALENCE_PAIRS")))
	parallel := max(2, number(os.Getenv("EQUIVALENCE_PARALLEL")))
	for _, timeout := range []int{500, 2000} {
		t.Run(fmt.Sprintf("reuse/%dms", timeout), func(t *testing.T) {
			equivalent(t, fmt.Sprintf("| %d ms | a new cluster, and one that had served before", timeout), pairs, killed(t, timeout), newAndUsed)
		})
		t.Run(fmt.Sprintf("beside/%dms", timeout), func(t *testing.T) {
			equivalent(t, fmt.Sprintf("| %d ms | one run, and %d at once", timeout, parallel), pairs, killed(t, timeout), func(t *testing.T, s *scenarios.Scenario, i int, out string) ([]*report.Result, []*report.Result) {
				return aloneAndBeside(t, s, i, out, parallel)
			})
		})
	}
}

// equivalent makes pairs of runs, and logs rows of a table that begin with a text: a figure, the
// median of both ways, and that of their differences with its interval of 95 %.
func equivalent(t *testing.T, text string, pairs int, s *scenarios.Scenario, pair func(*testing.T, *scenarios.Scenario, int, string) (first, second []*report.Result)) {
	var first, second [][]*report.Result
	out := t.TempDir()
	for i := range pairs {
		a, b := pair(t, s, i, out)
		first, second = append(first, a), append(second, b)
	}
	for _, f := range []struct {
		name string
		of   func(report.Failover) *record.Millis
	}{
		{"failover_time", func(f report.Failover) *record.Millis { return f.FirstWrite }},
		{"client_recovery", func(f report.Failover) *record.Millis { return f.ClientRecovery }},
		{"pfail", func(f report.Failover) *record.Millis { return f.PFail }},
	} {
		var a, b, differences []stats.Value
		for i := range first {
			x, y := meanOf(t, first[i], f.of), meanOf(t, second[i], f.of)
			a, b, differences = append(a, x), append(b, y), append(differences, y-x)
		}
		d := stats.Summarize(differences)
		t.Logf("%s | `%s` | %.0f ms | %.0f ms | %+.0f ms, %s |", text, f.name,
			float64(*stats.Summarize(a).Median), float64(*stats.Summarize(b).Median), float64(*d.Median), ends(d.MedianCI))
		if ci := d.MedianCI; ci[0] != nil && ci[1] != nil && (*ci[0] > 0 || *ci[1] < 0) {
			t.Errorf("%s differs by %.0f ms, %s", f.name, float64(*d.Median), ends(ci))
		}
	}
}

func number(text string) int {
	n, _ := strconv.Atoi(text) // 0 if none is given
	return n
}

func ends(ci stats.Interval) string {
	if ci[0] == nil || ci[1] == nil {
		return "too few pairs for an interval"
	}
	return fmt.Sprintf("%+.0f to %+.0f ms", float64(*ci[0]), float64(*ci[1]))
}

// killed is a scenario whose failover fits the timeout, with the load of the library's.
func killed(t *testing.T, timeout int) *scenarios.Scenario {
	t.Helper()
	lasts := 3*timeout/2 + 3000
	source, _ := scenarios.Find("master-kill")
	s, err := parse.Scenario("master-kill", source, experiment.Catalog(), []string{
		fmt.Sprintf("cluster.config.cluster-node-timeout=%d", timeout), "faults[0].at=2s", fmt.Sprintf("faults[0].for=%dms", lasts), fmt.Sprintf("duration=%dms", lasts+3000),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// made makes runs, n at once, and wants each to have its failover.
func made(t *testing.T, s *scenarios.Scenario, out string, seeds []int64, o Options) (results []*report.Result) {
	t.Helper()
	l := &list{}
	for _, seed := range seeds {
		l.jobs = append(l.jobs, Job{Scenario: s, Seed: seed, Out: out})
	}
	if _, err := Run(t.Context(), l, o); err != nil {
		t.Fatal(err)
	}
	for _, d := range l.done {
		if d.Err != nil || len(d.Outcome.Result.Failovers) != 1 {
			t.Fatalf("%v, %+v", d.Err, d.Outcome)
		}
		results = append(results, d.Outcome.Result)
	}
	return results
}

// newAndUsed makes one run on a new cluster, and one on a cluster that has served one before,
// in turns first the one and first the other.
func newAndUsed(t *testing.T, s *scenarios.Scenario, i int, out string) (first, second []*report.Result) {
	both := func() []*report.Result {
		return made(t, s, out, []int64{int64(3*i + 1), int64(3*i + 2)}, local(1, ReuseAlways))[1:]
	}
	if i%2 == 0 {
		second = both()
	}
	first = made(t, s, out, []int64{int64(3*i + 3)}, local(1, ReuseNever))
	if i%2 == 1 {
		second = both()
	}
	return first, second
}

// aloneAndBeside makes one run alone, and several at once, in turns.
func aloneAndBeside(t *testing.T, s *scenarios.Scenario, i int, out string, parallel int) (first, second []*report.Result) {
	beside := func() []*report.Result {
		var seeds []int64
		for n := range parallel {
			seeds = append(seeds, int64(100*i+n+2))
		}
		return made(t, s, out, seeds, local(parallel, ReuseNever))
	}
	if i%2 == 0 {
		second = beside()
	}
	first = made(t, s, out, []int64{int64(100*i + 1)}, local(1, ReuseNever))
	if i%2 == 1 {
		second = beside()
	}
	return first, second
}

// meanOf is the mean of a figure of the failovers of runs.
func meanOf(t *testing.T, results []*report.Result, of func(report.Failover) *record.Millis) stats.Value {
	t.Helper()
	var sum record.Millis
	for _, r := range results {
		ms := of(r.Failovers[0])
		if ms == nil {
			t.Fatalf("%s: %v", r.Run.ID, r.Failovers[0].Unmeasured)
		}
		sum += *ms
	}
	return stats.Value(float64(sum) / float64(len(results)))
}

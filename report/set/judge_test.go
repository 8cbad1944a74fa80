package set_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// runs makes one run for each value of a figure; NaN is not measured, and infinity never came.
func runs(figure string, values ...float64) (all []set.Run) {
	for i, v := range values {
		r := set.Run{ID: fmt.Sprintf("t-%d", i+1), Dir: fmt.Sprintf("t-%d", i+1), Verdict: report.Pass, Started: time.Unix(int64(i), 0), Values: map[string]stats.Value{}}
		if math.IsNaN(v) {
			r.Unmeasured = map[string]string{figure: "nobody looked"}
		} else {
			r.Values[figure] = stats.Value(v)
		}
		all = append(all, r)
	}
	return all
}

func TestExpectationsOfASet(t *testing.T) {
	never, missing := math.Inf(1), math.NaN()
	ten := []float64{1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000}
	for _, test := range []struct {
		expect string // under expect_set
		values []float64
		ok     bool
		name   string
		got    string
		shown  string
	}{
		{"failover_time: {p95: 10s}", ten, true, "p95 of failover_time", "10000", "p95 10.00 s of 10 runs [8.00 s, –]"},
		{"failover_time: {p95: 9s}", ten, false, "p95 of failover_time", "10000", "p95 10.00 s of 10 runs [8.00 s, –]"},
		{"failover_time: {median: '< 6s'}", ten, true, "median of failover_time", "5500", "median 5.50 s of 10 runs [2.00 s, 9.00 s]"},
		{"failover_time: {min: '>= 1s'}", ten, true, "min of failover_time", "1000", "min 1.00 s of 10 runs"},
		{"failover_time: {max: 9s}", ten, false, "max of failover_time", "10000", "max 10.00 s of 10 runs"},
		{"failover_time: {mean: 5.5s}", ten, true, "mean of failover_time", "5500", "mean 5.50 s of 10 runs"},
		{"failover_time: {every: 10s}", ten, true, "failover_time in every run", "10000", "in all 10 runs, 10.00 s at the worst"},
		{"failover_time: {every: 8s}", ten, false, "failover_time in every run", "10000", "in 8 of 10 runs: 9.00 s in 9, 10.00 s in 10"},
		{"failover_time: {every: '>= 6s'}", ten, false, "failover_time in every run", "1000", "in 5 of 10 runs: 1.00 s in 1, 2.00 s in 2, 3.00 s in 3, and 2 more"},
		{"failover_time: {every: 10s}", []float64{3000}, true, "failover_time in every run", "3000", "3.00 s in the only run"},
		// What never came meets no bound, and is in every statistic.
		{"failover_time: {p95: 10s}", append([]float64{never}, ten...), false, "p95 of failover_time", "never", "p95 never of 11 runs [9.00 s, –]"},
		{"failover_time: {median: 6s}", append([]float64{never}, ten...), true, "median of failover_time", "6000", "median 6.00 s of 11 runs [2.00 s, 10.00 s]"},
		{"failover_time: {mean: 6s}", []float64{1, never}, false, "mean of failover_time", "never", "mean never of 2 runs"},
		{"failover_time: {max: '>= 1s'}", []float64{2000, never}, false, "max of failover_time", "never", "max never of 2 runs"},
		{"failover_time: {every: '>= 1s'}", []float64{2000, never}, false, "failover_time in every run", "never", "in 1 of 2 runs: never in 2"},
		// What is not known is told of, and no run by itself holds it.
		{"failover_time: {max: 3s}", []float64{2000, missing}, true, "max of failover_time", "2000", "max 2.00 s of 1 run, not measured in 1"},
		{"failover_time: {every: 3s}", []float64{2000, missing}, false, "failover_time in every run", "2000", "in 1 of 2 runs: not measured in 2"},
		{"failover_time: {max: 3s}", []float64{missing}, false, "max of failover_time", "null", "not measured in any run: nobody looked"},
		{"failover_time: {max: 3s}", nil, false, "max of failover_time", "null", "not measured: no run was carried out"},
		{"client_recovery: {max: 3s}", []float64{1}, false, "max of client_recovery", "null", "not measured in any run"},
		{"lost_writes: {every: 0}", []float64{0, 0, 0}, true, "lost_writes in every run", "0", "in all 3 runs, 0 at the worst"},
		{"lost_writes: {every: 0}", []float64{0, 12, 0}, false, "lost_writes in every run", "12", "in 2 of 3 runs: 12 in 2"},
		{"lost_writes: {mean: 0.5}", []float64{0, 1, 0}, true, "mean of lost_writes", "0.3333333333333333", "mean 0.333 of 3 runs"},
		{"lost_writes: {median: 1300}", []float64{1203, 1204}, true, "median of lost_writes", "1203.5", "median 1203.5 of 2 runs [–, –]"},
		{"recovered: {every: true}", []float64{1, 0}, false, "recovered in every run", "0", "in 1 of 2 runs: false in 2"},
		{"availability: {median: 99%}", []float64{0.98}, false, "median of availability", "0.98", "median 98.00 % of 1 run [–, –]"},
		{"passed: 95%", ten, true, "passed", "1", "10 of 10 runs, 100.00 % [69.15 %, 100.00 %]"},
	} {
		s := parsed(t, "name: t\nduration: 10s\nworkloads: [{name: w}]\nexpect_set:\n  "+test.expect+"\n")
		figure, _, _ := strings.Cut(test.expect, ":")
		if figure == "passed" || figure == "client_recovery" {
			figure = "failover_time"
		}
		e := set.Aggregate(set.Set{}, runs(figure, test.values...), s).Expectations[0]
		got := "null"
		if e.Got != nil {
			if got = fmt.Sprint(float64(*e.Got)); e.Got.IsNever() {
				got = "never"
			}
		}
		if e.OK != test.ok || e.Name != test.name || got != test.got || e.Shown != test.shown {
			t.Errorf("%s of %v: %v, %q, %s, %q\nwant %v, %q, %s, %q", test.expect, test.values, e.OK, e.Name, got, e.Shown, test.ok, test.name, test.got, test.shown)
		}
	}
}

func TestVerdictOfASet(t *testing.T) {
	const held, broken, share = "expect_set: {failover_time: {max: 9s}}\n", "expect_set: {failover_time: {max: 1s}}\n", "expect_set: {passed: 50%}\n"
	fails := func(n int) func([]set.Run) {
		return func(runs []set.Run) {
			for i := range n {
				runs[i].Verdict, runs[i].Failed = report.Fail, []string{"lost_writes"}
			}
		}
	}
	errs := func(runs []set.Run) {
		runs[1].Verdict, runs[1].Error, runs[1].Values = report.Error, "the cluster did not form.\nat all", nil
	}
	skips := func(runs []set.Run) {
		for i := range runs {
			runs[i].Verdict, runs[i].Error, runs[i].Skipped, runs[i].Values = report.Error, "it takes Docker", true, nil
		}
	}
	none := func([]set.Run) {}
	for name, test := range map[string]struct {
		expect   string
		change   func([]set.Run)
		header   set.Set
		verdict  report.Verdict
		headline string
	}{
		"nothing expected":        {"", none, set.Set{}, report.Pass, "PASS: 4 runs of t; the scenario expects nothing"},
		"each holds":              {"expect: {lost_writes: 0}\n", none, set.Set{}, report.Pass, "PASS: 4 runs of t, every expectation held in all of them"},
		"it holds":                {held, none, set.Set{}, report.Pass, "PASS: 4 runs of t, the expectation of the set held"},
		"it does not":             {broken, none, set.Set{}, report.Fail, "FAIL: 4 runs of t, the expectation of the set did not hold"},
		"one of two":              {"expect_set: {failover_time: {max: 1s, min: 5s}}\n", none, set.Set{}, report.Fail, "FAIL: 4 runs of t, 1 of 2 expectations of the set did not hold"},
		"none of two":             {"expect_set: {failover_time: {max: 1s, min: '> 5s'}}\n", none, set.Set{}, report.Fail, "FAIL: 4 runs of t, none of 2 expectations of the set held"},
		"both":                    {"expect_set: {failover_time: {max: 9s, min: 5s}}\n", none, set.Set{}, report.Pass, "PASS: 4 runs of t, all 2 expectations of the set held"},
		"a run fails":             {held, fails(1), set.Set{}, report.Fail, "FAIL: 4 runs of t, 1 failed"},
		"half of the runs pass":   {share, fails(2), set.Set{}, report.Pass, "PASS: 4 runs of t, the expectation of the set held"},
		"too few do":              {share, fails(3), set.Set{}, report.Fail, "FAIL: 4 runs of t, the expectation of the set did not hold"},
		"a run not carried out":   {held, errs, set.Set{}, report.Error, "ERROR: 4 runs of t, 1 was not carried out"},
		"that, and a failure":     {broken, errs, set.Set{}, report.Error, "ERROR: 4 runs of t, 1 was not carried out"},
		"an interrupt":            {held, none, set.Set{Error: "interrupted after 4 of 20 runs"}, report.Error, "ERROR: 4 runs of t: interrupted after 4 of 20 runs"},
		"what cannot be run here": {held, skips, set.Set{}, report.Error, "SKIPPED: t"},
	} {
		all := runs("failover_time", 2000, 3000, 2500, 2600)
		for i := range all {
			all[i].Values["lost_writes"] = 0
		}
		test.change(all)
		s := set.Aggregate(test.header, all, parsed(t, "name: t\nduration: 10s\nworkloads: [{name: w}]\n"+test.expect))
		if s.Verdict != test.verdict || set.Headline(s) != test.headline {
			t.Errorf("%s: %s, %q\nwant %s, %q", name, s.Verdict, set.Headline(s), test.verdict, test.headline)
		}
		f := s.Figure("failover_time")
		if name == "that, and a failure" && (f == nil || f.N != 3 || len(s.Expectations) != 1 || s.Expectations[0].OK ||
			!strings.Contains(strings.Join(s.Notes, "\n"), "Run t-2 was not carried out: the cluster did not form. Its figures count in nothing.")) {
			t.Errorf("%s: %+v, %+v, %q", name, f, s.Expectations, s.Notes)
		}
	}
	if s := set.Aggregate(set.Set{}, nil, parsed(t, "name: t\nduration: 10s\n")); s.Verdict != report.Error || set.Headline(s) != "ERROR: no run of t was made" {
		t.Errorf("%s, %q", s.Verdict, set.Headline(s))
	}
}

func TestOutliersAreNamed(t *testing.T) {
	never, scenario := math.Inf(1), parsed(t, "name: t\nduration: 10s\n")
	for name, test := range map[string]struct {
		values []float64
		want   string
	}{
		"too few":           {[]float64{1, 1, 1, 1, 1, 1, 9}, "[]"},
		"one above":         {[]float64{10, 11, 12, 13, 14, 15, 16, 90}, "[{t-8 90}]"},
		"one below":         {[]float64{1, 51, 52, 53, 54, 55, 56, 57}, "[{t-1 1}]"},
		"one never":         {[]float64{10, 11, never, 13, 14, 15, 16, 17}, "[{t-3 +Inf}]"},
		"a quarter never":   {[]float64{10, 11, never, never, never, 15, 16, 17}, "[]"},
		"all but one equal": {[]float64{0, 0, 0, 0, 0, 0, 0, 4}, "[{t-8 4}]"},
		"none":              {[]float64{10, 11, 12, 13, 14, 15, 16, 17}, "[]"},
	} {
		f := set.Aggregate(set.Set{}, runs("failover_time", test.values...), scenario).Figure("failover_time")
		if got := fmt.Sprint(f.Outliers); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

package set_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// recorded reads a set of runs that were made with Redis 7.0.15 on the local runtime, and its
// scenario: a cluster-node-timeout of 1000 ms, and in never.json of 4600 ms, with a fault of 6 s.
func recorded(t testing.TB, name string) (*set.Set, *scenarios.Scenario) {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s, err := set.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return s, parsed(t, s.Source)
}

func parsed(t testing.TB, source string) *scenarios.Scenario {
	t.Helper()
	s, err := parse.Scenario("scenario.yaml", []byte(source), experiment.Catalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// analysed is the result of a run whose record is among those of package report.
func analysed(t testing.TB, name string) (*report.Result, *scenarios.Scenario) {
	t.Helper()
	dir := filepath.Join("..", "testdata", name)
	s, _, err := parse.Load(t.Context(), filepath.Join(dir, "scenario.yaml"), experiment.Catalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var events io.Reader
	if plain, err := os.ReadFile(filepath.Join(dir, "events.ndjson")); err == nil {
		events = bytes.NewReader(plain)
	} else {
		packed, err := os.ReadFile(filepath.Join(dir, "events.ndjson.gz"))
		if err != nil {
			t.Fatal(err)
		}
		if events, err = gzip.NewReader(bytes.NewReader(packed)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := record.Read(events)
	if err != nil {
		t.Fatal(err)
	}
	return prose.Describe(analysis.Analyze(s, all)), s
}

// Aggregating the runs of a recorded set again comes to the same.
func TestAggregateRecordedSets(t *testing.T) {
	for name, want := range map[string]struct {
		verdict                report.Verdict
		n, never               int
		medianRank, low, high  int // of failover_time, from 1; a rank of 0 is no bound
		outliers               int
		lost, firstExpectation string
	}{
		"master-kill":      {report.Pass, 14, 0, 7, 3, 12, 1, "0 – 0", "p95 2.87 s of 14 runs [2.58 s, –]"},
		"master-partition": {report.Pass, 6, 0, 3, 1, 6, 0, "841 – 1,031", ""},
		"never":            {report.Fail, 10, 7, 5, 2, 9, 0, "0 – 0", "3 of 10 runs, 30.00 % [6.67 %, 65.25 %]"},
	} {
		t.Run(name, func(t *testing.T) {
			before, scenario := recorded(t, name)
			s := set.Aggregate(set.Set{}, before.Runs, scenario)
			if s.Verdict != want.verdict || !reflect.DeepEqual(s.Figures, before.Figures) || !reflect.DeepEqual(s.Expectations, before.Expectations) || !reflect.DeepEqual(s.Each, before.Each) {
				t.Errorf("%s\n%+v\n%+v\nbefore\n%s\n%+v\n%+v", s.Verdict, s.Figures, s.Expectations, before.Verdict, before.Figures, before.Expectations)
			}
			if !s.Started.Equal(before.Started) || s.Duration != before.Duration {
				t.Errorf("from %v for %v ms", s.Started, s.Duration)
			}
			f := s.Figure("failover_time")
			var sorted []stats.Value
			for _, r := range s.Runs {
				sorted = append(sorted, r.Values["failover_time"])
			}
			slices.Sort(sorted)
			median := sorted[want.medianRank-1]
			if next := sorted[want.medianRank]; next != median {
				median = (median + next) / 2
			}
			if f.N != want.n || f.Never != want.never || *f.Median != median || *f.MedianCI[0] != sorted[want.low-1] || *f.MedianCI[1] != sorted[want.high-1] || f.P95CI[1] != nil || len(f.Outliers) != want.outliers {
				t.Errorf("%+v, %v", f, sorted)
			}
			lost := s.Figure("lost_writes")
			if got := set.Text(set.Count, *lost.Min) + " – " + set.Text(set.Count, *lost.Max); got != want.lost {
				t.Errorf("lost %s, want %s", got, want.lost)
			}
			if len(s.Expectations) > 0 && s.Expectations[0].Shown != want.firstExpectation || len(s.Expectations) == 0 && want.firstExpectation != "" {
				t.Errorf("%+v", s.Expectations)
			}
		})
	}
}

// A run has the figures that its workloads can tell, each with its value or the reason why there
// is none.
func TestOf(t *testing.T) {
	result, scenario := analysed(t, "master-partition")
	run := set.Of(result, scenario, "runs/x")
	for name, want := range map[string]float64{
		"failover_time": 3694.5, "client_recovery": 3947.2, "lost_writes": 1918, "failovers": 1, "recovered": 1, "pfail": 2002.4, "fail": 3009.8,
		"election": 3687.8, "promoted": 3690.8, "converged": 15555.1, "redundant": 21008.6, "suspicion": 2002.4, "agreement": 1007.5, "election_delay": 678, "unavailable": 981.2,
	} {
		if got := float64(run.Values[name]); got < want-0.06 || got > want+0.06 {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if run.Verdict != report.Pass || run.Dir != "runs/x" || run.ID == "" || run.Values["throughput"] < 100 {
		t.Errorf("%+v", run)
	}
	for _, name := range []string{"duplicated", "linearizable", "missed_messages", "outage_causes"} { // which a workload of type set cannot tell
		_, measured := run.Values[name]
		if reason := run.Unmeasured[name]; measured || reason != "" {
			t.Errorf("%s: %v, %q", name, measured, reason)
		}
	}

	result, scenario = analysed(t, "suspended")
	scenario.ExpectSet = []expect.SetExpectation{{Expectation: expect.Expectation{Metric: expect.Metric{Name: "lost_writes"}, Workload: "orders"}, Statistic: expect.StatisticEvery}}
	run = set.Of(result, scenario, "x")
	if reason := run.Unmeasured["failover_time"]; !strings.Contains(reason, "between") {
		t.Errorf("failover_time: %q", reason)
	}
	if _, ok := run.Values["workloads.orders.lost_writes"]; !ok || len(run.Failed) == 0 {
		t.Errorf("%+v", run)
	}

	result, scenario = analysed(t, "double-master-kill")
	if run = set.Of(result, scenario, "x"); !run.Values["failover_time"].IsNever() || !run.Values["client_recovery"].IsNever() {
		t.Errorf("%+v", run.Values)
	}

	result.Verdict, result.Error = report.Error, "no memory was left\nat all"
	if run = set.Of(result, scenario, "x"); len(run.Values) != 0 || len(run.Failed) != 0 || run.Error == "" {
		t.Errorf("%+v", run)
	}
}

func TestDescribe(t *testing.T) {
	var s set.Set
	s.Describe(&report.Result{Run: report.Run{Scenario: "x", Runtime: "local", Engine: "e", Tool: "t", Server: record.Server{Name: "redis"}, Topology: report.Topology{Masters: 3}, Config: map[string]string{"a": "b"}}})
	if s.Scenario != "x" || s.Runtime != "local" || s.Engine != "e" || s.Tool != "t" || s.Server.Name != "redis" || s.Topology.Masters != 3 || s.Config["a"] != "b" {
		t.Errorf("%+v", s)
	}
}

// many is a set of n runs: the recorded ones, again and again.
func many(t testing.TB, n int) ([]set.Run, *scenarios.Scenario) {
	t.Helper()
	s, scenario := recorded(t, "never")
	var runs []set.Run
	for i := range n {
		r := s.Runs[i%len(s.Runs)]
		r.ID += "-" + strings.Repeat("x", i/len(s.Runs)) // unique
		r.Started = r.Started.Add(time.Duration(i) * time.Minute)
		runs = append(runs, r)
	}
	return runs, scenario
}

// Many runs take little memory, however they are shown.
func TestFiveHundredRuns(t *testing.T) {
	runs, scenario := many(t, 500)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s := set.Aggregate(set.Set{}, runs, scenario)
	if page := rendered(t, s)["set.html"]; !strings.Contains(page, s.Runs[499].ID) {
		t.Error("the page does not have the last run")
	}
	runtime.ReadMemStats(&after)
	const most = 200 << 20
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("it took %d MiB", took>>20)
	}
	if f := s.Figure("failover_time"); f.N != 500 || f.Never != 350 || f.MedianCI[1] == nil || f.P95CI[1] == nil {
		t.Errorf("%+v", f)
	}
}

func BenchmarkAggregate500(b *testing.B) {
	runs, scenario := many(b, 500)
	for b.Loop() {
		set.Aggregate(set.Set{}, runs, scenario)
	}
}

// From the results of runs to every form of their set.
func BenchmarkSetOf500Results(b *testing.B) {
	result, scenario := analysed(b, "master-kill")
	for b.Loop() {
		var runs []set.Run
		for i := range 500 {
			result.Run.ID = "run-" + strings.Repeat("x", i)
			runs = append(runs, set.Of(result, scenario, result.Run.ID))
		}
		rendered(b, set.Aggregate(set.Set{}, runs, scenario))
	}
}

package tune

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// simulation is a cluster of three masters by what their servers do at fixed and at random
// times.
type simulation struct {
	*rand.Rand
	runs, trials int
	lose         float64 // share of runs that lose writes
	never        float64 // share of failovers that never come
	slower       float64 // ms that clients take longer
}

func simulate(seed uint64) *simulation {
	return &simulation{Rand: rand.New(rand.NewPCG(seed, 1)), runs: 10, trials: 12}
}

func (s *simulation) upTo(ms record.Millis) float64 { return s.Float64() * float64(ms) }

// marked is how long a master is silent before it is marked as failed, in ms.
func (s *simulation) marked(timeout float64) float64 {
	suspected := timeout + max(s.upTo(record.Millis(timeout/2)), s.upTo(record.Millis(timeout/2)))
	return suspected + s.upTo(100) + s.upTo(100) + s.ExpFloat64()*50
}

// sweep is one over values of cluster-node-timeout.
func (s *simulation) sweep(values ...string) *Tune {
	t := &Tune{
		Schema: Schema, ID: "master-kill-20260101-000000", Scenario: "master-kill", Started: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Duration: 840_000, Seed: 1, Runtime: "local", Engine: "processes", Tool: "test", Server: record.Server{Name: "redis", Version: "7.0.15", Binary: "redis-server"},
		Source: "name: master-kill\n", Command: "chaos tune master-kill",
		How:        set.How{Asked: len(values) * s.runs, Parallel: 2, Why: "two cores", Clusters: 4, ReuseWhy: "it is quicker"},
		Parameters: []Parameter{{Path: "cluster.config.cluster-node-timeout", Values: values}},
		Notes:      []string{},
	}
	for _, v := range values {
		t.Points = append(t.Points, s.point(v))
	}
	return t
}

// point is one with the timeout as its first value.
func (s *simulation) point(values ...string) Point {
	d, err := time.ParseDuration(values[0])
	if err != nil {
		panic(err)
	}
	timeout := record.Millis(d / time.Millisecond)
	p := Point{Values: values, Failures: []Failure{s.failures(ScenarioFailure, float64(timeout))}, Hiccups: []Hiccup{s.hiccups("freeze", float64(timeout))}}
	p.Predict(record.Server{Name: "redis", Version: "7.0.15"}, 3, timeout, 5)
	return p
}

func (s *simulation) failures(kind string, timeout float64) Failure {
	f := Failure{Kind: kind}
	for i := range s.runs {
		took := s.marked(timeout) + 500 + s.upTo(500) + s.upTo(100)
		client := stats.Value(took + s.upTo(200) + s.slower)
		server := stats.Value(took)
		if s.Float64() < s.never {
			server, client = stats.Never, stats.Never
		}
		var lost stats.Value
		if s.Float64() < s.lose {
			lost = stats.Value(1 + s.IntN(40))
		}
		id := fmt.Sprintf("%s-%.0f-%d", kind, timeout, i)
		f.Runs = append(f.Runs, set.Run{ID: id, Dir: "runs/" + id, Verdict: report.Pass, Cluster: 1, Values: map[string]stats.Value{
			figureServer: server, figureClient: client, figureLost: lost, "unavailable": server, "failed_ratio": 0.01,
		}})
	}
	return f
}

// hiccups tries lengths about the threshold: a shorter one after each that failed, and a longer
// one after each that did not.
func (s *simulation) hiccups(kind string, timeout float64) Hiccup {
	h := Hiccup{Kind: kind}
	length := record.Millis(timeout * (1 + s.Float64()))
	for i := range s.trials {
		failed := record.Millis(s.marked(timeout)) < length
		id := fmt.Sprintf("%s-%.0f-%d", kind, timeout, i)
		h.Trials = append(h.Trials, stats.Trial{Length: length, Failed: failed, Run: id})
		h.Runs = append(h.Runs, set.Run{ID: id, Dir: "runs/" + id, Verdict: report.Pass, Values: map[string]stats.Value{}})
		if failed {
			length *= record.Millis(0.8 + s.upTo(0.1))
		} else {
			length *= record.Millis(1.05 + s.upTo(0.1))
		}
	}
	return h.searched(timeout/4, 4*timeout)
}

// searched sums up trials of lengths within bounds.
func (h Hiccup) searched(least, most float64) Hiccup {
	search := stats.NewSearch(least, most)
	for _, t := range h.Trials {
		search.Add(t)
		h.FalseFailovers += boolean(t.Failed)
	}
	h.Threshold = search.Threshold()
	return h
}

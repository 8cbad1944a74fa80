package sweep

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/tune"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// point is one combination of values, and what was found of it so far.
type point struct {
	values    []string
	overrides []string
	timeout   time.Duration
	failures  []*failure
	hiccups   []*hiccup
	// broken counts the runs that could not be carried out, one after the other, and why the
	// last one could not.
	broken   int
	why      string
	rejected string
	made     int // runs that were carried out
	example  *report.Result
}

// mostBroken is how many runs of a point, one after the other, may not be carried out until no
// more are made of it.
const mostBroken = 2

// failure is a kind of real failure at a point.
type failure struct {
	kind     string
	scenario *scenarios.Scenario
	runs     []set.Run
}

func carriedOut(runs []set.Run) int { return len(set.Carried(runs)) }

// hiccup is a kind of hiccup at a point.
type hiccup struct {
	kind   Hiccup
	search *stats.Search
	trials []stats.Trial
	runs   []set.Run
	shard  int // of the next trial
	unable string
}

// The lengths at which hiccups are tried, beside those of a cluster's timeout.
const (
	shortest = 0.5 // of cluster-node-timeout
	longest  = 1.7
	beyond   = 1500 * time.Millisecond // on top of the longest
	// starving is the longest of starve: a server that gets next to no processor time answers
	// now and then, and is suspected late.
	starving = 4.0
)

func newHiccup(kind Hiccup, timeout time.Duration) *hiccup {
	low := shortest * record.InMillis(timeout)
	most := longest
	if kind == Starve {
		most = starving
	}
	high := record.Millis(most*float64(record.InMillis(timeout))) + record.InMillis(beyond)
	return &hiccup{kind: kind, search: stats.NewSearch(float64(low), float64(high))}
}

// lengths are the next n hiccups to try.
func (h *hiccup) lengths(n int, rnd *rand.Rand) (lengths []time.Duration) {
	for _, ms := range h.search.Several(n, rnd) {
		lengths = append(lengths, max(10*time.Millisecond, time.Duration(ms)*time.Millisecond))
	}
	return lengths
}

// learn takes in what came of the hiccups of a run. One that did not take hold, or whose end is
// not known, shows nothing. How long they lasted is measured, but for blocks: a server that was
// blocked answers after what had piled up meanwhile, and sleeps exactly as long as it was told.
func (h *hiccup) learn(r *report.Result, asked []scenarios.Fault) {
	for i, f := range r.Faults {
		if f.Error != "" || f.Effective == nil || f.Healed == nil || len(r.Incidents) > 0 || len(r.Holes) > 0 {
			continue
		}
		t := stats.Trial{
			Length: *f.Healed - *f.Effective, Run: r.Run.ID,
			Failed: slices.ContainsFunc(r.Failovers, func(o report.Failover) bool { return o.Fault != nil && *o.Fault == i }),
		}
		if h.kind == Block {
			t.Length = record.InMillis(asked[i].For.D())
		}
		h.trials = append(h.trials, t)
		h.search.Add(t)
	}
}

// snapshot is the point as it is reported.
func (p *point) snapshot() tune.Point {
	t := tune.Point{Values: p.values, Rejected: p.rejected, Failures: []tune.Failure{}, Hiccups: []tune.Hiccup{}}
	for _, f := range p.failures {
		t.Failures = append(t.Failures, tune.Failure{Kind: f.kind, Runs: f.runs, Figures: set.Aggregate(set.Set{}, f.runs, f.scenario).Figures})
	}
	for _, h := range p.hiccups {
		failed := 0
		for _, trial := range h.trials {
			if trial.Failed {
				failed++
			}
		}
		t.Hiccups = append(t.Hiccups, tune.Hiccup{
			Kind: string(h.kind), Trials: h.trials, Threshold: h.search.Threshold(), FalseFailovers: failed, Runs: h.runs, Unable: h.unable,
		})
	}
	return t
}

// restore takes over what an earlier part of the sweep found of the point.
func (p *point) restore(t tune.Point) {
	p.rejected = t.Rejected
	for _, f := range p.failures {
		for _, was := range t.Failures {
			if was.Kind == f.kind {
				f.runs = was.Runs
				p.made += carriedOut(was.Runs)
			}
		}
	}
	for _, h := range p.hiccups {
		for _, was := range t.Hiccups {
			if was.Kind != string(h.kind) {
				continue
			}
			h.runs, h.trials, h.unable = was.Runs, was.Trials, was.Unable
			p.made += carriedOut(was.Runs)
			for _, trial := range was.Trials {
				h.search.Add(trial)
			}
		}
	}
}

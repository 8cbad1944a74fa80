package tune

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// given is a sweep over one parameter with these points.
func given(points ...Point) *Tune {
	t := &Tune{Schema: Schema, ID: "s-1", Scenario: "s", Points: points}
	var values []string
	for _, p := range points {
		values = append(values, p.Values...)
	}
	t.Parameters = []Parameter{{Path: "cluster.config.cluster-node-timeout", Values: values}}
	return t
}

// point is one with ten failovers, evenly apart about a median, and with hiccups survived of up
// to about a length.
func point(name string, median, survived float64) Point {
	p := Point{Values: []string{name}, Failures: []Failure{{Kind: ScenarioFailure}}}
	for i := range 10 {
		p.Failures[0].Runs = append(p.Failures[0].Runs, ran(name, i, record.Millis(median*(1+0.02*(float64(i)-4.5))), 0))
	}
	return p.surviving("freeze", record.Millis(survived))
}

func ran(name string, i int, ms, lost record.Millis) set.Run {
	id := fmt.Sprintf("%s-%d", name, i)
	return set.Run{ID: id, Dir: "runs/" + id, Values: map[string]stats.Value{figureClient: stats.Value(ms), figureServer: stats.Value(ms - 100), figureLost: stats.Value(lost)}}
}

// surviving adds a kind of hiccup, of which those up to a length are survived, and those of 1.1
// times that are not.
func (p Point) surviving(kind string, ms record.Millis) Point {
	h := Hiccup{Kind: kind}
	for _, by := range []float64{0.7, 0.8, 0.9, 0.95, 1, 1, 1.1, 1.1, 1.15, 1.2, 1.3, 1.5} {
		h.Trials = append(h.Trials, stats.Trial{Length: record.Millis(by * float64(ms)), Failed: by > 1})
	}
	p.Hiccups = append(p.Hiccups, h.searched(float64(ms/4), float64(4*ms)))
	return p
}

// bound is a constraint.
func bound(limit float64) *float64 { return &limit }

// taking has the first failovers take so long.
func (p Point) taking(values ...stats.Value) Point {
	for i, v := range values {
		p.Failures[0].Runs[i].Values[figureClient] = v
	}
	return p
}

// losing has the first runs lose writes.
func (p Point) losing(writes ...float64) Point {
	for i, n := range writes {
		p.Failures[0].Runs[i].Values[figureLost] = stats.Value(n)
	}
	return p
}

package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// state is what a stretch of a lane shows. Class names its colour.
type state struct{ Class, Text string }

// states are all of them, in the legend's order: the graver an answer to a
// probe, the later.
func states() []state {
	return []state{
		{"ack", "node acks the probe's write"},
		{"moved", "redirects it (MOVED)"},
		{"loading", "is loading its data"},
		{"other", "other error"},
		{"clusterdown", "CLUSTERDOWN"},
		{"silent", "refused, reset, unreachable or timeout"},
		{"client", "application's writes acked"},
		{"lost", "acked writes lost, from the first to the last"},
	}
}

func gravity(class string) int {
	return slices.IndexFunc(states(), func(s state) bool { return s.Class == class })
}

// stateOf is the class of an answer to a probe.
func stateOf(answer string) string {
	switch answer {
	case "ack", "clusterdown", "loading":
		return answer
	case "moved", "ask":
		return "moved"
	case "refused", "reset", "unreachable", "timeout":
		return "silent"
	default:
		return "other"
	}
}

// lane is one line of the timeline: what one node answered its probes, or the
// acks of one workload on one shard.
type lane struct {
	name   string
	client bool    // a workload's
	end    float64 // when the workload ended, in ms
	spans  []span
	lost   int64       // how many writes acked here were lost,
	window *[2]float64 // and when the first and the last of them were acked
}

// span is a stretch of a lane, in ms on the run's clock.
type span struct {
	class    string
	from, to float64
	counts   map[string]int64 // by answer
}

// laneGroup is the lanes of one shard, or of nodes that are in none.
type laneGroup struct {
	shard int
	name  string
	lanes []*lane
}

// laneGroups sorts what the record holds into lanes. In a group, the nodes come
// first and the workloads after them, so that an application's outage is next
// to the server's.
func laneGroups(h *history, r *Result) []laneGroup {
	nodes, clients := nodeLanes(h), clientLanes(h)
	var workloads []string
	for _, w := range r.Workloads {
		workloads = append(workloads, w.Name)
	}
	for _, a := range h.acks {
		if !slices.Contains(workloads, a.workload) {
			workloads = append(workloads, a.workload)
		}
	}
	var groups []laneGroup
	for _, s := range h.started.Shards {
		g := laneGroup{shard: s.Shard, name: fmt.Sprintf("shard %d", s.Shard)}
		for _, name := range append([]string{s.Master}, s.Replicas...) {
			g.lanes = append(g.lanes, cmp.Or(nodes[name], &lane{name: name}))
			delete(nodes, name)
		}
		for _, name := range workloads {
			l := cmp.Or(clients[clientLane{name, s.Shard}], &lane{name: name, client: true})
			l.loss(name, s.Shard, r)
			for _, d := range h.done {
				if d.Name == name {
					l.end = d.EndMS
				}
			}
			g.lanes = append(g.lanes, l)
		}
		groups = append(groups, g)
	}
	if len(nodes) > 0 {
		others := laneGroup{shard: -1, name: "in no shard"}
		for _, name := range slices.Sorted(maps.Keys(nodes)) {
			others.lanes = append(others.lanes, nodes[name])
		}
		groups = append(groups, others)
	}
	return groups
}

func nodeLanes(h *history) map[string]*lane {
	address := map[string]string{}
	for _, n := range h.started.Nodes {
		address[n.Address] = n.Name
	}
	lanes := map[string]*lane{}
	for _, r := range h.rows {
		if lanes[r.node] == nil {
			lanes[r.node] = &lane{name: r.node}
		}
		answer := r.answer
		if r.to != "" {
			answer += " to " + cmp.Or(address[r.to], r.to)
		}
		lanes[r.node].add(stateOf(r.answer), answer, r.from, r.till, r.count)
	}
	return lanes
}

// clientLane tells the lanes of workloads apart.
type clientLane struct {
	workload string
	shard    int
}

func clientLanes(h *history) map[clientLane]*lane {
	lanes := map[clientLane]*lane{}
	for _, e := range h.events {
		a, ok := e.Data.(*record.Acks)
		if !ok {
			continue
		}
		key := clientLane{a.Workload, a.Shard}
		if lanes[key] == nil {
			lanes[key] = &lane{name: a.Workload, client: true}
		}
		lanes[key].add("client", "acked by "+a.Node, e.MS, a.UntilMS, a.Count)
	}
	return lanes
}

func (l *lane) add(class, answer string, from, to float64, count int64) {
	l.spans = append(l.spans, span{class: class, from: from, to: to, counts: map[string]int64{answer: count}})
}

// loss notes how many of the workload's acked writes on the shard were lost.
func (l *lane) loss(workload string, shard int, r *Result) {
	for _, w := range r.Workloads {
		if w.Name == workload && w.Writes.LossWindowMS != nil {
			l.lost, l.window = w.Writes.LostByShard[shard], w.Writes.lossWindowOf(shard)
		}
	}
}

// merged joins neighbours that together are shorter than grain. The gravest
// answer gives the colour.
func (l *lane) merged(grain float64) []span {
	var all []span
	for _, s := range l.spans {
		if n := len(all); n > 0 && s.to-all[n-1].from < grain {
			all[n-1] = all[n-1].join(s)
			continue
		}
		all = append(all, s)
	}
	return all
}

func (s span) join(o span) span {
	counts := maps.Clone(s.counts)
	for answer, n := range o.counts {
		counts[answer] += n
	}
	class := s.class
	if gravity(o.class) > gravity(class) {
		class = o.class
	}
	return span{class: class, from: s.from, to: max(s.to, o.to), counts: counts}
}

// title is the span's figures in words.
func (s span) title(l *lane) string {
	var parts []string
	for _, answer := range slices.Sorted(maps.Keys(s.counts)) {
		parts = append(parts, fmt.Sprintf("%s × %s", answer, Count(s.counts[answer])))
	}
	return fmt.Sprintf("%s: %s, %s – %s", l.name, strings.Join(parts, ", "), Duration(s.from), Duration(s.to))
}

// maxBars bounds the size of the page: where the record holds more spans, the
// shortest are joined.
const maxBars = 3000

// grain is the length below which neighbours are joined, in ms: what a screen
// does not tell apart, or more where the page would grow too large.
func grain(lanes []*lane, end float64) float64 {
	for grain := end / 1000; ; grain *= 2 {
		bars := 0
		for _, l := range lanes {
			bars += len(l.merged(grain))
		}
		if bars <= maxBars || grain > end {
			return grain
		}
	}
}

// silence is how long a workload got no ack, in ms on the run's clock.
type silence struct{ from, to float64 }

func (l *lane) silences() []silence {
	var gaps []silence
	var until float64
	for _, s := range l.spans {
		if s.from > until {
			gaps = append(gaps, silence{until, s.from})
		}
		until = max(until, s.to)
	}
	if l.end > until {
		gaps = append(gaps, silence{until, l.end})
	}
	return gaps
}

// step is a moment of a failover that the timeline marks.
type step struct {
	class, text, title string
	at                 float64 // ms on the run's clock
}

// stepsOf are the marked moments of a shard's failovers.
func stepsOf(r *Result, shard int) []step {
	var steps []step
	for _, f := range r.Failovers {
		if f.Shard != shard {
			continue
		}
		if f.Origin == OriginNone {
			if f.AtMS != nil {
				steps = append(steps, step{"promoted", "unprompted failover", failoverSentence(r, f), *f.AtMS})
			}
			continue
		}
		effective := f.effective
		add := func(class, text string, since *float64) {
			if since != nil {
				title := fmt.Sprintf("shard %d, %s: after %s, at %s", shard, text, Duration(*since), Duration(effective+*since))
				steps = append(steps, step{class, text + " +" + Duration(*since), title, effective + *since})
			}
		}
		add("failed", "marked failed", f.FailMS)
		add("promoted", "promoted", f.PromotedMS)
		add("served", "first write", f.FirstWriteMS)
		add("reached", "client recovered", f.ClientRecoveryMS)
	}
	return steps
}

// shortList names a few, or counts many.
func shortList(names []string) string {
	if len(names) > 3 {
		return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
	}
	return strings.Join(names, ", ")
}

package analysis

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// timelineOf sorts what the record holds into lanes. Spans that no screen tells apart are
// joined.
func timelineOf(facts *observed.Facts, workloads []report.Workload) *report.Timeline {
	if facts.End <= 0 {
		return nil
	}
	t := &report.Timeline{End: facts.End, Lanes: []report.Lane{}}
	nodes, acks := nodeLanes(facts), ackLanes(facts)
	var names []string
	for _, w := range workloads {
		names = append(names, w.Name)
	}
	for _, a := range facts.Acks {
		if !slices.Contains(names, a.Workload) {
			names = append(names, a.Workload)
		}
	}
	for _, s := range facts.Started.Shards {
		for _, node := range append([]string{s.Master}, s.Replicas...) {
			t.Lanes = append(t.Lanes, report.Lane{Shard: &s.Shard, Node: node, Spans: nodes[node]})
			delete(nodes, node)
		}
		for _, name := range names {
			l := report.Lane{Shard: &s.Shard, Workload: name, Spans: acks[ackLane{name, s.Shard}]}
			for _, d := range facts.Done {
				if d.Name == name {
					l.End = d.End
				}
			}
			t.Lanes = append(t.Lanes, l)
		}
	}
	for _, node := range slices.Sorted(maps.Keys(nodes)) {
		t.Lanes = append(t.Lanes, report.Lane{Node: node, Spans: nodes[node]})
	}
	join(t)
	return t
}

func nodeLanes(facts *observed.Facts) map[string][]report.Span {
	address := map[string]string{}
	for _, n := range facts.Started.Nodes {
		address[n.Address] = n.Name
	}
	for _, e := range facts.Events {
		if is, ok := e.Data.(*record.Identity); ok {
			address[is.Address] = is.Node
		}
	}
	lanes := map[string][]report.Span{}
	for _, r := range facts.Rows {
		answer := r.Answer
		if r.To != "" {
			answer += report.RedirectedTo + cmp.Or(address[r.To], r.To)
		}
		lanes[r.Node] = append(lanes[r.Node], report.Span{From: r.From, To: r.Till, Answers: map[string]int64{answer: r.Count}})
	}
	return lanes
}

// ackLane tells the lanes of workloads apart.
type ackLane struct {
	workload string
	shard    int
}

func ackLanes(facts *observed.Facts) map[ackLane][]report.Span {
	lanes := map[ackLane][]report.Span{}
	for _, e := range facts.Events {
		if a, ok := e.Data.(*record.Acks); ok {
			key := ackLane{a.Workload, a.Shard}
			lanes[key] = append(lanes[key], report.Span{From: e.At, To: a.Until, Answers: map[string]int64{"acked by " + a.Node: a.Count}})
		}
	}
	return lanes
}

// maxSpans bounds the size of a timeline: where the record holds more, the shortest are joined.
const maxSpans = 3000

// join joins neighbours that are shorter together than what a screen tells apart, or than
// leaves no more than maxSpans.
func join(t *report.Timeline) {
	least := t.End / 1000
	for count(t, least) > maxSpans && least <= t.End {
		least *= 2
	}
	for i := range t.Lanes {
		t.Lanes[i].Spans = joined(t.Lanes[i].Spans, least)
	}
}

// count is how many spans are left where those are joined that are shorter than least.
func count(t *report.Timeline, least record.Millis) (n int) {
	for _, l := range t.Lanes {
		from := record.Millis(math.Inf(-1))
		for _, s := range l.Spans {
			if s.To-from >= least {
				n++
				from = s.From
			}
		}
	}
	return n
}

// joined joins neighbours that together are shorter than least, in ms.
func joined(spans []report.Span, least record.Millis) []report.Span {
	all := []report.Span{}
	for _, s := range spans {
		if n := len(all); n > 0 && s.To-all[n-1].From < least {
			all[n-1] = with(all[n-1], s)
			continue
		}
		all = append(all, s)
	}
	return all
}

func with(s report.Span, o report.Span) report.Span {
	answers := maps.Clone(s.Answers)
	for answer, n := range o.Answers {
		answers[answer] += n
	}
	return report.Span{From: s.From, To: max(s.To, o.To), Answers: answers}
}

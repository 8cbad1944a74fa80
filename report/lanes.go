package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Timeline is what the nodes answered their probes, and which acks workloads had, over a run.
type Timeline struct {
	EndMS float64 `json:"end_ms"`
	// Lanes are those of the shards in order: of each the nodes first, and the workloads after
	// them. Nodes that are in no shard come last.
	Lanes []Lane `json:"lanes"`
}

// Lane is what one node answered its probes, or the acks of one workload on one shard.
type Lane struct {
	Shard    *int   `json:"shard"`
	Node     string `json:"node,omitempty"`
	Workload string `json:"workload,omitempty"`
	// EndMS is when the workload ended.
	EndMS float64 `json:"end_ms,omitempty"`
	Spans []Span  `json:"spans"`
}

// Span is a time of like answers, or of several where each was short.
type Span struct {
	FromMS float64 `json:"from_ms"` // on the run's clock
	ToMS   float64 `json:"to_ms"`
	// Answers counts them: "ack", "moved to redis-master-2", "acked by redis-master-1".
	Answers map[string]int64 `json:"answers"`
}

// timelineOf sorts what the record holds into lanes. Spans that no screen tells apart are
// joined.
func timelineOf(h *history, workloads []Workload) *Timeline {
	if h.end <= 0 {
		return nil
	}
	t := &Timeline{EndMS: h.end, Lanes: []Lane{}}
	nodes, acks := nodeLanes(h), ackLanes(h)
	var names []string
	for _, w := range workloads {
		names = append(names, w.Name)
	}
	for _, a := range h.acks {
		if !slices.Contains(names, a.workload) {
			names = append(names, a.workload)
		}
	}
	for _, s := range h.started.Shards {
		for _, node := range append([]string{s.Master}, s.Replicas...) {
			t.Lanes = append(t.Lanes, Lane{Shard: &s.Shard, Node: node, Spans: nodes[node]})
			delete(nodes, node)
		}
		for _, name := range names {
			l := Lane{Shard: &s.Shard, Workload: name, Spans: acks[ackLane{name, s.Shard}]}
			for _, d := range h.done {
				if d.Name == name {
					l.EndMS = d.EndMS
				}
			}
			t.Lanes = append(t.Lanes, l)
		}
	}
	for _, node := range slices.Sorted(maps.Keys(nodes)) {
		t.Lanes = append(t.Lanes, Lane{Node: node, Spans: nodes[node]})
	}
	join(t)
	return t
}

func nodeLanes(h *history) map[string][]Span {
	address := map[string]string{}
	for _, n := range h.started.Nodes {
		address[n.Address] = n.Name
	}
	lanes := map[string][]Span{}
	for _, r := range h.rows {
		answer := r.answer
		if r.to != "" {
			answer += redirectedTo + cmp.Or(address[r.to], r.to)
		}
		lanes[r.node] = append(lanes[r.node], Span{r.from, r.till, map[string]int64{answer: r.count}})
	}
	return lanes
}

// redirectedTo is between an answer and the node that it names.
const redirectedTo = " to "

// answerAlone is an answer without the node that it names.
func answerAlone(answer string) string {
	answer, _, _ = strings.Cut(answer, redirectedTo)
	return answer
}

// ackLane tells the lanes of workloads apart.
type ackLane struct {
	workload string
	shard    int
}

func ackLanes(h *history) map[ackLane][]Span {
	lanes := map[ackLane][]Span{}
	for _, e := range h.events {
		if a, ok := e.Data.(*record.Acks); ok {
			key := ackLane{a.Workload, a.Shard}
			lanes[key] = append(lanes[key], Span{e.MS, a.UntilMS, map[string]int64{"acked by " + a.Node: a.Count}})
		}
	}
	return lanes
}

// maxSpans bounds the size of a timeline: where the record holds more, the shortest are joined.
const maxSpans = 3000

// join joins neighbours that are shorter together than what a screen tells apart, or than
// leaves no more than maxSpans.
func join(t *Timeline) {
	for least := t.EndMS / 1000; ; least *= 2 {
		lanes, spans := slices.Clone(t.Lanes), 0
		for i := range lanes {
			lanes[i].Spans = joined(lanes[i].Spans, least)
			spans += len(lanes[i].Spans)
		}
		if spans <= maxSpans || least > t.EndMS {
			t.Lanes = lanes
			return
		}
	}
}

// joined joins neighbours that together are shorter than least, in ms.
func joined(spans []Span, least float64) []Span {
	all := []Span{}
	for _, s := range spans {
		if n := len(all); n > 0 && s.ToMS-all[n-1].FromMS < least {
			all[n-1] = all[n-1].with(s)
			continue
		}
		all = append(all, s)
	}
	return all
}

func (s Span) with(o Span) Span {
	answers := maps.Clone(s.Answers)
	for answer, n := range o.Answers {
		answers[answer] += n
	}
	return Span{s.FromMS, max(s.ToMS, o.ToMS), answers}
}

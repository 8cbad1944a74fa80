package drawing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// answerAlone is an answer without the node that it names.
func answerAlone(answer string) string {
	answer, _, _ = strings.Cut(answer, report.RedirectedTo)
	return answer
}

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

// lane is one line of the drawing: what one node answered its probes, or the acks of one
// workload on one shard.
type lane struct {
	report.Lane
	lost   int64             // how many writes acked here were lost,
	window *[2]record.Millis // and when the first and the last of them were acked
}

func (l lane) name() string { return cmp.Or(l.Node, l.Workload) }

// laneGroup is the lanes of one shard, or of nodes that are in none.
type laneGroup struct {
	shard int
	name  string
	lanes []lane
}

// laneGroups are a timeline's lanes, by shard.
func laneGroups(r *report.Result) (groups []laneGroup) {
	for _, l := range r.Timeline.Lanes {
		g := laneGroup{shard: -1, name: "in no shard"}
		if l.Shard != nil {
			g.shard, g.name = *l.Shard, fmt.Sprintf("shard %d", *l.Shard)
		}
		if n := len(groups); n == 0 || groups[n-1].shard != g.shard {
			groups = append(groups, g)
		}
		drawn := lane{Lane: l}
		if l.Workload != "" {
			drawn.loss(g.shard, r)
		}
		last := &groups[len(groups)-1]
		last.lanes = append(last.lanes, drawn)
	}
	return groups
}

// loss notes how many of the workload's acked writes on the shard were lost.
func (l *lane) loss(shard int, r *report.Result) {
	for _, w := range r.Workloads {
		if w.Name == l.Workload && w.Writes.LossWindow != nil {
			l.lost, l.window = w.Writes.LostByShard[shard], w.Writes.LossWindowOf(shard)
		}
	}
}

// class is what a bar of the lane shows: the gravest answer.
func (l lane) class(s report.Span) string {
	if l.Workload != "" {
		return "client"
	}
	class := ""
	for answer := range s.Answers {
		if c := record.AnswerClass(answerAlone(answer)); class == "" || gravity(c) > gravity(class) {
			class = c
		}
	}
	return class
}

// title is a span's figures in words.
func (l lane) title(s report.Span) string {
	var parts []string
	for _, answer := range slices.Sorted(maps.Keys(s.Answers)) {
		parts = append(parts, fmt.Sprintf("%s × %s", answer, words.Count(s.Answers[answer])))
	}
	return fmt.Sprintf("%s: %s, %s – %s", l.name(), strings.Join(parts, ", "), words.Duration(s.From), words.Duration(s.To))
}

// silences are for how long a workload got no ack.
func (l lane) silences() (gaps [][2]record.Millis) {
	var until record.Millis
	for _, s := range l.Spans {
		if s.From > until {
			gaps = append(gaps, [2]record.Millis{until, s.From})
		}
		until = max(until, s.To)
	}
	if l.End > until {
		gaps = append(gaps, [2]record.Millis{until, l.End})
	}
	return gaps
}

// mark is a moment of a failover that the timeline marks.
type mark struct {
	class, text, title string
	at                 record.Millis // ms on the run's clock
}

// marksOf are the marked moments of a shard's failovers.
func marksOf(r *report.Result, shard int) []mark {
	var marks []mark
	for _, f := range r.Failovers {
		if f.Shard != shard {
			continue
		}
		if f.Origin == report.OriginNone {
			if f.At != nil {
				marks = append(marks, mark{"promoted", "unprompted failover", prose.FailoverSentence(r, f), *f.At})
			}
			continue
		}
		effective := f.From
		add := func(class, text string, since *record.Millis) {
			if since != nil {
				title := fmt.Sprintf("shard %d, %s: after %s, at %s", shard, text, words.Duration(*since), words.Duration(effective+*since))
				marks = append(marks, mark{class, text + " +" + words.Duration(*since), title, effective + *since})
			}
		}
		add("failed", "marked failed", f.Fail)
		add("promoted", "promoted", f.Promoted)
		add("served", "first write", f.FirstWrite)
		add("reached", "client recovered", f.ClientRecovery)
	}
	return marks
}

// shortList names a few, or counts many.
func shortList(names []string) string {
	if len(names) > 3 {
		return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
	}
	return strings.Join(names, ", ")
}

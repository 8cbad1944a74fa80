package drawing

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestTheGravestAnswerColoursABar(t *testing.T) {
	if class := (lane{}).class(report.Span{Answers: map[string]int64{"moved to b": 9, "reset": 1, "clusterdown": 2}}); class != "silent" {
		t.Errorf("it is %s", class)
	}
}

func TestTextsOfTheTimelineDoNotOverlap(t *testing.T) {
	for name, after := range map[string][4]record.Millis{
		"apart":       {1000, 3000, 5000, 7000},
		"close":       {2900, 3980, 3985, 8270},
		"at once":     {3000, 3000, 3000, 3000},
		"at the end":  {8500, 8600, 8700, 8990},
		"at the side": {100, 200, 8000, 8990},
	} {
		first := 0
		r := &report.Result{Faults: []report.Fault{{Effective: new(record.Millis(1000.0))}}, Failovers: []report.Failover{{
			Fault: &first, Fail: &after[0], Promoted: &after[1], FirstWrite: &after[2], ClientRecovery: &after[3],
		}}}
		p := &painter{Drawing: &Drawing{}, end: 10_000, result: r}
		p.marks(0)
		if len(p.Marks) != 4 {
			t.Fatalf("%s: %d marks", name, len(p.Marks))
		}
		for i, a := range p.Marks {
			for _, b := range p.Marks[:i] {
				from, to := extent(a)
				otherFrom, otherTo := extent(b)
				if a.TextY == b.TextY && from < otherTo && otherFrom < to {
					t.Errorf("%s: %q and %q overlap", name, a.Text, b.Text)
				}
			}
		}
	}
}

func extent(s shape) (from, to percent) {
	if s.Anchor == "end" {
		return s.X - textWidth(s.Text), s.X
	}
	return s.X, s.X + textWidth(s.Text)
}

package observed

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// silenceAt is for how long a node gave its probes no answer around a moment, in ms.
func (facts *Facts) silenceAt(node string, ms record.Millis) record.Millis {
	last, next := record.Millis(0), facts.ObservedUntil()
	for _, r := range facts.rowsOf[node] {
		switch {
		case record.AnswerClass(r.Answer) == "silent":
		case r.From > ms:
			next = min(next, r.From)
		case r.Till >= ms:
			return 0
		default:
			last = max(last, r.Till)
		}
	}
	return next - last
}

// addRow takes in a row of answers, or the next part of one.
func (facts *Facts) addRow(ms record.Millis, d *record.Probe) {
	facts.End = max(facts.End, d.Until)
	if d.Continues {
		for i := len(facts.Rows) - 1; i >= 0; i-- {
			r := &facts.Rows[i]
			if r.Node != d.Node {
				continue
			}
			if r.Answer == d.Answer && r.To == d.To {
				r.Till, r.Count, r.slowest, r.open = d.Until, r.Count+d.Count, max(r.slowest, d.Slowest), d.Open
				return
			}
			break
		}
	}
	facts.Rows = append(facts.Rows, Row{
		Node: d.Node, Shard: d.Shard, Answer: d.Answer, To: d.To, From: ms, Till: d.Until, slowest: d.Slowest, Count: d.Count, open: d.Open,
	})
}

// extendRows has the rows that went on when the record ended do so until the last word
// on them. Only the last row of a node can be one: a later one ends it.
func (facts *Facts) extendRows() {
	later := map[string]bool{}
	for i := len(facts.Rows) - 1; i >= 0; i-- {
		r := &facts.Rows[i]
		if r.open && !later[r.Node] {
			r.Till = max(r.Till, facts.probing)
		}
		later[r.Node] = true
	}
}

// RowsIn are the rows of answers of a node that lie in a span, or touch it.
func (facts *Facts) RowsIn(node string, from, to record.Millis) []Row {
	rows := facts.rowsOf[node]
	first, _ := slices.BinarySearchFunc(rows, from, func(r Row, ms record.Millis) int { return cmp.Compare(r.Till, ms) })
	last, _ := slices.BinarySearchFunc(rows, to, func(r Row, ms record.Millis) int {
		if r.From <= ms {
			return -1
		}
		return 1
	})
	return rows[first:max(first, last)]
}

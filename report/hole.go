package report

import "github.com/redis-chaos/redis-chaos/report/record"

// Hole is a time for which this program was not run: it was stopped, or its machine was busy.
// What it would have seen or sent meanwhile is not in the record.
type Hole struct {
	From record.Millis `json:"from_ms"` // on the run's clock
	To   record.Millis `json:"to_ms"`
}

// Length is how long it lasted, in ms.
func (hole Hole) Length() record.Millis { return hole.To - hole.From }

// Outside is the parts of a span that are in no hole, in order.
func Outside(holes []Hole, from, to record.Millis) (parts [][2]record.Millis) {
	for _, hole := range holes {
		if hole.To <= from || hole.From >= to {
			continue
		}
		if hole.From > from {
			parts = append(parts, [2]record.Millis{from, hole.From})
		}
		from = hole.To
	}
	if from < to {
		parts = append(parts, [2]record.Millis{from, to})
	}
	return parts
}

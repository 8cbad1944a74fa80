package report

import "github.com/redis-chaos/redis-chaos/report/record"

// Hole is a time for which this program was not run: it was stopped, or its machine was busy.
// What it would have seen or sent meanwhile is not in the record.
type Hole struct {
	FromMS record.Millis `json:"from_ms"` // on the run's clock
	ToMS   record.Millis `json:"to_ms"`
}

// Length is how long it lasted, in ms.
func (hole Hole) Length() record.Millis { return hole.ToMS - hole.FromMS }

// Outside is the parts of a span that are in no hole, in order.
func Outside(holes []Hole, from, to record.Millis) (parts [][2]record.Millis) {
	for _, hole := range holes {
		if hole.ToMS <= from || hole.FromMS >= to {
			continue
		}
		if hole.FromMS > from {
			parts = append(parts, [2]record.Millis{from, hole.FromMS})
		}
		from = hole.ToMS
	}
	if from < to {
		parts = append(parts, [2]record.Millis{from, to})
	}
	return parts
}

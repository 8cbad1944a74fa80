package report

import (
	"cmp"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Outage is a gap in which no node acked the probes of a shard, with its cause. Its node is
// the shard's master when it began.
type Outage struct {
	Shard int           `json:"shard"`
	From  record.Millis `json:"from_ms"` // on the run's clock
	To    record.Millis `json:"to_ms"`
	Finding
	// Causes are those of its parts, in order, where it has several: the outage's own cause is
	// that of the longest.
	Causes []OutagePart `json:"causes,omitempty"`
	// Answers is for how long, in ms, the shard's masters gave which answer to their
	// probes meanwhile; "silent" is none.
	Answers map[string]record.Millis `json:"answers"`
}

// Length is how long it lasted, in ms.
func (o Outage) Length() record.Millis { return o.To - o.From }

// LongestAnswers lists the answers, the longest first, and by name where two lasted as
// long.
func (o Outage) LongestAnswers() []string {
	return slices.SortedFunc(maps.Keys(o.Answers), func(a, b string) int {
		return cmp.Or(cmp.Compare(o.Answers[b], o.Answers[a]), cmp.Compare(a, b))
	})
}

// OutagePart is a part of an outage that has a cause of its own.
type OutagePart struct {
	From record.Millis `json:"from_ms"`
	To   record.Millis `json:"to_ms"`
	Finding
}

// NoticeableLag is how much later than the cluster its clients must have
// recovered to be worth a sentence, in ms.
const NoticeableLag = 1000

// Noticeable is how long a shard must have taken no writes to be worth a
// sentence, in ms.
const Noticeable = 100

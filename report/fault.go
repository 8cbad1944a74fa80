package report

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Fault is a fault as it happened, in milliseconds on the run's clock.
type Fault struct {
	Kind   string `json:"kind"`
	Detail string `json:"detail,omitempty"`
	// Past is what the fault does to a target, in the passive ("killed"), and Effects what that
	// is to a server. Both are empty if it was not reached.
	Past      string          `json:"past,omitempty"`
	Effects   []record.Effect `json:"effects,omitempty"`
	Targets   []string        `json:"targets"`
	Requested *record.Millis  `json:"requested_ms"`
	Effective *record.Millis  `json:"effective_ms"`
	Healed    *record.Millis  `json:"healed_ms"`
	// Outcomes are what came of it, of targets of which there is something to tell.
	Outcomes []record.Outcome `json:"outcomes,omitempty"`
	Error    string           `json:"error,omitempty"`
	// LostWrites counts the lost writes that come of the fault; nil where that is not
	// known.
	LostWrites *int64 `json:"lost_writes,omitempty"`
	// Over is when it was no longer in force, as far as that is known: the runtime may not tell
	// when it was healed.
	Over *record.Millis `json:"over_ms,omitempty"`
}

// InForce is from when to when the fault was in force: since it was requested, if the runtime did
// not tell when it took hold, and to the end, if nobody asked for its healing. It is not ok if
// the fault was not done, as far as is known.
func (f Fault) InForce(end record.Millis) (from, to record.Millis, ok bool) {
	if f.Effective == nil && (f.Requested == nil || f.Error != "") {
		return 0, 0, false
	}
	if over := cmp.Or(f.Over, f.Healed); over != nil {
		end = *over
	}
	return *cmp.Or(f.Effective, f.Requested), end, true
}

// Has tells whether the fault has an effect.
func (f Fault) Has(e record.Effect) bool { return slices.Contains(f.Effects, e) }

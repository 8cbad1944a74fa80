package report

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Fault is a fault as it happened, in milliseconds on the run's clock.
type Fault struct {
	// Step is which step of the scenario it is, and which occurrence of that; nil if the step comes
	// once, has no name, and is at the same place of the scenario's list.
	Step   *Step  `json:"step,omitempty"`
	Kind   string `json:"kind"`
	Detail string `json:"detail,omitempty"`
	// Mechanism is what brought it about, where that depends on more than its kind: "nftables, in a helper
	// container".
	Mechanism string `json:"mechanism,omitempty"`
	// Past is what the fault does to a target, in the passive ("killed"), and Effects what that
	// is to a server. Both are empty if it was not reached.
	Past    string          `json:"past,omitempty"`
	Effects []record.Effect `json:"effects,omitempty"`
	Targets []string        `json:"targets"`
	// Why says what the targets were picked by, and of how many.
	Why string `json:"why,omitempty"`
	// Due is when it was to begin, if the scenario alone does not tell.
	Due       *record.Millis `json:"due_ms,omitempty"`
	Requested *record.Millis `json:"requested_ms"`
	Effective *record.Millis `json:"effective_ms"`
	Healed    *record.Millis `json:"healed_ms"`
	// Outcomes are what came of it, of targets of which there is something to tell.
	Outcomes []record.Outcome `json:"outcomes,omitempty"`
	// Measured is what it did to its targets, as it was counted there.
	Measured []Measured `json:"measured,omitempty"`
	Error    string     `json:"error,omitempty"`
	// Skipped is why it was not carried out, nor any occurrence after it. Needed: the run is not
	// what the scenario asks for without it.
	Skipped string `json:"skipped,omitempty"`
	Needed  bool   `json:"needed,omitempty"`
	// LostWrites counts the lost writes that come of the fault; nil where that is not
	// known.
	LostWrites *int64 `json:"lost_writes,omitempty"`
	// Over is when it was no longer in force, as far as that is known: the runtime may not tell
	// when it was healed.
	Over *record.Millis `json:"over_ms,omitempty"`
}

// Measured is something that a fault did to a target, beside what was asked for.
type Measured struct {
	Node string `json:"node"`
	record.Measure
	// Share is of how many, from 0 to 1, and Confidence between what that is in the long run, with 95 %: nil where no
	// share was asked for, or there was nothing that it could have been done to.
	Share      *float64    `json:"share,omitempty"`
	Confidence *[2]float64 `json:"confidence,omitempty"`
	// Differs: it is not what was asked for, by more than 10 % or 1 ms, or than chance makes of a share with 99.9 %.
	Differs bool `json:"differs,omitempty"`
}

// Step is an occurrence of a step of the scenario.
type Step struct {
	Index int    `json:"index"` // in the scenario's list
	Name  string `json:"name,omitempty"`
	// Occurrence counts those of the step from 1; 0 if it comes once.
	Occurrence int `json:"occurrence,omitempty"`
}

// StepIndex is the index of its step in the scenario's list, if it is fault i of the result.
func (f Fault) StepIndex(i int) int {
	if f.Step != nil {
		return f.Step.Index
	}
	return i
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

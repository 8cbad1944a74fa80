// Package stats is the statistics of figures that are measured in several runs. A figure that
// was waited for and never came, such as a failover, is a value above all numbers: it counts
// in medians, percentiles, intervals and tests, and is left out of none of them.
package stats

import (
	"encoding/json"
	"fmt"
	"math"
)

// Value is a figure of one run, in its own unit: milliseconds, a count, a ratio. Never is one
// that did not come for as long as it was waited for.
type Value float64

// Never is above every number. In JSON it is the string "never".
var Never = Value(math.Inf(1))

// IsNever tells whether the figure did not come.
func (v Value) IsNever() bool { return math.IsInf(float64(v), 1) }

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.IsNever() {
		return []byte(`"never"`), nil
	}
	return json.Marshal(float64(v))
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Value) UnmarshalJSON(text []byte) error {
	if string(text) == `"never"` {
		*v = Never
		return nil
	}
	var number *float64
	if err := json.Unmarshal(text, &number); err != nil || number == nil {
		return fmt.Errorf("a figure is a number or \"never\", not %s", text)
	}
	*v = Value(*number)
	return nil
}

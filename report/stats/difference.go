package stats

import (
	"encoding/json"
	"fmt"
	"math"
)

// Difference is by how much a figure is greater than another, in its unit. Between one that
// came and one that did not, it is infinite: in JSON "never" where the other did not come and
// this one did is "-never", and the reverse "never". Between two that did not come, it is 0.
type Difference float64

// MarshalJSON implements json.Marshaler.
func (d Difference) MarshalJSON() ([]byte, error) {
	switch {
	case math.IsInf(float64(d), 1):
		return []byte(`"never"`), nil
	case math.IsInf(float64(d), -1):
		return []byte(`"-never"`), nil
	default:
		return json.Marshal(float64(d))
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Difference) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"never"`:
		*d = Difference(math.Inf(1))
		return nil
	case `"-never"`:
		*d = Difference(math.Inf(-1))
		return nil
	}
	var number float64
	if err := json.Unmarshal(text, &number); err != nil {
		return fmt.Errorf("a difference is a number, \"never\" or \"-never\", not %s", text)
	}
	*d = Difference(number)
	return nil
}

// Finite tells whether the difference is a number.
func (d Difference) Finite() bool { return !math.IsInf(float64(d), 0) }

// minus is v - w.
func (v Value) minus(w Value) Difference {
	if v == w { // as two that are Never
		return 0
	}
	return Difference(v - w)
}

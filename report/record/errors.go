package record

// ErrorCount counts writes that ended with errors of one kind, between First and
// Last.
type ErrorCount struct {
	Kind    string `json:"kind"`
	Outcome string `json:"outcome"` // failed or indeterminate
	Count   int64  `json:"count"`
	First   Millis `json:"first_ms"`
	Last    Millis `json:"last_ms"`
	Example string `json:"example"` // one error's own words
}

// Add adds what another count of the same kind and outcome has. The example is that of
// the one that begins first.
func (e *ErrorCount) Add(other ErrorCount) {
	if other.First < e.First {
		e.First, e.Example = other.First, other.Example
	}
	e.Count += other.Count
	e.Last = max(e.Last, other.Last)
}

package record

// Add adds what another count of the same kind and outcome has. The example is that of
// the one that begins first.
func (e *ErrorCount) Add(other ErrorCount) {
	if other.First < e.First {
		e.First, e.Example = other.First, other.Example
	}
	e.Count += other.Count
	e.Last = max(e.Last, other.Last)
}

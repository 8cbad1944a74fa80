package record

// Add adds what another count of the same kind and outcome has. The example is that of
// the one that begins first.
func (e *ErrorCount) Add(other ErrorCount) {
	if other.FirstMS < e.FirstMS {
		e.FirstMS, e.Example = other.FirstMS, other.Example
	}
	e.Count += other.Count
	e.LastMS = max(e.LastMS, other.LastMS)
}

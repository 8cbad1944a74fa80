package report

// text is a figure for a table, or between what it is.
func (s Shard) text(name string, ms *float64) string {
	if bounds, ok := s.Bounds[name]; ok {
		return between(&bounds)
	}
	return optional(ms)
}

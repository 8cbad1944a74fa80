package report

import (
	"cmp"
	"fmt"
	"slices"
)

// holeSentences tell of the times for which this program was not run.
func holeSentences(r *Result) []string {
	if len(r.Holes) == 0 {
		return nil
	}
	longest := slices.MaxFunc(r.Holes, func(a, b Hole) int { return cmp.Compare(a.length(), b.length()) })
	text := fmt.Sprintf("This program was not run for %s, from %s on", Duration(longest.length()), Duration(longest.FromMS))
	if len(r.Holes) > 1 {
		text = fmt.Sprintf("This program was not run for %s in all, at %s, the longest %s from %s on", Duration(inAll(r.Holes)), times(len(r.Holes)), Duration(longest.length()), Duration(longest.FromMS))
	}
	return []string{text + ": what it would have seen and sent then is not in the record, and figures that depend on it are not measured, or between two bounds."}
}

package prose

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// inAll is how long holes are together, in ms.
func inAll(holes []report.Hole) (ms record.Millis) {
	for _, hole := range holes {
		ms += hole.Length()
	}
	return ms
}

// holeSentences tell of the times for which this program was not run.
func holeSentences(r *report.Result) []string {
	if len(r.Holes) == 0 {
		return nil
	}
	longest := slices.MaxFunc(r.Holes, func(a, b report.Hole) int { return cmp.Compare(a.Length(), b.Length()) })
	text := fmt.Sprintf("This program was not run for %s, from %s on", words.Duration(longest.Length()), words.Duration(longest.From))
	if len(r.Holes) > 1 {
		text = fmt.Sprintf("This program was not run for %s in all, at %s, the longest %s from %s on", words.Duration(inAll(r.Holes)), words.Times(len(r.Holes)), words.Duration(longest.Length()), words.Duration(longest.From))
	}
	return []string{text + ": what it would have seen and sent then is not in the record, and figures that depend on it are not measured, or between two bounds."}
}

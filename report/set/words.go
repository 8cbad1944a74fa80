package set

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// Text is a value of a figure as a person reads it.
func Text(unit Unit, v stats.Value) string {
	f := record.Millis(v)
	switch {
	case v.IsNever():
		return "never"
	case unit == Millis:
		return words.Duration(f)
	case unit == Ratio:
		return words.Percent(float64(f))
	case unit == Bool && (f == 0 || f == 1):
		return strconv.FormatBool(f == 1)
	case unit == PerSecond:
		return words.Count(int64(f+0.5)) + "/s"
	case f == record.Millis(int64(f)):
		return words.Count(int64(f))
	default: // a mean, or a median between two
		return strconv.FormatFloat(float64(f), 'g', max(3, len(words.Count(int64(f)))+1), 64)
	}
}

// optional is a value that there may not be.
func optional(unit Unit, v *stats.Value) string {
	if v == nil {
		return "–"
	}
	return Text(unit, *v)
}

// intervalText is an interval: [7.2 s, –] has no upper end.
func intervalText(unit Unit, i stats.Interval) string {
	return fmt.Sprintf("[%s, %s]", optional(unit, i[0]), optional(unit, i[1]))
}

// between is a range: 5 – 7.7 s.
func between(unit Unit, from, to *stats.Value) string {
	least, most := optional(unit, from), optional(unit, to)
	if least == most {
		return least
	}
	if number, unitOf, ok := strings.Cut(least, " "); ok && strings.HasSuffix(most, " "+unitOf) {
		least = number
	}
	return least + " – " + most
}

// runsText counts runs.
func runsText(n int) string {
	if n == 1 {
		return "1 run"
	}
	return words.Count(int64(n)) + " runs"
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// trimStop is a text without its full stop.
func trimStop(text string) string { return strings.TrimRight(text, ".") }

// short is the id of a run without the scenario's name, which all have in common.
func (s *Set) short(id string) string {
	if rest, ok := strings.CutPrefix(id, s.Scenario+"-"); ok && rest != "" {
		return rest
	}
	return id
}

// Shown says in how many runs an expectation held.
func (e Each) Shown() string { return fmt.Sprintf("held in %d of %s", e.Held, runsText(e.Of)) }

package tune

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// brief writes a length of time with as many digits as a failover is worth: 850 ms, 3.6 s.
func brief(ms record.Millis) string {
	number, unit := scaled(ms, unitOf(float64(ms)))
	return number + " " + unit
}

// unitOf is the unit in which lengths of time up to one are written.
func unitOf(longest float64) string {
	if longest < 995 {
		return "ms"
	}
	return "s"
}

func scaled(ms record.Millis, unit string) (number, of string) {
	switch {
	case unit == "ms" && math.Abs(float64(ms)) >= 100:
		return fmt.Sprintf("%.0f", math.Round(float64(ms/10))*10), unit
	case unit == "ms":
		return fmt.Sprintf("%.0f", ms), unit
	case math.Abs(float64(ms)) < 99_950:
		return fmt.Sprintf("%.1f", ms/1000), unit
	default:
		return fmt.Sprintf("%.0f", ms/1000), unit
	}
}

// limit writes a length of time that somebody asked for: 1.5 s, 30 s.
func limit(ms record.Millis) string {
	if ms < 1000 {
		return fmt.Sprintf("%g ms", ms)
	}
	return fmt.Sprintf("%g s", ms/1000)
}

// value writes a figure in ms that may be Never.
func value(v stats.Value) string {
	if v.IsNever() {
		return "never"
	}
	return brief(record.Millis(v))
}

// withInterval writes a length of time and its interval in one unit: 3.6 s [3.2, 4.1]. An end
// that is not known is an ellipsis.
func withInterval(at float64, ci [2]*float64) string {
	unit := unitOf(at)
	if ci[0] == nil && ci[1] == nil {
		return brief(record.Millis(at))
	}
	end := func(v *float64) string {
		switch {
		case v == nil:
			return "…"
		case math.IsInf(*v, 1):
			return "never"
		default:
			number, _ := scaled(record.Millis(*v), unit)
			return number
		}
	}
	return fmt.Sprintf("%s [%s, %s]", brief(record.Millis(at)), end(ci[0]), end(ci[1]))
}

// numbers are an interval's ends.
func numbers(ci stats.Interval) (ends [2]*float64) {
	for i, v := range ci {
		if v != nil {
			number := float64(*v)
			ends[i] = &number
		}
	}
	return ends
}

// intervalOf is the interval with two ends.
func intervalOf(ci [2]*float64) (i stats.Interval) {
	for n, v := range ci {
		if v != nil {
			end := stats.Value(*v)
			i[n] = &end
		}
	}
	return i
}

// counted writes a number of writes.
func counted(n float64) string {
	if n == 1 {
		return "1 write"
	}
	return count(n) + " writes"
}

func count(n float64) string {
	if n > 1e15 {
		return fmt.Sprintf("%.3g", n)
	}
	return words.Count(int64(math.Round(n)))
}

// percentage writes a probability as surely as it is known.
func percentage(p float64) string {
	switch {
	case p > 0.99:
		return "over 99 %"
	case p < 0.01:
		return "under 1 %"
	default:
		return fmt.Sprintf("%.0f %%", p*100)
	}
}

// briefly is the same in a table.
func briefly(p float64) string {
	return strings.NewReplacer("over ", "> ", "under ", "< ").Replace(percentage(p))
}

// plural counts things.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return words.Count(int64(n)) + " " + many
}

// spelled is a small number as a word.
func spelled(n int) string {
	words := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	if n < len(words) {
		return words[n]
	}
	return fmt.Sprint(n)
}

// enumerate is a list in words; of many, the first ones and how many more.
func enumerate(items []string) string {
	const most, shown = 6, 4
	if len(items) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(items[:shown], ", "), len(items)-shown)
	}
	return joined(items)
}

// joined is the whole list.
func joined(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

// capital begins a sentence.
func capital(text string) string {
	first, width := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[width:]
}

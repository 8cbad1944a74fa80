package prose

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// Measured says what a fault did to a target, and what was asked for: "delayed 12,345 outgoing packets by 100.4 ms on
// average (99.1 ms – 130 ms); asked for: 100 ms".
func Measured(m report.Measured) string {
	if m.Count == nil && m.Spent == nil && m.Mean == nil {
		return "not measured: " + m.Why
	}
	text := didText(m)
	if m.Why != "" {
		text += " (how long is not measured: " + m.Why + ")"
	}
	if m.Missed > 0 {
		text += fmt.Sprintf(", and lost %s that could not be taken in time", words.Plural(m.Missed, "packet"))
	}
	if asked := askedText(m); asked != "" {
		text += "; asked for: " + asked
	}
	return text
}

func didText(m report.Measured) string {
	switch m.Did {
	case record.DidLimit:
		return limitText(m)
	case record.DidRun:
		return fmt.Sprintf("ran for %s of %s (%s of a CPU)", exact(*m.Spent), words.Duration(*m.For), percent(shareOf(*m.Spent, *m.For)))
	case record.DidWait:
		return fmt.Sprintf("waited for a CPU for %s of the %s in which it had something to do (%s)", words.Duration(*m.Spent), words.Duration(*m.For), percent(shareOf(*m.Spent, *m.For)))
	case record.DidShift:
		return fmt.Sprintf("TIME was %s, to %s", shiftText(*m.Mean), exact((*m.Most-*m.Least)/2))
	case record.DidFail:
		return words.Plural(*m.Count, "call") + " failed"
	}
	return eachText(m)
}

// eachText is of what is done to things one by one.
func eachText(m report.Measured) string {
	thing := wayText(m) + "packet"
	switch m.Did {
	case record.DidReset:
		thing = "connection"
	case record.DidSlow:
		thing = "fsync"
	}
	many := words.Plural(*m.Count, thing)
	if m.Asked.Share != nil && m.Of != nil {
		many = fmt.Sprintf("%s of %s", words.Count(*m.Count), words.Plural(*m.Of, thing))
	}
	if *m.Count == 0 && m.Of != nil && *m.Of == 0 {
		return fmt.Sprintf("nothing: there was no %s", thing)
	}
	text := string(m.Did) + " " + many
	switch m.Did {
	case record.DidReorder:
		text = "held back " + many
	case record.DidSlow:
		text = "delayed " + many
	}
	if m.Share != nil {
		text += fmt.Sprintf(" (%s, 95 %% confidence %s – %s)", percent(*m.Share), percent(m.Confidence[0]), percent(m.Confidence[1]))
	}
	if m.Mean != nil {
		text += fmt.Sprintf(" by %s on average", exact(*m.Mean))
	}
	if m.Least != nil {
		text += fmt.Sprintf(" (%s – %s)", exact(*m.Least), exact(*m.Most))
	}
	return text
}

// shareOf is a time of another one.
func shareOf(part, of record.Millis) float64 {
	if of == 0 {
		return 0
	}
	return float64(part / of)
}

// shiftText is by how much a clock is off: "3600.000 s ahead".
func shiftText(by record.Millis) string {
	way := "ahead"
	if by < 0 {
		by, way = -by, "behind"
	}
	return fmt.Sprintf("%.3f s %s", float64(by)/1000, way)
}

// wayText is the direction of packets.
func wayText(m report.Measured) string {
	return map[string]string{"in": "incoming ", "out": "outgoing "}[m.Way]
}

func limitText(m report.Measured) string {
	text := fmt.Sprintf("let %s of %spackets through", bytes(float64(*m.Bytes)), wayText(m))
	if m.For != nil && *m.For > 0 {
		text += fmt.Sprintf(" in %s (%s/s)", words.Duration(*m.For), bytes(float64(*m.Bytes)/m.For.D().Seconds()))
	}
	if m.Full > 0 {
		text += fmt.Sprintf(", and dropped %s that had no room to wait", words.Plural(m.Full, "packet"))
	}
	return text
}

func askedText(m report.Measured) string {
	a := m.Asked
	switch {
	case m.Did == record.DidShift && a.Delay != nil:
		return shiftText(*a.Delay)
	case m.Did == record.DidRun && a.Share != nil:
		return "at most " + percent(*a.Share)
	}
	var parts []string
	if a.Share != nil {
		parts = append(parts, percent(*a.Share))
	}
	if a.Delay != nil {
		text := exact(*a.Delay)
		if a.Jitter != nil {
			text += " ± " + exact(*a.Jitter)
		}
		parts = append(parts, text)
	}
	if a.Rate != nil {
		parts = append(parts, "at most "+bytes(float64(*a.Rate))+"/s")
	}
	return strings.Join(parts, ", ")
}

// percent is of a share, with three digits.
func percent(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }

// exact is a time with four digits: that of words.Duration is too coarse to be compared with what was asked for.
func exact(ms record.Millis) string {
	if ms < 1000 {
		return fmt.Sprintf("%.4g ms", ms)
	}
	return words.Duration(ms)
}

// bytes is a size with three digits.
func bytes(n float64) string {
	for _, unit := range []string{"B", "kB", "MB"} {
		if n < 999.5 {
			return fmt.Sprintf("%.3g %s", n, unit)
		}
		n /= 1000
	}
	return fmt.Sprintf("%.3g GB", n)
}

package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// Planned tells whether all steps come once, at moments that the scenario alone tells.
func (s *Scenario) Planned() bool {
	return s.Steady == nil && !slices.ContainsFunc(s.Faults, func(f Fault) bool {
		return f.Name != "" || f.After != nil || f.When != nil || f.Every > 0 || f.Rolling != nil
	})
}

// Moments is when a step comes, in words: "after kill is over, for 2s, every 10s ± 2s, 3 times".
func (f Fault) Moments() string {
	var parts []string
	add := func(given bool, format string, args ...any) {
		if given {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	switch {
	case f.After != nil && f.After.Delay > 0:
		add(true, "%v after %s %s", f.After.Delay, f.After.Step, f.After.Event.words())
	case f.After != nil:
		add(true, "after %s %s", f.After.Step, f.After.Event.words())
	default:
		add(f.When == nil || f.At > 0, "at %v", f.At)
	}
	if w := f.When; w != nil {
		when := "when " + w.String()
		if w.Delay > 0 {
			when = fmt.Sprintf("%v after %v", w.Delay, w)
		}
		if w.Timeout > 0 {
			when += fmt.Sprintf(" (within %v)", w.Timeout)
		}
		parts = append(parts, when)
	}
	add(f.For > 0, "for %v", f.For)
	add(f.Every > 0 && f.Jitter == 0, "every %v", f.Every)
	add(f.Every > 0 && f.Jitter > 0, "every %v ± %v", f.Every, f.Jitter)
	add(f.Count > 0, "%d times", f.Count)
	add(f.Every > 0 && f.Count == 0, "until the end")
	if f.Rolling != nil {
		add(true, "rolling, %d at a time", f.Rolling.Batch)
	}
	add(f.Optional, "optional")
	return strings.Join(parts, ", ")
}

// words is what has become of a step.
func (e StepEvent) words() string {
	switch e {
	case StepRequested:
		return "was asked for"
	case StepEffective:
		return "took hold"
	default:
		return "is over"
	}
}

package parse

import (
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// checkContradictions refuses faults that hold the same of one node at one time, as far as their nodes and moments
// are certain. Others are refused when they are injected.
func (d *decoder) checkContradictions(root *document.Node, s *scenarios.Scenario) {
	n := root.Field("faults")
	for j, later := range s.Faults {
		for i, earlier := range s.Faults[:j] {
			if !d.Sound(n.Item(i)) || !d.Sound(n.Item(j)) {
				continue
			}
			first, second := i, j
			if later.At < earlier.At {
				first, second = j, i
			}
			if why := contradiction(s, first, second); why != "" && d.Mark(n.Item(second)) {
				d.At(n.Item(second).KeyPosition(s.Faults[second].Kind), "%s", why)
			}
		}
	}
}

// contradiction says why two faults cannot be in force together; "" if they can, or if it is not certain that they are.
func contradiction(s *scenarios.Scenario, first, second int) string {
	a, b := s.Faults[first], s.Faults[second]
	end, certain := endOf(a, s.Duration)
	if _, too := endOf(b, s.Duration); !certain || !too || b.At >= end {
		return ""
	}
	for _, node := range named(b.Spec) {
		if !slices.Contains(named(a.Spec), node) {
			continue
		}
		for _, what := range scenarios.HeldBy(b.Spec) {
			if slices.Contains(scenarios.HeldBy(a.Spec), what) {
				return fmt.Sprintf("faults[%d] (%s) is done to the %s of %s at %v, while faults[%d] (%s) has it from %v to %v; %s",
					second, b.Kind, what, node, b.At, first, a.Kind, a.At, end, instead(b, end, s.Duration))
			}
		}
	}
	return ""
}

// instead is what would be right.
func instead(b scenarios.Fault, end, duration units.Duration) string {
	if end < duration {
		return fmt.Sprintf("write at: %v or later, or name another node", end)
	}
	return "end that one before by for:, or name another node"
}

// endOf is when a fault is over, and whether that and when it begins is certain.
func endOf(f scenarios.Fault, duration units.Duration) (end units.Duration, certain bool) {
	if f.After != nil || f.When != nil || f.Every != 0 || f.Rolling != nil {
		return 0, false
	}
	if _, momentary := f.Spec.(scenarios.Momentary); momentary {
		return f.At + 1, true
	}
	if f.For == 0 {
		return duration, true
	}
	return f.At + f.For, true
}

func named(spec scenarios.FaultSpec) []string {
	if n, ok := spec.(scenarios.Named); ok {
		return n.NamedNodes()
	}
	return nil
}

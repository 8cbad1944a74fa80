package parse

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// timeline is the steps of a scenario and how they follow each other.
type timeline struct {
	*decoder
	nodes    []*document.Node // of the steps
	steps    []scenarios.Fault
	named    map[string]int // the steps by name
	duration units.Duration
}

// checkTimeline judges how the steps hang together: what one waits for has to come before the
// end of the run.
func (d *decoder) checkTimeline(root *document.Node, s *scenarios.Scenario) {
	t := timeline{decoder: d, steps: s.Faults, named: map[string]int{}, duration: s.Duration}
	for i, f := range t.steps {
		n := root.Field("faults").Item(i)
		t.nodes = append(t.nodes, n)
		d.checkStep(n, f, s)
		if f.Name == "" || !d.Sound(n.Field("name")) {
			continue
		}
		if first, taken := t.named[f.Name]; taken {
			d.Blame(n.Field("name"), "faults[%d] has the name %q already; each step has its own", first, f.Name)
		} else {
			t.named[f.Name] = i
		}
	}
	for i, f := range t.steps {
		if f.After != nil {
			t.checkFollows(i)
		}
	}
	whole := root.Field("duration") != nil && d.Sound(root.Field("duration"))
	for i := range t.steps {
		if whole && t.sound(i) {
			t.checkFits(root.Field("duration"), i)
		}
	}
}

// stepNode is where a step names the one that it follows.
func stepNode(after *document.Node) *document.Node {
	if after.Kind == document.Scalar {
		return after
	}
	return after.Field("step")
}

// checkFollows wants the step that one follows to be there, and not to follow it in turn.
func (t timeline) checkFollows(i int) {
	n := stepNode(t.nodes[i].Field("after"))
	if n == nil || !t.Sound(n) {
		return
	}
	name := t.steps[i].After.Step
	if _, known := t.named[name]; !known {
		var names []string
		for _, f := range t.steps {
			if f.Name != "" && f.Name != t.steps[i].Name {
				names = append(names, f.Name)
			}
		}
		if len(names) == 0 {
			t.Blame(n, "no step is named %q; give the one that is meant a name: %s", name, name)
			return
		}
		slices.Sort(names)
		t.Blame(n, "%s", suggest.Unknown("step", name, names))
		return
	}
	round := []string{t.nodes[i].Name}
	for at := i; t.steps[at].After != nil; {
		next, known := t.named[t.steps[at].After.Step]
		if !known || slices.Contains(round[1:], t.nodes[next].Name) {
			return // which is told of that one
		}
		round = append(round, t.nodes[next].Name)
		if next == i {
			t.Blame(n, "%s; give one of them an at:", roundText(round))
			return
		}
		at = next
	}
}

func roundText(round []string) string {
	if len(round) == 2 {
		return round[0] + " waits for itself"
	}
	return strings.Join(round, " waits for ")
}

// sound tells whether the moments of a step, and of those that it waits for, can be read, and
// these do not wait for each other.
func (t timeline) sound(i int) bool {
	for range t.steps {
		for _, key := range []string{"name", "at", "after", "when", "for", "every", "jitter", "count", "rolling"} {
			if of := t.nodes[i].Field(key); of != nil && !t.Sound(of) {
				return false
			}
		}
		f := t.steps[i]
		if f.Spec == nil || f.After == nil {
			return f.Spec != nil
		}
		next, known := t.named[f.After.Step]
		if !known {
			return false
		}
		i = next
	}
	return false
}

// never is a moment that does not come before the end of the run.
const never = units.Duration(math.MaxInt64)

// checkFits wants a step that does not come at a known moment alone, or comes more than once, to
// be able to end before the run does.
func (t timeline) checkFits(duration *document.Node, i int) {
	n, f := t.nodes[i], t.steps[i]
	after, when, every := n.Field("after"), n.Field("when"), n.Field("every")
	begin, why := t.earliest(i)
	length := f.For
	last := begin + units.Duration(max(f.Count, 2)-1)*f.Every + f.Jitter // without a count, it is to come twice
	switch {
	case begin == never:
		t.Blame(stepNode(after), "%s", why)
	case begin+length > t.duration || begin >= t.duration:
		if moved := firstOf(after, when); moved != nil {
			t.At(culprit(moved, duration), "%s begins at %v at the earliest%s, and so outlives the run of %v (duration); let it begin earlier, or run longer", n.Name, begin, lastingText(length), t.duration)
		}
	case every == nil || f.Count == 1 || last+length <= t.duration:
	case f.Count == 0:
		t.At(culprit(every, duration), "%s comes only once: the second one would be at up to %v%s, and so outlive the run of %v (duration); write a shorter time, or run longer",
			n.Name, last, lastingText(length), t.duration)
	default:
		t.At(culprit(n.Field("count"), every, duration), "%s comes %d times, the last one at up to %v%s, and so outlives the run of %v (duration); write fewer or closer ones, or run longer",
			n.Name, f.Count, last, lastingText(length), t.duration)
	}
}

// lastingText is for how long a step lasts, in words.
func lastingText(length units.Duration) string {
	if length == 0 {
		return ""
	}
	return fmt.Sprintf(" for %v", length)
}

// firstOf is the first of some nodes that is there.
func firstOf(nodes ...*document.Node) *document.Node {
	for _, n := range nodes {
		if n != nil {
			return n
		}
	}
	return nil
}

// earliest is when a step can begin for the first time; never, and why, if it cannot.
func (t timeline) earliest(i int) (at units.Duration, why string) {
	f := t.steps[i]
	at = f.At
	if f.After != nil {
		if at, why = t.earliestOf(t.named[f.After.Step], f.After.Event); at == never {
			return at, why
		}
		at += f.After.Delay
	}
	if f.When != nil {
		at += f.When.Delay
	}
	return at, ""
}

// earliestOf is when something becomes of a step at the earliest.
func (t timeline) earliestOf(i int, event scenarios.StepEvent) (at units.Duration, why string) {
	f := t.steps[i]
	at, why = t.earliest(i)
	switch {
	case at == never || event != scenarios.StepHealed:
		return at, why
	case f.Every > 0 && f.Count == 0:
		return never, fmt.Sprintf("%s is repeated until the end of the run, and so over too late; give it a count", f.Name)
	case lasts(f) && f.For == 0:
		return never, fmt.Sprintf("%s is healed at the end of the run; give it a for, or write {step: %s, event: effective}", f.Name, f.Name)
	}
	if f.Count > 1 {
		at += units.Duration(f.Count-1)*f.Every - f.Jitter
	}
	return at + f.For, ""
}

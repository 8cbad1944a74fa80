package parse

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// The limits of random faults.
const (
	minEvery             = units.Duration(100 * time.Millisecond)
	minRandomFor         = units.Duration(50 * time.Millisecond)
	minAtMost, maxAtMost = 1, 100
	minWeight, maxWeight = 1, 1000
	// mostDrawn is how many faults a run may have drawn, on average: what is drawn is written as a scenario, which
	// has to be short enough to be read again.
	mostDrawn = 500
)

// decodeRandomFault reads a fault that may be drawn: its weight, and exactly one key that names its kind
// and holds the settings of that kind.
func (d *decoder) decodeRandomFault(n *document.Node, f *scenarios.RandomFault) {
	if n.Kind == document.Null {
		d.Blame(n, "no fault; write weight: 1 and a kind of fault")
	}
	if !d.Want(n, document.Mapping, "a mapping") {
		return
	}
	f.Weight = scenarios.DefaultWeight
	kinds := slices.Sorted(maps.Keys(d.catalog.Faults))
	for _, entry := range n.Fields {
		newSpec := d.catalog.Faults[entry.Name]
		switch {
		case entry.Name == "weight":
			d.Decode(entry.Value, &f.Weight)
			continue
		case entry.Name == "at" || entry.Name == "for":
			d.Mark(n)
			d.At(entry.Pos, "when a random fault begins and how long it lasts is drawn: leave out %q, and write every and for under random", entry.Name)
			continue
		case newSpec != nil && f.Kind == "":
			f.Kind, f.Spec = entry.Name, newSpec()
			d.Decode(entry.Value, f.Spec)
			continue
		}
		d.Mark(n)
		switch {
		case newSpec != nil:
			d.At(entry.Pos, "%s is a %q already; write the %q as a fault of its own", n.Name, f.Kind, entry.Name)
		case suggest.Closest(entry.Name, kinds) == "" && suggest.Closest(entry.Name, []string{"weight"}) != "":
			d.At(entry.Pos, "%s", suggest.Unknown("key", entry.Name, []string{"weight"}))
		default:
			d.At(entry.Pos, "%s", suggest.Unknown("kind of fault", entry.Name, kinds))
		}
	}
	if f.Kind == "" {
		d.Blame(n, "no kind of fault; write one of %s", strings.Join(kinds, ", "))
	}
}

// checkRandom judges what faults are drawn from.
func (d *decoder) checkRandom(root *document.Node, s *scenarios.Scenario) {
	n := root.Field("random")
	if n == nil || s.Random == nil {
		return
	}
	r := s.Random
	checkRange(d, n.Field("every"), r.Every, minEvery, maxDuration, "")
	checkRange(d, n.Field("at_most"), r.AtMost, minAtMost, maxAtMost, "")
	if known := []string{scenarios.ArrivalsExponential, scenarios.ArrivalsUniform}; !slices.Contains(known, r.Arrivals) {
		d.Blame(n.Field("arrivals"), "unknown distribution %q; known: %s", r.Arrivals, strings.Join(known, ", "))
	}
	if lasting := n.Field("for"); lasting != nil && r.For.Least < minRandomFor {
		d.Blame(lasting, "%s is too short for a fault; write %s or more", r.For.Least, minRandomFor)
	}
	if duration := root.Field("duration"); d.Sound(n) && duration != nil && d.Sound(duration) && r.For.Least >= s.Duration {
		at := n
		if lasting := n.Field("for"); lasting != nil {
			at = lasting
		}
		d.At(culprit(at, duration), "random faults last %s at least (random.for), and the run only %s (duration): none could be drawn; write a shorter for, or run longer", r.For.Least, s.Duration)
	}
	if drawn := s.Duration / max(1, r.Every); drawn > mostDrawn && d.Sound(n) && d.Sound(root.Field("duration")) {
		at := n
		if every := n.Field("every"); every != nil {
			at = every
		}
		d.At(culprit(at, root.Field("duration")), "one fault each %s is about %d in a run of %s, and more than %d are too many; write every: %s or more, or a shorter duration",
			r.Every, drawn, s.Duration, mostDrawn, units.Duration(s.Duration.D()/mostDrawn).D().Round(time.Millisecond))
	}
	if len(s.Faults) > 0 {
		d.At(n.Pos, "random draws all faults of a run, and there are faults as well; leave out one of them")
	}
	if len(r.Faults) == 0 && d.Sound(n.Field("faults")) {
		d.Blame(n, "nothing to draw from; write faults: [{weight: 1, kill: {role: master, pick: random}}]")
	}
	for i, f := range r.Faults {
		item := n.Field("faults").Item(i)
		checkRange(d, item.Field("weight"), f.Weight, minWeight, maxWeight, "")
		spec := item.Field(f.Kind)
		if f.Spec == nil || !d.Sound(spec) || !d.Sound(root.Field("cluster")) {
			continue
		}
		d.checkFaultSpec(spec, f.Spec, s.Cluster)
	}
}

package parse

import (
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
)

// decodeFault reads a step: its moments, and exactly one key that names its
// kind and holds the settings of that kind.
func (d *decoder) decodeFault(n *document.Node, f *scenarios.Fault) {
	if n.Kind == document.Null {
		d.Blame(n, "no fault; write at: and a kind of fault")
	}
	if !d.Want(n, document.Mapping, "a mapping") {
		return
	}
	kinds := slices.Sorted(maps.Keys(d.catalog.Faults))
	moments := map[string]any{
		"name": &f.Name, "at": &f.At, "after": &f.After, "when": &f.When, "for": &f.For, "every": &f.Every, "jitter": &f.Jitter,
		"count": &f.Count, "rolling": &f.Rolling, "optional": &f.Optional,
	}
	for _, entry := range n.Fields {
		into, ofMoment := moments[entry.Name]
		newSpec := d.catalog.Faults[entry.Name]
		switch {
		case ofMoment:
			d.Decode(entry.Value, into)
			if entry.Name == "for" && f.For == 0 {
				d.Blame(entry.Value, "the fault must last; leave the key out for one that lasts until the end of the run")
			}
		case newSpec == nil:
			d.Mark(n)
			d.At(entry.Pos, "%s", unknownFault(entry.Name, slices.Sorted(maps.Keys(moments)), kinds))
		case f.Kind != "":
			d.Mark(n)
			d.At(entry.Pos, "%s is a %q already; write the %q as a fault of its own", n.Name, f.Kind, entry.Name)
		default:
			f.Kind, f.Spec = entry.Name, newSpec()
			d.Decode(entry.Value, f.Spec)
		}
	}
	if f.Kind == "" {
		d.Blame(n, "no kind of fault; write one of %s", strings.Join(kinds, ", "))
	}
	if n.Field("at") == nil && n.Field("after") == nil && n.Field("when") == nil {
		d.At(n.Pos, "%s: missing \"at\", the moment of the fault; write at: 5s", n.Name)
	}
}

func unknownFault(name string, keys, kinds []string) string {
	if near := suggest.Closest(name, keys); near != "" && suggest.Closest(name, kinds) == "" {
		return suggest.Unknown("key", name, []string{near})
	}
	return suggest.Unknown("kind of fault", name, kinds)
}

func (d *decoder) checkFault(root *document.Node, i int, s *scenarios.Scenario) {
	n, f := root.Field("faults").Item(i), s.Faults[i]
	duration, at, length := root.Field("duration"), n.Field("at"), n.Field("for")
	if duration != nil && d.Sound(duration) && at != nil && d.Sound(at) {
		switch {
		case f.At >= s.Duration:
			d.At(culprit(at, duration), "%s is at %v, but the run lasts only %v (duration); start it earlier or run longer", n.Name, f.At, s.Duration)
		case length != nil && d.Sound(length) && f.For > s.Duration-f.At:
			d.At(culprit(length, at, duration), "%s is at %v for %v, and so outlives the run of %v (duration); write at most for: %v, or run longer",
				n.Name, f.At, f.For, s.Duration, s.Duration-f.At)
		}
	}
	if _, momentary := f.Spec.(scenarios.Momentary); momentary && length != nil {
		d.Blame(length, "a %s is over once it is done, and nothing undoes it; leave the key out", f.Kind)
	}
	if _, timed := f.Spec.(scenarios.Timed); timed && length == nil {
		d.At(n.Pos, "%s: missing \"for\": a %s is told when it begins how long it lasts, and nothing ends it sooner; write for: 2s", n.Name, f.Kind)
	}
	spec := n.Field(f.Kind)
	if f.Spec == nil || !d.Sound(spec) || !d.Sound(root.Field("cluster")) {
		return
	}
	d.checkFaultSpec(spec, f.Spec, s.Cluster)
}

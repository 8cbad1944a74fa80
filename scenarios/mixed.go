package scenarios

import (
	"maps"
	"slices"
)

// TypeMixed is the type of workloads that mix several others.
const TypeMixed = "mixed"

const minWeight, maxWeight = 1, 1000

// kindOf is what a workload can do and judge. A mixed one can do what all of its parts can, and
// judges losses as they do, and whatever else one of them can tell.
func (c Catalog) kindOf(w Workload) WorkloadKind {
	if w.Type != TypeMixed {
		return c.Workloads[w.Type]
	}
	var kind WorkloadKind
	can := func(t Trait) func(typ string) bool { return func(typ string) bool { return c.Workloads[typ].Can(t) } }
	parts := slices.Collect(maps.Keys(w.Mix))
	for _, t := range []Trait{Spreads, CountsLoss, DatesLoss} {
		if !slices.ContainsFunc(parts, func(typ string) bool { return !can(t)(typ) }) {
			kind = append(kind, t)
		}
	}
	for _, t := range []Trait{CountsDuplicates, ChecksOrder, Reads} {
		if slices.ContainsFunc(parts, can(t)) {
			kind = append(kind, t)
		}
	}
	return kind
}

// mixable is what a type needs to be a part of a mix: its writes are values that are found again.
const mixable = Pipelines

// checkMix wants at least two types to mix, and none but on a mixed workload.
func (d *decoder) checkMix(n *node, w Workload) {
	mix := n.field("mix")
	switch {
	case !d.sound(n.field("type")):
	case w.Type != TypeMixed && mix != nil:
		d.blame(mix, "only a mixed workload has one; leave the key out, or write type: %s", TypeMixed)
	case w.Type == TypeMixed && mix == nil:
		d.blame(n, "missing \"mix\", the types to mix and their weights; write mix: {set: 1, register: 3}")
	case w.Type == TypeMixed && d.sound(mix):
		for _, typ := range slices.Sorted(maps.Keys(w.Mix)) {
			if k, known := d.catalog.Workloads[typ]; !known || !k.Can(mixable) {
				d.blame(mix.field(typ), "%s", unknown("type to mix", typ, d.typesOf(mixable)))
			}
			checkRange(d, mix.field(typ), w.Mix[typ], minWeight, maxWeight, "a share of the turns")
		}
		if len(w.Mix) < 2 {
			d.blame(mix, "a mix of one type or none; write at least two, such as {set: 1, register: 3}")
		}
	}
}

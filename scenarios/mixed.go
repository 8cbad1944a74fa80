package scenarios

import (
	"maps"
	"slices"
)

// TypeMixed is the type of workloads that mix several others.
const TypeMixed = "mixed"

const minWeight, maxWeight = 1, 1000

// kindOf is what a workload can judge. A mixed one counts losses as its parts do, and
// whatever else one of them can tell.
func (c Catalog) kindOf(w Workload) WorkloadKind {
	if w.Type != TypeMixed {
		return c.Workloads[w.Type]
	}
	all := WorkloadKind{Spreads: true, CountsLoss: true, DatesLoss: true}
	for typ := range w.Mix {
		k := c.Workloads[typ]
		all.Spreads = all.Spreads && k.Spreads
		all.CountsLoss = all.CountsLoss && k.CountsLoss
		all.DatesLoss = all.DatesLoss && k.DatesLoss
		all.CountsDuplicates = all.CountsDuplicates || k.CountsDuplicates
		all.ChecksOrder = all.ChecksOrder || k.ChecksOrder
		all.Reads = all.Reads || k.Reads
	}
	return all
}

// mixes tells whether a type can be a part of a mix: if its writes are values that are
// found again.
func (k WorkloadKind) mixes() bool { return k.Pipelines }

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
			if k, known := d.catalog.Workloads[typ]; !known || !k.mixes() {
				d.blame(mix.field(typ), "%s", unknown("type to mix", typ, d.typesOf(WorkloadKind.mixes)))
			}
			checkRange(d, mix.field(typ), w.Mix[typ], minWeight, maxWeight, "a share of the turns")
		}
		if len(w.Mix) < 2 {
			d.blame(mix, "a mix of one type or none; write at least two, such as {set: 1, register: 3}")
		}
	}
}

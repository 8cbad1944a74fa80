package parse

import (
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
)

// typesOf lists the types of workload that have a trait, or can have it.
func (d *decoder) typesOf(can trait.Trait) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(d.catalog.Workloads)) {
		spec := d.catalog.Workloads[name]()
		if slices.Contains(spec.Traits(), can) || conditionOf(spec, can) != "" {
			names = append(names, name)
		}
	}
	return names
}

// typesThat is the same as a text.
func (d *decoder) typesThat(can trait.Trait) string { return strings.Join(d.typesOf(can), " or ") }

// conditionOf is what settings have to be given to have a trait; empty if nothing helps.
func conditionOf(spec scenarios.WorkloadSpec, t trait.Trait) string {
	if c, ok := spec.(scenarios.Conditional); ok {
		return c.Conditions()[t]
	}
	return ""
}

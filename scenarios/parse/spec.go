package parse

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
)

// checkSpec has the settings of a workload's type check themselves.
func (d *decoder) checkSpec(root, n *document.Node, w scenarios.Workload, cluster scenarios.Cluster) {
	spec, ok := w.Spec.(scenarios.Checked)
	if !ok || !d.Sound(n.Field("type")) {
		return
	}
	given := func(key string) bool { return n.At(key) != nil }
	d.blameWorkload(root, n, spec.Check(scenarios.WorkloadContext{Workload: w, Cluster: cluster, Given: given}))
}

// blameWorkload puts the errors of a Check at the fields that they name.
func (d *decoder) blameWorkload(root, n *document.Node, err error) {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, each := range several.Unwrap() {
			d.blameWorkload(root, n, each)
		}
		return
	}
	var e *scenarios.FieldError
	switch {
	case err == nil:
	case !errors.As(err, &e):
		d.Blame(n, "%v", err)
	case e.With == "":
		if at := n.At(e.Field); d.Sound(at) {
			d.blameSpec(n, err)
		}
	default:
		at, with := n.At(e.Field), root.At(e.With)
		if at != nil && with != nil && d.Sound(at) && d.Sound(with) {
			d.At(culprit(at, with), "%s %s", n.Name, e.Msg)
		}
	}
}

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

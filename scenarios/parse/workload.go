package parse

import (
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// decodeWorkload reads what all workloads have, and beside it the settings of its type.
func (d *decoder) decodeWorkload(n *document.Node, w *scenarios.Workload) {
	*w = defaultWorkload()
	if !d.Want(n, document.Mapping, "a mapping") {
		return
	}
	if typ := n.Field("type"); typ != nil && typ.Kind == document.Scalar {
		w.Type = typ.Text
	}
	if settings, known := d.catalog.Workloads[w.Type]; known {
		w.Spec = settings()
	}
	common, own := codec.StructOf(w), codec.StructOf(w.Spec)
	var names []string
	for _, f := range append(slices.Clone(common.Fields), own.Fields...) {
		names = append(names, f.Name)
	}
	names = append(names, d.keysOfTypes()...)
	for _, f := range n.Fields {
		switch {
		case common.Decode(d.Decoder, f), own.Decode(d.Decoder, f):
		case slices.Contains(names, f.Name):
			d.blameElsewhere(n, f, w)
		default:
			d.Mark(n)
			d.At(f.Pos, "%s", suggest.Unknown("key", f.Name, names))
		}
	}
	if few, ok := w.Spec.(scenarios.FewKeys); ok && n.Field("keys") == nil {
		w.Keys = few.DefaultKeys()
	}
}

// keysOfTypes lists the keys that workloads of some types have.
func (d *decoder) keysOfTypes() (names []string) {
	for _, typ := range slices.Sorted(maps.Keys(d.catalog.Workloads)) {
		for _, f := range codec.StructOf(d.catalog.Workloads[typ]()).Fields {
			if !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// blameElsewhere blames a key that workloads of other types have.
func (d *decoder) blameElsewhere(n *document.Node, f document.Field, w *scenarios.Workload) {
	if w.Spec == nil || !d.Sound(n.Field("type")) {
		return // the type has a problem of its own
	}
	what := ""
	var types []string
	for _, typ := range slices.Sorted(maps.Keys(d.catalog.Workloads)) {
		for _, have := range codec.StructOf(d.catalog.Workloads[typ]()).Fields {
			if have.Name == f.Name && have.Tag.Get("elsewhere") != "" {
				what, types = have.Tag.Get("elsewhere"), append(types, typ)
			}
		}
	}
	d.Blame(f.Value, "%s; leave the key out, or write type: %s", strings.ReplaceAll(what, "{type}", w.Type), strings.Join(types, " or "))
}

func defaultWorkload() scenarios.Workload {
	return scenarios.Workload{
		Type:      scenarios.DefaultWorkloadType,
		Clients:   scenarios.DefaultClients,
		Pipeline:  1,
		Keys:      scenarios.DefaultKeys,
		ValueSize: units.FixedSize(scenarios.DefaultValueSize),

		Distribution: scenarios.DistributionUniform,
	}
}

package scenarios

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
)

// decodeWorkload reads what all workloads have, and beside it the settings of its type.
func (d *decoder) decodeWorkload(n *document.Node, w *Workload) {
	*w = defaultWorkload()
	if !d.want(n, document.Mapping, "a mapping") {
		return
	}
	if typ := n.Field("type"); typ != nil && typ.Kind == document.Scalar {
		w.Type = typ.Text
	}
	if settings, known := d.catalog.Workloads[w.Type]; known {
		w.Spec = settings()
	}
	common, own := settingsOf(reflect.ValueOf(w)), settingsOf(reflect.ValueOf(w.Spec))
	var names []string
	for _, f := range append(slices.Clone(common.fields), own.fields...) {
		names = append(names, f.name)
	}
	names = append(names, d.keysOfTypes()...)
	for _, f := range n.Fields {
		switch {
		case common.decode(d, f), own.decode(d, f):
		case slices.Contains(names, f.Name):
			d.blameElsewhere(n, f, w)
		default:
			d.Mark(n)
			d.At(f.Pos, "%s", suggest.Unknown("key", f.Name, names))
		}
	}
	if few, ok := w.Spec.(FewKeys); ok && n.Field("keys") == nil {
		w.Keys = few.DefaultKeys()
	}
}

// settings is a struct that stands among others in one mapping.
type settings struct {
	value  reflect.Value
	fields []structField
}

// settingsOf is the settings behind a pointer; none if it is not one.
func settingsOf(pointer reflect.Value) (s settings) {
	if pointer.Kind() == reflect.Pointer && pointer.Elem().Kind() == reflect.Struct {
		s.value = pointer.Elem()
		s.fields = structFields(s.value.Type())
	}
	return s
}

// decode reads a key; false if it is none of the settings.
func (s settings) decode(d *decoder, f document.Field) bool {
	i := slices.IndexFunc(s.fields, func(known structField) bool { return known.name == f.Name })
	if i >= 0 {
		d.decode(f.Value, s.value.FieldByIndex(s.fields[i].index))
	}
	return i >= 0
}

// keysOfTypes lists the keys that workloads of some types have.
func (d *decoder) keysOfTypes() (names []string) {
	for _, typ := range slices.Sorted(maps.Keys(d.catalog.Workloads)) {
		for _, f := range settingsOf(reflect.ValueOf(d.catalog.Workloads[typ]())).fields {
			if !slices.Contains(names, f.name) {
				names = append(names, f.name)
			}
		}
	}
	return names
}

// blameElsewhere blames a key that workloads of other types have.
func (d *decoder) blameElsewhere(n *document.Node, f document.Field, w *Workload) {
	if w.Spec == nil || !d.Sound(n.Field("type")) {
		return // the type has a problem of its own
	}
	what := ""
	var types []string
	for _, typ := range slices.Sorted(maps.Keys(d.catalog.Workloads)) {
		for _, have := range settingsOf(reflect.ValueOf(d.catalog.Workloads[typ]())).fields {
			if have.name == f.Name && have.elsewhere != "" {
				what, types = have.elsewhere, append(types, typ)
			}
		}
	}
	d.Blame(f.Value, "%s; leave the key out, or write type: %s", strings.ReplaceAll(what, "{type}", w.Type), strings.Join(types, " or "))
}

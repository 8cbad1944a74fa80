package scenarios

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// ScalarUnmarshaler is implemented by types that are written as one scalar and
// read it themselves. The error says what is wrong and what would be right.
// Their String method writes what UnmarshalScalar reads.
type ScalarUnmarshaler interface {
	UnmarshalScalar(text string) error
}

// Defaulted is implemented by settings behind a pointer, which is nil where they are not
// given, that have other defaults than zero.
type Defaulted interface {
	SetDefaults()
}

// decoder fills Go values from a tree, strictly: whatever does not fit is a
// problem, and decoding goes on with the rest.
type decoder struct {
	*problems
	catalog Catalog
}

// decode reads a node into v, which is addressable.
func (d *decoder) decode(n *node, v reflect.Value) {
	switch into := v.Addr().Interface().(type) {
	case *Workload:
		d.decodeWorkload(n, into)
		return
	case *Fault:
		d.decodeFault(n, into)
		return
	case *[]Expectation:
		d.decodeExpect(n, into)
		return
	case *[]SetExpectation:
		d.decodeExpectSet(n, into)
		return
	case *Config:
		d.decodeConfig(n, into)
		return
	case *Rate:
		d.decodeRate(n, into)
		return
	case ScalarUnmarshaler:
		if d.want(n, scalarNode, "a single value") {
			if err := into.UnmarshalScalar(n.text); err != nil {
				d.blame(n, "%v", err)
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		if into, ok := v.Interface().(Defaulted); ok {
			into.SetDefaults()
		}
		d.decode(n, v.Elem())
	case reflect.Struct:
		d.decodeStruct(n, v)
	case reflect.Slice:
		d.decodeSlice(n, v)
	case reflect.Map:
		d.decodeMap(n, v)
	default:
		d.decodeScalar(n, v)
	}
}

// want tells whether a node is of the kind that belongs there. Nothing at all
// passes for an empty list or mapping.
func (d *decoder) want(n *node, kind nodeKind, what string) bool {
	if n.kind == kind || n.kind == nullNode && kind != scalarNode && d.sound(n) {
		return true
	}
	if n.kind == nullNode {
		d.blame(n, "no value; write %s, or leave the key out", what)
	} else {
		d.blame(n, "%s where %s belongs", n.describe(), what)
	}
	return false
}

func (d *decoder) decodeStruct(n *node, v reflect.Value) {
	if !d.want(n, mappingNode, "a mapping") {
		return
	}
	known := structFields(v.Type())
	var names []string
	for _, f := range known {
		names = append(names, f.name)
	}
	for _, f := range n.fields {
		i := slices.Index(names, f.name)
		if i < 0 {
			d.mark(n)
			d.at(f.pos, "%s", unknown("key", f.name, names))
			continue
		}
		d.decode(f.value, v.FieldByIndex(known[i].index))
	}
}

// decodeSlice reads a list; a scalar alone is a list of one.
func (d *decoder) decodeSlice(n *node, v reflect.Value) {
	items := n.items
	if n.kind == scalarNode && v.Type().Elem().Kind() != reflect.Struct {
		items = []*node{n}
	} else if !d.want(n, listNode, "a list") {
		return
	}
	v.SetZero()
	for _, item := range items {
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(item, element)
		v.Set(reflect.Append(v, element))
	}
}

func (d *decoder) decodeMap(n *node, v reflect.Value) {
	if v.Type().Key().Kind() != reflect.String {
		d.blame(n, "a %s cannot be written in YAML", v.Type())
		return
	}
	if !d.want(n, mappingNode, "a mapping") {
		return
	}
	v.SetZero()
	for _, f := range n.fields {
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(f.value, element)
		v.SetMapIndex(reflect.ValueOf(f.name).Convert(v.Type().Key()), element)
	}
}

func (d *decoder) decodeScalar(n *node, v reflect.Value) {
	var what string
	var err error
	switch {
	case v.Kind() == reflect.String:
		if !d.want(n, scalarNode, "a string") {
			return
		}
		if v.SetString(n.text); n.text == "" {
			d.blame(n, "an empty string; leave the key out instead")
		}
		return
	case v.Kind() == reflect.Bool:
		what = "true or false"
		if d.want(n, scalarNode, what) {
			var b bool
			b, err = parseBool(n.text)
			v.SetBool(b)
		}
	case v.CanInt():
		what = "a whole number"
		if d.want(n, scalarNode, what) {
			var i int64
			i, err = strconv.ParseInt(n.text, 10, v.Type().Bits())
			v.SetInt(i)
		}
	case v.CanUint():
		what = "a whole number, not negative"
		if d.want(n, scalarNode, what) {
			var u uint64
			u, err = strconv.ParseUint(n.text, 10, v.Type().Bits())
			v.SetUint(u)
		}
	case v.CanFloat():
		what = "a number"
		if d.want(n, scalarNode, what) {
			var f float64
			f, err = parseFloat(n.text)
			v.SetFloat(f)
		}
	default:
		d.blame(n, "a %s cannot be written in YAML", v.Type())
	}
	switch {
	case n.kind != scalarNode:
	case errors.Is(err, strconv.ErrRange):
		d.blame(n, "%s is out of range", n.text)
	case err != nil:
		d.blame(n, "%q is not %s", n.text, what)
	case n.quoted:
		d.blame(n, "%q in quotes is a string, where %s belongs; write %s", n.text, what, n.text)
	}
}

func parseBool(text string) (bool, error) {
	switch text {
	case "true", "True", "TRUE":
		return true, nil
	case "false", "False", "FALSE":
		return false, nil
	}
	return false, strconv.ErrSyntax
}

func parseFloat(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
		err = strconv.ErrSyntax
	}
	return f, err
}

// structField is a field of a struct as YAML sees it.
type structField struct {
	name      string
	index     []int
	omitEmpty bool
	// elsewhere is what to say of the field on a workload of a type that has none.
	elsewhere string
}

// structFields lists the fields of a struct by their yaml tags, those of
// embedded structs in place.
func structFields(t reflect.Type) []structField {
	var fields []structField
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if f.Type.Kind() == reflect.Struct && (f.Anonymous || options == "inline") {
			for _, inner := range structFields(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				fields = append(fields, inner)
			}
			continue
		}
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		fields = append(fields, structField{name: name, index: []int{i}, omitEmpty: options == "omitempty", elsewhere: f.Tag.Get("elsewhere")})
	}
	return fields
}

// IsKey tells whether a scenario has a key of that name at its top.
func IsKey(name string) bool {
	return slices.ContainsFunc(structFields(reflect.TypeFor[Scenario]()), func(f structField) bool { return f.name == name })
}

package scenarios

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
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
	*document.Problems
	catalog Catalog
}

// decode reads a node into v, which is addressable.
func (d *decoder) decode(n *document.Node, v reflect.Value) {
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
		if d.want(n, document.Scalar, "a single value") {
			if err := into.UnmarshalScalar(n.Text); err != nil {
				d.Blame(n, "%v", err)
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
func (d *decoder) want(n *document.Node, kind document.Kind, what string) bool {
	if n.Kind == kind || n.Kind == document.Null && kind != document.Scalar && d.Sound(n) {
		return true
	}
	if n.Kind == document.Null {
		d.Blame(n, "no value; write %s, or leave the key out", what)
	} else {
		d.Blame(n, "%s where %s belongs", n.Describe(), what)
	}
	return false
}

func (d *decoder) decodeStruct(n *document.Node, v reflect.Value) {
	if !d.want(n, document.Mapping, "a mapping") {
		return
	}
	known := structFields(v.Type())
	var names []string
	for _, f := range known {
		names = append(names, f.name)
	}
	for _, f := range n.Fields {
		i := slices.Index(names, f.Name)
		if i < 0 {
			d.Mark(n)
			d.At(f.Pos, "%s", suggest.Unknown("key", f.Name, names))
			continue
		}
		d.decode(f.Value, v.FieldByIndex(known[i].index))
	}
}

// decodeSlice reads a list; a scalar alone is a list of one.
func (d *decoder) decodeSlice(n *document.Node, v reflect.Value) {
	items := n.Items
	if n.Kind == document.Scalar && v.Type().Elem().Kind() != reflect.Struct {
		items = []*document.Node{n}
	} else if !d.want(n, document.List, "a list") {
		return
	}
	v.SetZero()
	for _, item := range items {
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(item, element)
		v.Set(reflect.Append(v, element))
	}
}

func (d *decoder) decodeMap(n *document.Node, v reflect.Value) {
	if v.Type().Key().Kind() != reflect.String {
		d.Blame(n, "a %s cannot be written in YAML", v.Type())
		return
	}
	if !d.want(n, document.Mapping, "a mapping") {
		return
	}
	v.SetZero()
	for _, f := range n.Fields {
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(f.Value, element)
		v.SetMapIndex(reflect.ValueOf(f.Name).Convert(v.Type().Key()), element)
	}
}

func (d *decoder) decodeScalar(n *document.Node, v reflect.Value) {
	var what string
	var err error
	switch {
	case v.Kind() == reflect.String:
		if !d.want(n, document.Scalar, "a string") {
			return
		}
		if v.SetString(n.Text); n.Text == "" {
			d.Blame(n, "an empty string; leave the key out instead")
		}
		return
	case v.Kind() == reflect.Bool:
		what = "true or false"
		if d.want(n, document.Scalar, what) {
			var b bool
			b, err = parseBool(n.Text)
			v.SetBool(b)
		}
	case v.CanInt():
		what = "a whole number"
		if d.want(n, document.Scalar, what) {
			var i int64
			i, err = strconv.ParseInt(n.Text, 10, v.Type().Bits())
			v.SetInt(i)
		}
	case v.CanUint():
		what = "a whole number, not negative"
		if d.want(n, document.Scalar, what) {
			var u uint64
			u, err = strconv.ParseUint(n.Text, 10, v.Type().Bits())
			v.SetUint(u)
		}
	case v.CanFloat():
		what = "a number"
		if d.want(n, document.Scalar, what) {
			var f float64
			f, err = units.ParseFloat(n.Text)
			v.SetFloat(f)
		}
	default:
		d.Blame(n, "a %s cannot be written in YAML", v.Type())
	}
	switch {
	case n.Kind != document.Scalar:
	case errors.Is(err, strconv.ErrRange):
		d.Blame(n, "%s is out of range", n.Text)
	case err != nil:
		d.Blame(n, "%q is not %s", n.Text, what)
	case n.Quoted:
		d.Blame(n, "%q in quotes is a string, where %s belongs; write %s", n.Text, what, n.Text)
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

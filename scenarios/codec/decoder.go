package codec

import (
	"errors"
	"reflect"
	"slices"
	"strconv"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Decoder fills Go values from a document, strictly: whatever does not fit is a
// problem, and decoding goes on with the rest.
type Decoder struct {
	*document.Problems
	// forms reads the types that have a form of their own.
	forms map[reflect.Type]func(n *document.Node, into any)
}

// NewDecoder is a decoder that collects problems.
func NewDecoder(ps *document.Problems) *Decoder {
	return &Decoder{Problems: ps, forms: map[reflect.Type]func(*document.Node, any){}}
}

// Reads has a decoder read the values of a type, wherever one stands, in a form of their own.
func Reads[T any](d *Decoder, read func(n *document.Node, into *T)) {
	d.forms[reflect.TypeFor[T]()] = func(n *document.Node, into any) { read(n, into.(*T)) }
}

// Decode reads a node into what a pointer points to.
func (d *Decoder) Decode(n *document.Node, into any) { d.decode(n, reflect.ValueOf(into).Elem()) }

// decode reads a node into v, which is addressable.
func (d *Decoder) decode(n *document.Node, v reflect.Value) {
	into := v.Addr().Interface()
	if read := d.forms[v.Type()]; read != nil {
		read(n, into)
		return
	}
	if scalar, ok := into.(ScalarUnmarshaler); ok {
		if d.Want(n, document.Scalar, "a single value") {
			if err := scalar.UnmarshalScalar(n.Text); err != nil {
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

// Want tells whether a node is of the kind that belongs there. Nothing at all
// passes for an empty list or mapping.
func (d *Decoder) Want(n *document.Node, kind document.Kind, what string) bool {
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

func (d *Decoder) decodeStruct(n *document.Node, v reflect.Value) {
	if !d.Want(n, document.Mapping, "a mapping") {
		return
	}
	known := Fields(v.Type())
	var names []string
	for _, f := range known {
		names = append(names, f.Name)
	}
	for _, f := range n.Fields {
		i := slices.Index(names, f.Name)
		if i < 0 {
			d.Mark(n)
			d.At(f.Pos, "%s", suggest.Unknown("key", f.Name, names))
			continue
		}
		d.decode(f.Value, v.FieldByIndex(known[i].Index))
	}
}

// decodeSlice reads a list; a scalar alone is a list of one, and so is a mapping of a OneOrMore.
func (d *Decoder) decodeSlice(n *document.Node, v reflect.Value) {
	items := n.Items
	_, oneOrMore := v.Interface().(OneOrMore)
	if n.Kind == document.Scalar && v.Type().Elem().Kind() != reflect.Struct || n.Kind == document.Mapping && oneOrMore {
		items = []*document.Node{n}
	} else if !d.Want(n, document.List, "a list") {
		return
	}
	v.SetZero()
	for _, item := range items {
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(item, element)
		v.Set(reflect.Append(v, element))
	}
}

func (d *Decoder) decodeMap(n *document.Node, v reflect.Value) {
	if v.Type().Key().Kind() != reflect.String {
		d.Blame(n, "a %s cannot be written in YAML", v.Type())
		return
	}
	if !d.Want(n, document.Mapping, "a mapping") {
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

func (d *Decoder) decodeScalar(n *document.Node, v reflect.Value) {
	var what string
	var err error
	switch {
	case v.Kind() == reflect.String:
		if !d.Want(n, document.Scalar, "a string") {
			return
		}
		if v.SetString(n.Text); n.Text == "" {
			d.Blame(n, "an empty string; leave the key out instead")
		}
		return
	case v.Kind() == reflect.Bool:
		what = "true or false"
		if d.Want(n, document.Scalar, what) {
			var b bool
			b, err = ParseBool(n.Text)
			v.SetBool(b)
		}
	case v.CanInt():
		what = "a whole number"
		if d.Want(n, document.Scalar, what) {
			var i int64
			i, err = strconv.ParseInt(n.Text, 10, v.Type().Bits())
			v.SetInt(i)
		}
	case v.CanUint():
		what = "a whole number, not negative"
		if d.Want(n, document.Scalar, what) {
			var u uint64
			u, err = strconv.ParseUint(n.Text, 10, v.Type().Bits())
			v.SetUint(u)
		}
	case v.CanFloat():
		what = "a number"
		if d.Want(n, document.Scalar, what) {
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

// ParseBool reads a truth value as YAML has it.
func ParseBool(text string) (bool, error) {
	switch text {
	case "true", "True", "TRUE":
		return true, nil
	case "false", "False", "FALSE":
		return false, nil
	}
	return false, strconv.ErrSyntax
}

package codec

import (
	"reflect"
	"slices"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Struct is a struct that may stand among others in one mapping. The zero value has no fields.
type Struct struct {
	value  reflect.Value
	Fields []Field
}

// StructOf is the struct behind a pointer; the zero value if there is none.
func StructOf(pointer any) (s Struct) {
	if v := reflect.ValueOf(pointer); v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
		s.value = v.Elem()
		s.Fields = Fields(s.value.Type())
	}
	return s
}

// Decode reads a key; false if it is none of the struct's.
func (s Struct) Decode(d *Decoder, f document.Field) bool {
	i := slices.IndexFunc(s.Fields, func(known Field) bool { return known.Name == f.Name })
	if i >= 0 {
		d.decode(f.Value, s.value.FieldByIndex(s.Fields[i].Index))
	}
	return i >= 0
}

// Encode writes its keys, and those alone.
func (s Struct) Encode() (*document.Node, error) {
	if !s.value.IsValid() {
		return &document.Node{Kind: document.Mapping}, nil
	}
	return encodeStruct(s.value)
}

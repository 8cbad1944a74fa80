package codec

import (
	"reflect"
	"strings"
)

// Field is a field of a struct as YAML sees it.
type Field struct {
	Name string // its key
	// Index is where it is, as reflect has it.
	Index     []int
	OmitEmpty bool
	Tag       reflect.StructTag
}

// Fields lists the fields of a struct by their yaml tags, those of
// embedded structs in place.
func Fields(t reflect.Type) []Field {
	var fields []Field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if f.Type.Kind() == reflect.Struct && (f.Anonymous || options == "inline") {
			for _, inner := range Fields(f.Type) {
				inner.Index = append([]int{i}, inner.Index...)
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
		fields = append(fields, Field{Name: name, Index: []int{i}, OmitEmpty: options == "omitempty", Tag: f.Tag})
	}
	return fields
}

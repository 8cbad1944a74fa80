package codec

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Encode is the reverse of [Decoder.Decode].
//
// Nil pointers and empty strings, lists and maps are left out, and so is any zero value tagged
// omitempty. Lists, maps and that tag are for fields whose default is nothing.
func Encode(value any) (*document.Node, error) { return encode(reflect.ValueOf(value)) }

func encode(v reflect.Value) (*document.Node, error) {
	switch from := v.Interface().(type) {
	case Marshaler:
		return from.MarshalNode()
	case fmt.Stringer:
		if _, ok := reflect.New(v.Type()).Interface().(ScalarUnmarshaler); ok {
			return document.StringNode(from.String()), nil
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		return encode(v.Elem())
	case reflect.Struct:
		return encodeStruct(v)
	case reflect.Slice:
		list := &document.Node{Kind: document.List}
		for i := range v.Len() {
			item, err := encode(v.Index(i))
			if err != nil {
				return nil, err
			}
			list.Items = append(list.Items, item)
		}
		return list, nil
	case reflect.Map:
		return encodeMap(v)
	case reflect.String:
		return document.StringNode(v.String()), nil
	case reflect.Float32, reflect.Float64:
		return document.PlainNode(strconv.FormatFloat(v.Float(), 'f', -1, v.Type().Bits())), nil
	}
	if v.Kind() == reflect.Bool || v.CanInt() || v.CanUint() {
		return document.PlainNode(fmt.Sprint(v.Interface())), nil
	}
	return nil, fmt.Errorf("a %s cannot be written in YAML", v.Type())
}

func encodeStruct(v reflect.Value) (*document.Node, error) {
	n := &document.Node{Kind: document.Mapping}
	for _, f := range Fields(v.Type()) {
		value := v.FieldByIndex(f.Index)
		if isAbsent(value) || f.OmitEmpty && value.IsZero() {
			continue
		}
		encoded, err := encode(value)
		if err != nil {
			return nil, err
		}
		if value.Kind() == reflect.Struct && encoded.Kind == document.Mapping && len(encoded.Fields) == 0 {
			continue
		}
		n.Add(f.Name, encoded)
	}
	return n, nil
}

// isAbsent tells whether a value is none at all, as opposed to a zero or false
// that somebody may have written.
func isAbsent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return v.IsNil()
	case reflect.String, reflect.Slice, reflect.Map:
		return v.Len() == 0
	}
	return false
}

func encodeMap(v reflect.Value) (*document.Node, error) {
	n := &document.Node{Kind: document.Mapping}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		value, err := encode(v.MapIndex(key))
		if err != nil {
			return nil, err
		}
		n.Add(key.String(), value)
	}
	return n, nil
}

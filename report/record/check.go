package record

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// most is the largest number that an event may hold: sums of such numbers stay in range,
// and a float64 holds it exactly.
const most = 1 << 53

// check says what cannot be in an event: a count, a number or a time below 0, a number
// beyond all measure, and that a part is missing which every event of the type has. raw is
// the JSON as it is decoded without a type.
func check(raw any, t reflect.Type, path string) error {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		if raw != nil {
			return check(raw, t.Elem(), path)
		}
	case reflect.Struct:
		return checkStruct(raw, t, path)
	case reflect.Slice, reflect.Array:
		items, _ := raw.([]any)
		for i, item := range items {
			if err := check(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		values, _ := raw.(map[string]any)
		for key, value := range values {
			if err := check(value, t.Elem(), path+"."+key); err != nil {
				return err
			}
		}
	default:
		if n, ok := raw.(float64); ok && (n < 0 || n > most) && !anyNumber(path) {
			return fmt.Errorf("%s cannot be %v", path, n)
		}
	}
	return nil
}

func checkStruct(raw any, t reflect.Type, path string) error {
	values, ok := raw.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is missing", cmp.Or(path, "what happened"))
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner := strings.TrimPrefix(path+"."+name, ".")
		value := values[name]
		mayMiss := options == "omitempty" || slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, f.Type.Kind())
		switch {
		case value == nil && mayMiss:
		case value == nil:
			return fmt.Errorf("%s is missing", inner)
		default:
			if err := check(value, f.Type, inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// anyNumber tells whether a number may be any: the seed, differences of clocks, offsets that
// a server tells, and values that a read has brought.
func anyNumber(path string) bool {
	return slices.Contains([]string{"seed", "offset_ms", "by_ms", "offset", "got", "want"}, path)
}

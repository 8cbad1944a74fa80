package chaos

import (
	"fmt"
	"reflect"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// AimedAt is a fault with the same settings and another selector.
func AimedAt(f Fault, at Selector) (scenarios.FaultSpec, error) {
	return aimed(f, func(into reflect.Value) { into.Set(reflect.ValueOf(at)) })
}

// AimedAs is a fault with the settings of one and the selector of another.
func AimedAs(f, other Fault) (scenarios.FaultSpec, error) {
	from, ok := selectorIn(reflect.ValueOf(other))
	if !ok {
		return nil, fmt.Errorf("a %T embeds no selector to be aimed by", other)
	}
	return aimed(f, func(into reflect.Value) { into.Set(from) })
}

// aimed is a copy of a fault with another selector.
func aimed(f Fault, set func(selector reflect.Value)) (scenarios.FaultSpec, error) {
	settings := reflect.ValueOf(f)
	if settings.Kind() != reflect.Pointer {
		return nil, fmt.Errorf("a %T embeds no selector to be aimed by", f)
	}
	copied := reflect.New(settings.Elem().Type())
	copied.Elem().Set(settings.Elem())
	into, ok := selectorIn(copied)
	if !ok {
		return nil, fmt.Errorf("a %T embeds no selector to be aimed by", f)
	}
	set(into)
	return copied.Interface().(scenarios.FaultSpec), nil
}

// selectorIn is the selector that a struct behind a pointer embeds, or one that it embeds does.
func selectorIn(pointer reflect.Value) (reflect.Value, bool) {
	settings := reflect.Indirect(pointer)
	if settings.Kind() != reflect.Struct {
		return reflect.Value{}, false
	}
	for i := range settings.NumField() {
		field := settings.Type().Field(i)
		if field.Type == reflect.TypeFor[Selector]() && field.Anonymous {
			return settings.Field(i), true
		}
		if !field.Anonymous {
			continue
		}
		if inner, ok := selectorIn(settings.Field(i)); ok {
			return inner, true
		}
	}
	return reflect.Value{}, false
}

package chaos

import (
	"fmt"
	"math/rand/v2"
	"reflect"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Resolve picks the targets on a topology, sorted by name.
func (s Selector) Resolve(t observe.Topology, random *rand.Rand) ([]string, error) {
	return s.resolve(t, random)
}

// AimedAt is a fault with the same settings whose target is one node.
func AimedAt(f Fault, node string) (scenarios.FaultSpec, error) {
	settings := reflect.ValueOf(f)
	if settings.Kind() != reflect.Pointer || settings.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("a %T has no selector to be aimed by", f)
	}
	copied := reflect.New(settings.Elem().Type())
	copied.Elem().Set(settings.Elem())
	if !aim(copied.Elem(), node) {
		return nil, fmt.Errorf("a %T embeds no selector to be aimed by", f)
	}
	return copied.Interface().(scenarios.FaultSpec), nil
}

// aim sets the selector that a struct embeds, or one that it embeds does.
func aim(settings reflect.Value, node string) bool {
	for i := range settings.NumField() {
		field := settings.Type().Field(i)
		switch {
		case !field.Anonymous || field.Type.Kind() != reflect.Struct:
		case field.Type == reflect.TypeFor[Selector]():
			settings.Field(i).Set(reflect.ValueOf(Selector{Node: node}))
			return true
		case aim(settings.Field(i), node):
			return true
		}
	}
	return false
}

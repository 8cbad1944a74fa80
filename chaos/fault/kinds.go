// Package fault is the kinds of faults, a file each.
package fault

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// kinds has a method for each kind of fault, beside that: it makes the settings at their defaults.
// The kind's name in a scenario is the method's in lower case, with _ between its words.
type kinds struct{}

// Kinds lists the kinds of fault by their names in a scenario, each with a
// constructor of its settings at their defaults. It asks for the methods of kinds, so that a new
// kind is a new file and nothing else.
func Kinds() map[string]func() scenarios.FaultSpec {
	all := map[string]func() scenarios.FaultSpec{}
	methods := reflect.ValueOf(kinds{})
	for i := range methods.NumMethod() {
		construct := methods.Method(i).Interface().(func() chaos.Fault)
		all[kindName(methods.Type().Method(i).Name)] = func() scenarios.FaultSpec { return construct() }
	}
	return all
}

// kindName is the name of a kind in a scenario: "disk_full" of DiskFull.
func kindName(method string) string {
	return strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(method, "${1}_$2"))
}

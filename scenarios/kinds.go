package scenarios

import (
	"reflect"
	"regexp"
	"strings"
)

// KindsOf lists the kinds that the methods of a value construct, by their names in a scenario: a
// method's in lower case, with _ between its words. A package that gives such a type a method beside
// each of its kinds has no list of them: a new kind is a new file and nothing else.
func KindsOf[From, To any](of any, as func(From) To) map[string]func() To {
	all := map[string]func() To{}
	methods := reflect.ValueOf(of)
	for i := range methods.NumMethod() {
		construct := methods.Method(i).Interface().(func() From)
		all[kindName(methods.Type().Method(i).Name)] = func() To { return as(construct()) }
	}
	return all
}

// kindName is the name of a kind in a scenario: "disk_full" of DiskFull.
func kindName(method string) string {
	return strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(method, "${1}_$2"))
}

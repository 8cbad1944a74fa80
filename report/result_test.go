package report

import (
	"reflect"
	"strings"
	"testing"
)

// A result is read back as it was written: whatever it holds is a field of its JSON.
func TestAResultHasNoHiddenState(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var check func(of reflect.Type)
	check = func(of reflect.Type) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
			check(of.Elem())
		case reflect.Struct:
			if seen[of] || !strings.Contains(of.PkgPath(), "redis-chaos") {
				return
			}
			seen[of] = true
			for i := range of.NumField() {
				f := of.Field(i)
				if !f.IsExported() || f.Tag.Get("json") == "" && !f.Anonymous || f.Tag.Get("json") == "-" {
					t.Errorf("%s.%s is not in result.json", of, f.Name)
				}
				check(f.Type)
			}
		default:
		}
	}
	check(reflect.TypeFor[Result]())
}

func TestReadRefusesWhatIsNoResult(t *testing.T) {
	for text, want := range map[string]string{
		"": "EOF", "{}": "its schema is", `{"schema":"redis-chaos/set/v1"}`: "its schema is",
		`{"schema":"` + Schema + `","missed":[{"fault":3,"findings":[{}]}]}`: "refers to what is not in it",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

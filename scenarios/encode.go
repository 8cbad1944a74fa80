package scenarios

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// YAML writes the scenario as it runs, with defaults and --set changes in
// place. [Parse] reads an equal scenario back from it.
//
// In the settings of a fault, nil pointers and empty strings, lists and maps
// are left out, and so is any zero value tagged omitempty. Lists, maps and that
// tag are for fields whose default is nothing.
func (s *Scenario) YAML() ([]byte, error) {
	for i, f := range s.Faults {
		if f.Spec == nil {
			return nil, fmt.Errorf("faults[%d] has no settings", i)
		}
	}
	n, err := encode(reflect.ValueOf(s).Elem())
	if err != nil {
		return nil, err
	}
	return n.Marshal()
}

// encode is the reverse of decode.
func encode(v reflect.Value) (*document.Node, error) {
	switch from := v.Interface().(type) {
	case Fault:
		return encodeFault(from)
	case Workload:
		return encodeWorkload(from)
	case []Expectation:
		return encodeExpect(from), nil
	case []SetExpectation:
		return encodeExpectSet(from), nil
	case Config:
		return encodeConfig(from), nil
	case Rate:
		return encodeRate(from), nil
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
	for _, f := range structFields(v.Type()) {
		value := v.FieldByIndex(f.index)
		if isAbsent(value) || f.omitEmpty && value.IsZero() {
			continue
		}
		encoded, err := encode(value)
		if err != nil {
			return nil, err
		}
		if value.Kind() == reflect.Struct && encoded.Kind == document.Mapping && len(encoded.Fields) == 0 {
			continue
		}
		n.Add(f.name, encoded)
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

// encodeWorkload writes the settings of a workload's type right after that.
func encodeWorkload(w Workload) (*document.Node, error) {
	common, err := encodeStruct(reflect.ValueOf(w))
	if err != nil {
		return nil, err
	}
	spec := settingsOf(reflect.ValueOf(w.Spec))
	if !spec.value.IsValid() {
		return common, nil
	}
	own, err := encodeStruct(spec.value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.Type, err)
	}
	at := slices.IndexFunc(common.Fields, func(f document.Field) bool { return f.Name == "type" })
	common.Fields = slices.Insert(common.Fields, at+1, own.Fields...)
	return common, nil
}

func encodeFault(f Fault) (*document.Node, error) {
	n := &document.Node{Kind: document.Mapping}
	n.Add("at", document.StringNode(f.At.String()))
	if f.For != 0 {
		n.Add("for", document.StringNode(f.For.String()))
	}
	spec := reflect.ValueOf(f.Spec)
	if spec.Kind() == reflect.Pointer {
		spec = spec.Elem()
	}
	settings, err := encode(spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Kind, err)
	}
	n.Add(f.Kind, settings)
	return n, nil
}

func encodeExpect(expect []Expectation) *document.Node {
	n := &document.Node{Kind: document.Mapping}
	for _, e := range expect {
		if e.Metric.Unit == UnitCauses {
			causes := &document.Node{Kind: document.List}
			for _, c := range e.Causes {
				causes.Items = append(causes.Items, document.StringNode(c))
			}
			n.Add(e.Name(), causes)
			continue
		}
		n.Add(e.Name(), e.encodeBound(e.Metric.Unit == UnitCount))
	}
	return n
}

// encodeBound writes the bound; a bare one is what is equal, or something else.
func (e Expectation) encodeBound(bareIsEqual bool) *document.Node {
	if e.Metric.Unit == UnitBool {
		return document.PlainNode(e.Want)
	}
	if bareIsEqual {
		return document.StringNode(strings.TrimPrefix(e.Want, "== "))
	}
	return document.StringNode(e.Want)
}

func encodeConfig(config Config) *document.Node {
	n := &document.Node{Kind: document.Mapping}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		lines := &document.Node{Kind: document.List}
		for _, line := range config[name] {
			lines.Items = append(lines.Items, document.StringNode(line))
		}
		if len(lines.Items) == 1 {
			lines = lines.Items[0]
		}
		n.Add(name, lines)
	}
	return n
}

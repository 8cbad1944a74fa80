package scenarios

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
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
	return yaml.MarshalWithOptions(n.plain(), yaml.IndentSequence(true), yaml.CustomMarshaler(func(s scalar) ([]byte, error) { return []byte(s), nil }))
}

// encode is the reverse of decode.
func encode(v reflect.Value) (*node, error) {
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
			return stringNode(from.String()), nil
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		return encode(v.Elem())
	case reflect.Struct:
		return encodeStruct(v)
	case reflect.Slice:
		list := &node{kind: listNode}
		for i := range v.Len() {
			item, err := encode(v.Index(i))
			if err != nil {
				return nil, err
			}
			list.items = append(list.items, item)
		}
		return list, nil
	case reflect.Map:
		return encodeMap(v)
	case reflect.String:
		return stringNode(v.String()), nil
	case reflect.Float32, reflect.Float64:
		return plainNode(strconv.FormatFloat(v.Float(), 'f', -1, v.Type().Bits())), nil
	}
	if v.Kind() == reflect.Bool || v.CanInt() || v.CanUint() {
		return plainNode(fmt.Sprint(v.Interface())), nil
	}
	return nil, fmt.Errorf("a %s cannot be written in YAML", v.Type())
}

func encodeStruct(v reflect.Value) (*node, error) {
	n := &node{kind: mappingNode}
	for _, f := range structFields(v.Type()) {
		value := v.FieldByIndex(f.index)
		if isAbsent(value) || f.omitEmpty && value.IsZero() {
			continue
		}
		encoded, err := encode(value)
		if err != nil {
			return nil, err
		}
		if value.Kind() == reflect.Struct && encoded.kind == mappingNode && len(encoded.fields) == 0 {
			continue
		}
		n.add(f.name, encoded)
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

func encodeMap(v reflect.Value) (*node, error) {
	n := &node{kind: mappingNode}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		value, err := encode(v.MapIndex(key))
		if err != nil {
			return nil, err
		}
		n.add(key.String(), value)
	}
	return n, nil
}

// encodeWorkload writes the settings of a workload's type right after that.
func encodeWorkload(w Workload) (*node, error) {
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
	at := slices.IndexFunc(common.fields, func(f field) bool { return f.name == "type" })
	common.fields = slices.Insert(common.fields, at+1, own.fields...)
	return common, nil
}

func encodeFault(f Fault) (*node, error) {
	n := &node{kind: mappingNode}
	n.add("at", stringNode(f.At.String()))
	if f.For != 0 {
		n.add("for", stringNode(f.For.String()))
	}
	spec := reflect.ValueOf(f.Spec)
	if spec.Kind() == reflect.Pointer {
		spec = spec.Elem()
	}
	settings, err := encode(spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Kind, err)
	}
	n.add(f.Kind, settings)
	return n, nil
}

func encodeExpect(expect []Expectation) *node {
	n := &node{kind: mappingNode}
	for _, e := range expect {
		if e.Metric.Unit == UnitCauses {
			causes := &node{kind: listNode}
			for _, c := range e.Causes {
				causes.items = append(causes.items, stringNode(c))
			}
			n.add(e.Name(), causes)
			continue
		}
		n.add(e.Name(), e.encodeBound(e.Metric.Unit == UnitCount))
	}
	return n
}

// encodeBound writes the bound; a bare one is what is equal, or something else.
func (e Expectation) encodeBound(bareIsEqual bool) *node {
	if e.Metric.Unit == UnitBool {
		return plainNode(e.Want)
	}
	if bareIsEqual {
		return stringNode(strings.TrimPrefix(e.Want, "== "))
	}
	return stringNode(e.Want)
}

func encodeConfig(config Config) *node {
	n := &node{kind: mappingNode}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		lines := &node{kind: listNode}
		for _, line := range config[name] {
			lines.items = append(lines.items, stringNode(line))
		}
		if len(lines.items) == 1 {
			lines = lines.items[0]
		}
		n.add(name, lines)
	}
	return n
}

func (n *node) add(name string, value *node) {
	n.fields = append(n.fields, field{name: name, value: value})
}

func plainNode(text string) *node { return &node{kind: scalarNode, text: text} }

// stringNode quotes a string where YAML would make something else of it.
func stringNode(text string) *node {
	n := plainNode(text)
	plain := regexp.MustCompile(`^[A-Za-z0-9/]([A-Za-z0-9 ./:;,'()<>=%+_-]*[A-Za-z0-9./;,'()%+_-])?$`)
	reserved := regexp.MustCompile(`(?i)^(null|true|false)$|: |  `)
	n.quoted = !plain.MatchString(text) || reserved.MatchString(text)
	return n
}

// scalar is a scalar as it is written.
type scalar string

// plain is the node as the encoder takes it.
func (n *node) plain() any {
	switch n.kind {
	case mappingNode:
		mapping := yaml.MapSlice{}
		for _, f := range n.fields {
			mapping = append(mapping, yaml.MapItem{Key: scalarText(stringNode(f.name)), Value: f.value.plain()})
		}
		return mapping
	case listNode:
		list := []any{}
		for _, item := range n.items {
			list = append(list, item.plain())
		}
		return list
	default:
		return scalar(scalarText(n))
	}
}

func scalarText(n *node) string {
	if n.quoted {
		return strconv.Quote(n.text)
	}
	return n.text
}

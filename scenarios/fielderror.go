package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// FieldError blames one field of a FaultSpec or a WorkloadSpec, named as in the YAML
// (empty: the mapping as a whole).
type FieldError struct {
	Field string
	Msg   string // what is wrong and what would be right
	// With is the path of another value, from the top of the scenario, that the field does
	// not go together with; empty if that is not so.
	With string
}

func (e *FieldError) Error() string {
	if e.Field == "" {
		return e.Msg
	}
	return e.Field + ": " + e.Msg
}

// InRange blames a field whose value is out of its limits.
func InRange[T cmp.Ordered](field string, got, low, high T, why string) error {
	if got >= low && got <= high {
		return nil
	}
	return &FieldError{Field: field, Msg: outOfRange(got, low, high, why)}
}

// OneOf blames a field whose value is none of the words that are known.
func OneOf(field, value string, known ...string) error {
	if slices.Contains(known, value) {
		return nil
	}
	return &FieldError{Field: field, Msg: fmt.Sprintf("unknown %s %q; known: %s", field, value, strings.Join(known, ", "))}
}

func outOfRange[T cmp.Ordered](got, low, high T, why string) string {
	if why != "" {
		why = " (" + why + ")"
	}
	return fmt.Sprintf("%v is out of range; write %v to %v%s", got, low, high, why)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// What went wrong beside an interrupt is told: something may be left to heal or remove.
func TestBeyondInterrupt(t *testing.T) {
	stuck := errors.New("it is stuck")
	canceled := fmt.Errorf("deploying: %w", context.Canceled)
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"nothing":             {nil, "<nil>"},
		"only that":           {canceled, "<nil>"},
		"that twice":          {errors.Join(canceled, context.Canceled), "<nil>"},
		"a removal beside":    {errors.Join(canceled, stuck), "it is stuck"},
		"a removal wrapped":   {fmt.Errorf("deploying: %w", errors.Join(canceled, fmt.Errorf("removing: %w", stuck))), "removing: it is stuck"},
		"only something else": {fmt.Errorf("healing: %w", stuck), "healing: it is stuck"},
		"out of time":         {errors.Join(canceled, fmt.Errorf("removing: %w", context.DeadlineExceeded)), "removing: context deadline exceeded"},
	} {
		if got := fmt.Sprint(beyondInterrupt(test.err)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

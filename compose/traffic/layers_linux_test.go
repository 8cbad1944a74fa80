package traffic

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Rules that a process has left which was killed are seen by another one, and go when that lifts any.
func TestLayersOfAnotherProcess(t *testing.T) {
	w := newWorld(t)
	open := func() (Rules, error) { return Open(fmt.Sprintf("/proc/self/fd/%d", w.near.file.Fd())) }
	loss := []Rule{{ID: "0", Match: Match{Direction: Out}, Effect: Effect{Loss: &Loss{Probability: 0.1}}}}
	late := []Rule{{ID: "0", Match: Match{Direction: Out}, Effect: Effect{Latency: &Latency{Delay: time.Millisecond}}}}
	var killed, other Layers
	must(t, killed.Set(t.Context(), open, "a", loss))
	must(t, killed.Set(t.Context(), open, "b", late))
	names := func(l *Layers) []string {
		t.Helper()
		all, err := l.Names(t.Context(), open)
		must(t, err)
		return all
	}
	if got := names(&killed); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("its own: %q", got)
	}
	must(t, killed.Close())
	if got := names(&other); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("seen by another: %q", got)
	}
	must(t, other.Set(t.Context(), open, "a", nil))
	must(t, other.Set(t.Context(), open, "b", nil))
	if got := names(&other); len(got) > 0 {
		t.Errorf("left: %q", got)
	}
	nowhere := func() (Rules, error) { return nil, fmt.Errorf("gone: %w", ErrNoNamespace) }
	if err := other.Set(t.Context(), nowhere, "a", nil); err != nil {
		t.Errorf("lifting what is in no namespace: %v", err)
	}
	if got, err := other.Names(t.Context(), nowhere); got != nil || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

package experiment

import (
	"errors"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/docker"
)

// A run is judged by what it measured: what the engine would not remove of it is told,
// and is no failure. That it could not be asked is one.
func TestWhatIsLeftOfARunIsToldAndNoFailure(t *testing.T) {
	var told []string
	o := Options{Warn: func(text string) { told = append(told, text) }}
	left := &docker.LeftError{RunID: "r1", Parts: []docker.Leftover{{RunID: "r1", Kind: "network", Name: "net", Reason: "it has active endpoints", Remedy: "restart the engine"}}}
	if err := o.removed(left); err != nil {
		t.Errorf("%v", err)
	}
	if want := []string{"the engine will not remove the network net of run r1 (it has active endpoints): restart the engine"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	gone := errors.New("the engine is gone")
	if err := o.removed(gone); !errors.Is(err, gone) || len(told) != 1 {
		t.Errorf("%v, told %q", err, told)
	}
}

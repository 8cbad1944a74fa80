package chaos

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// holding is a fault that holds something.
type holding struct {
	fake
	what []string
}

func (h holding) Holds() []string { return h.what }

func TestFaultsThatHoldTheSameOfOneNodeContradict(t *testing.T) {
	var h holds
	stop := scenarios.Fault{Kind: "stop", Spec: holding{what: []string{"process"}}}
	starve := scenarios.Fault{Kind: "starve", Spec: holding{what: []string{"cpu"}}}
	latency := scenarios.Fault{Kind: "latency", Spec: fake{}}
	release, err := h.take(t.Context(), 0, stop, []string{"a", "b"}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var contradiction *ContradictionError
	_, err = h.take(t.Context(), 1, stop, []string{"c", "b"}, time.Minute)
	const want = "it contradicts faults[0] (stop), which is in force and has the process of b; let that end first, or pick another node"
	if !errors.As(err, &contradiction) || err.Error() != want {
		t.Errorf("%v", err)
	}
	for i, f := range []scenarios.Fault{starve, latency, latency} {
		if _, err := h.take(t.Context(), 2+i, f, []string{"a"}, time.Minute); err != nil {
			t.Errorf("%s: %v", f.Kind, err)
		}
	}
	release()
	if _, err := h.take(t.Context(), 9, stop, []string{"c", "b"}, time.Minute); err != nil {
		t.Errorf("after its end: %v", err)
	}
}

// A fault that is to begin when another one is to end waits until that is healed, which takes a moment.
func TestAFaultFollowsAnotherThatIsBeingHealed(t *testing.T) {
	var h holds
	stop := scenarios.Fault{Kind: "stop", Spec: holding{what: []string{"process"}}}
	release, err := h.take(t.Context(), 0, stop, []string{"a"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := h.take(ended, 1, stop, []string{"a"}, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("the run ends meanwhile: %v", err)
	}
	time.AfterFunc(10*time.Millisecond, release)
	if _, err := h.take(t.Context(), 1, stop, []string{"a"}, 0); err != nil {
		t.Error(err)
	}
}

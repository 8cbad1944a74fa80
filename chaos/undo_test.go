package chaos

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/ledger"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// stubborn is a fault that is healed at the third try, and looks so at the fourth.
type stubborn struct {
	fake
	heals, looks int
}

func (s *stubborn) Heal(context.Context, Cluster, string) error {
	if s.heals++; s.heals < 3 {
		return errors.New("the engine is busy")
	}
	return nil
}

func (s *stubborn) Healthy(context.Context, Cluster, string) error {
	if s.looks++; s.looks < 2 {
		return errors.New("it is paused")
	}
	return nil
}

// named is a cluster that is only named.
type named struct{ compose.Cluster }

func (named) Nodes() []compose.Node {
	return []compose.Node{{Name: "redis-master-1", HostAddr: "127.0.0.1:6379"}}
}

func (named) Commands(context.Context, string) []string { return []string{"docker unpause n"} }

func TestHealingIsTriedUntilItIsSeen(t *testing.T) {
	f := &stubborn{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := Undo(ctx, f, named{}, "redis-master-1"); err != nil || f.heals != 4 || f.looks != 2 {
		t.Errorf("healed %d times, looked at %d times: %v", f.heals, f.looks, err)
	}
}

// hopeless cannot be healed.
type hopeless struct {
	fake
	err error
}

func (h hopeless) Heal(ctx context.Context, _ Cluster, _ string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return h.err
}

func (hopeless) ByCommands(n compose.Node) []string {
	return []string{"redis-cli -p " + n.HostAddr[10:]}
}

// What cannot be healed says why it was not, though time ran out meanwhile, and how a person does it; of a node
// that is gone, neither is tried for long.
func TestWhatCannotBeHealed(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	f := hopeless{err: errors.New("the engine is broken")}
	_, err := Undo(ctx, f, named{}, "redis-master-1")
	told := Unhealed(ctx, f, "pause", named{}, "redis-master-1", err).Error()
	const want = "NOT HEALED: pause of redis-master-1: the engine is broken; by hand: docker unpause n; redis-cli -p 6379"
	if told != want {
		t.Errorf("%q, want\n%q", told, want)
	}
	gone := hopeless{err: compose.ErrVanished}
	unbounded := t.Context()
	if _, err := Undo(unbounded, gone, named{}, "n"); !errors.Is(err, compose.ErrVanished) {
		t.Error(err)
	}
	if e := Unhealed(unbounded, gone, "pause", named{}, "n", compose.ErrVanished); len(e.Commands) > 0 {
		t.Errorf("nothing helps a node that is gone: %v", e)
	}
}

// What could not be undone is told however the run ended, and once.
func TestUnhealedIsToldBesideWhateverEndedTheRun(t *testing.T) {
	lost, known := &UnhealedError{Kind: "pause", Node: "a"}, &UnhealedError{Kind: "stop", Node: "b"}
	var u unhealed
	if texts, err := u.beside(nil); err != nil || texts != nil {
		t.Errorf("%v, %q", err, texts)
	}
	u.add(lost)
	u.add(known)
	texts, err := u.beside(errors.Join(context.Canceled, known))
	if !errors.Is(err, lost) || strings.Count(err.Error(), "stop of b") != 1 || len(texts) != 2 {
		t.Errorf("%v, %q", err, texts)
	}
	if got := unhealedIn(errors.Join(errors.New("x"), err)); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// knowing remembers something.
type knowing struct {
	fake
	known map[string]string
}

func (k *knowing) Memory() any { return &k.known }

// What is noted of a fault makes the same fault again in another process.
func TestFaultsAreRestoredFromTheirNotes(t *testing.T) {
	own := &knowing{known: map[string]string{"maxmemory": "0"}}
	entries, err := Note("r", 2, scenarios.Fault{Kind: "know", Spec: &knowing{fake: fake{Selector{Node: []string{"a"}}}}}, []Fault{own, &fake{}}, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	if want := (ledger.Entry{Run: "r", Step: 2, Kind: "know", Node: "b", Settings: entries[1].Settings}); !slices.EqualFunc(entries[1:], []ledger.Entry{want}, func(a, b ledger.Entry) bool {
		return a.Run == b.Run && a.Step == b.Step && a.Kind == b.Kind && a.Node == b.Node && a.Memory == nil
	}) {
		t.Errorf("%+v", entries[1])
	}
	read := func(string) (scenarios.Fault, error) { return scenarios.Fault{Kind: "know", Spec: &knowing{}}, nil }
	f, err := Restore(entries[0], read)
	if err != nil || f.(*knowing).known["maxmemory"] != "0" {
		t.Errorf("%+v, %v", f, err)
	}
	bad := entries[0]
	bad.Memory = []byte(`[1]`)
	if _, err := Restore(bad, read); err == nil || !strings.Contains(err.Error(), "reading what was known of a before know") {
		t.Error(err)
	}
}

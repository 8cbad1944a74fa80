package docker

import (
	"errors"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/fakeengine"
	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// A cluster that stands is one process's at a time. What a process that was killed leaves of that is no cluster to be
// removed, and in nobody's way.
func TestOneProcessAtATimeHasACluster(t *testing.T) {
	fake := fakeengine.Start(t)
	t.Setenv("DOCKER_HOST", fake.Host)
	e, err := Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	fake.Add(fakeengine.Volumes, "data", map[string]string{RunLabel: "test-stands", OwnerLabel: "o"}, false)
	first, err := e.claim(t.Context(), "test-stands", heldBy("a"))
	if err != nil {
		t.Fatal(err)
	}
	var live *journal.InProgressError
	if _, err := e.claim(t.Context(), "test-stands", heldBy("b")); !errors.As(err, &live) {
		t.Errorf("another one: %v", err)
	}
	if err := e.Remove(t.Context(), "test-stands"); !errors.As(err, &live) {
		t.Errorf("removing it: %v", err)
	}
	first.Release() // as a kill does
	swept, err := e.RemoveStale(t.Context())
	if err != nil || len(swept.Removed) > 0 || !slices.Equal(fake.Names(), []string{"volumes/data"}) {
		t.Errorf("swept %v, %v; there is %v", swept.Removed, err, fake.Names())
	}
	second, err := e.claim(t.Context(), "test-stands", heldBy("c"))
	if err != nil {
		t.Fatalf("after a kill, swept: %v", err)
	}
	second.Release()
	third, err := e.claim(t.Context(), "test-stands", heldBy("d"))
	if err != nil || third.Made.Holder != "d" {
		t.Fatalf("after a kill: %v", err)
	}
	third.Release()
	if err := e.Remove(t.Context(), "test-stands"); err != nil || len(fake.Names()) > 0 {
		t.Errorf("removing it after a kill: %v; there is %v", err, fake.Names())
	}
	j, err := e.journal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	killed, err := j.Register("test-stands", func([]journal.Item[marks]) (marks, error) { return marks{Owner: "o"}, nil })
	if err != nil {
		t.Fatal(err)
	}
	killed.Release()
	var stale *journal.StaleError
	if _, err := e.claim(t.Context(), "test-stands", heldBy("e")); !errors.As(err, &stale) {
		t.Errorf("one that a killed run has left: %v", err)
	}
	if _, err := e.RemoveStale(t.Context()); err != nil {
		t.Error(err)
	}
}

// heldBy is what the journal holds of a process with a cluster.
func heldBy(holder string) func() (marks, error) {
	return func() (marks, error) { return marks{Holder: holder}, nil }
}

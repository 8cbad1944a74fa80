package compose

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/docker/docker/api/types/volume"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// enrolled enrols a run that makes nothing yet.
func enrolled(t *testing.T, e *Engine, name string) *Run {
	t.Helper()
	d := DefaultDeployment(3, 0)
	d.RunID, d.Prefix = name, name+"-"
	run, err := e.Enrol(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// makeVolume makes a volume with labels, for the time of the test.
func makeVolume(t *testing.T, e *Engine, name string, labels map[string]string) {
	t.Helper()
	if _, err := e.VolumeCreate(t.Context(), volume.CreateOptions{Name: name, Labels: labels}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.VolumeRemove(context.Background(), name, true) })
}

// sweep lists the runs that RemoveStale removes.
func sweep(t *testing.T, e *Engine) ([]string, error) {
	t.Helper()
	swept, err := e.RemoveStale(t.Context())
	return swept.Removed, err
}

func isThere(t *testing.T, e *Engine, volume string) bool {
	t.Helper()
	_, err := e.VolumeInspect(t.Context(), volume)
	return err == nil
}

// Of a run that was killed, what it has made is removed, and not what somebody
// else has made under the same id.
func TestStaleRemovalTouchesOnlyWhatTheRunOwned(t *testing.T) {
	e := engine(t)
	const name = "test-stale"
	run := enrolled(t, e, name)
	others := maps.Clone(run.Labels())
	others[OwnerLabel] = "somebody"
	makeVolume(t, e, "test-stale-own", run.Labels())
	makeVolume(t, e, "test-stale-others", others)
	makeVolume(t, e, "test-stale-by-hand", map[string]string{RunLabel: name})
	makeVolume(t, e, "test-stale-foreign", nil)

	var inProgress *journal.InProgressError
	if err := e.Remove(t.Context(), name); !errors.As(err, &inProgress) {
		t.Errorf("the run is live, and removing it gives %v", err)
	}
	if removed, err := sweep(t, e); err != nil || slices.Contains(removed, name) || !isThere(t, e, "test-stale-own") {
		t.Errorf("while the run lives: removed %v, %v", removed, err)
	}
	run.entry.Release() // as its end would
	if removed, err := sweep(t, e); err != nil || !slices.Contains(removed, name) {
		t.Errorf("removed %v, %v", removed, err)
	}
	for volume, want := range map[string]bool{
		"test-stale-own": false, "test-stale-others": true, "test-stale-by-hand": true, "test-stale-foreign": true,
	} {
		if isThere(t, e, volume) != want {
			t.Errorf("%s is there: %v, want %v", volume, !want, want)
		}
	}
	// By its name, all that carries the id is removed.
	if err := e.Remove(t.Context(), name); err != nil || isThere(t, e, "test-stale-others") || !isThere(t, e, "test-stale-foreign") {
		t.Errorf("removed by name: %v", err)
	}
}

func TestKeptClustersAreNotStale(t *testing.T) {
	e := engine(t)
	run := enrolled(t, e, "test-kept")
	makeVolume(t, e, "test-kept-volume", run.Labels())
	if err := run.Keep(); err != nil {
		t.Fatal(err)
	}
	if removed, err := sweep(t, e); err != nil || slices.Contains(removed, "test-kept") || !isThere(t, e, "test-kept-volume") {
		t.Errorf("removed %v, %v", removed, err)
	}
}

// What a killed run has left behind in one engine is no business of another.
func TestOtherEnginesAreLeftAlone(t *testing.T) {
	e := engine(t)
	elsewhere, err := journal.Open[marks]("docker-test-elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	entry, err := elsewhere.Enrol("test-elsewhere", func([]journal.Note[marks]) (marks, error) {
		return marks{Engine: "tcp://elsewhere:2375", Owner: "me"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	entry.Release()
	if removed, err := sweep(t, e); err != nil || slices.Contains(removed, "test-elsewhere") {
		t.Errorf("removed %v, %v", removed, err)
	}
	if entry, err = elsewhere.Claim("test-elsewhere"); entry == nil {
		t.Fatalf("it is gone: %v", err)
	}
	if err := entry.Strike(); err != nil {
		t.Error(err)
	}
}

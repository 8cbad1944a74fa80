package docker

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/docker/docker/api/types/volume"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// registered registers a run that makes nothing yet.
func registered(t *testing.T, e *Engine, name string) *Registration {
	t.Helper()
	d := DefaultDeployment(3, 0)
	d.RunID, d.Prefix = name, name+"-"
	run, err := e.Register(t.Context(), d)
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

// sweep lists the runs that RemoveStale removes. An error may be another run's.
func sweep(t *testing.T, e *Engine) []string {
	t.Helper()
	swept, err := e.RemoveStale(t.Context())
	if err != nil {
		t.Log(err)
	}
	return swept.Removed
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
	name := testRun("stale")
	own, byOthers, byHand, foreign := name+"-own", name+"-others", name+"-by-hand", name+"-foreign"
	run := registered(t, e, name)
	others := maps.Clone(run.Labels())
	others[OwnerLabel] = "somebody"
	makeVolume(t, e, own, run.Labels())
	makeVolume(t, e, byOthers, others)
	makeVolume(t, e, byHand, map[string]string{RunLabel: name})
	makeVolume(t, e, foreign, nil)

	var inProgress *journal.InProgressError
	if err := e.Remove(t.Context(), name); !errors.As(err, &inProgress) {
		t.Errorf("the run is live, and removing it gives %v", err)
	}
	if removed := sweep(t, e); slices.Contains(removed, name) || !isThere(t, e, own) {
		t.Errorf("while the run lives: removed %v", removed)
	}
	run.entry.Release() // as its end would
	if removed := sweep(t, e); !slices.Contains(removed, name) {
		t.Errorf("removed %v", removed)
	}
	for volume, want := range map[string]bool{
		own: false, byOthers: true, byHand: true, foreign: true,
	} {
		if isThere(t, e, volume) != want {
			t.Errorf("%s is there: %v, want %v", volume, !want, want)
		}
	}
	// By its name, all that carries the id is removed.
	if err := e.Remove(t.Context(), name); err != nil || isThere(t, e, byOthers) || !isThere(t, e, foreign) {
		t.Errorf("removed by name: %v", err)
	}
}

func TestKeptClustersAreNotStale(t *testing.T) {
	e := engine(t)
	name := testRun("kept")
	volume := name + "-volume"
	run := registered(t, e, name)
	makeVolume(t, e, volume, run.Labels())
	if err := run.Keep(); err != nil {
		t.Fatal(err)
	}
	if removed := sweep(t, e); slices.Contains(removed, name) || !isThere(t, e, volume) {
		t.Errorf("removed %v", removed)
	}
}

// What a killed run has left behind in one engine is no business of another.
func TestOtherEnginesAreLeftAlone(t *testing.T) {
	e := engine(t)
	name := testRun("elsewhere")
	elsewhere, err := journal.Open[marks]("docker-test-elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	entry, err := elsewhere.Register(name, func([]journal.Item[marks]) (marks, error) {
		return marks{Engine: "tcp://elsewhere:2375", Owner: "me"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	entry.Release()
	if removed := sweep(t, e); slices.Contains(removed, name) {
		t.Errorf("removed %v", removed)
	}
	if entry, err = elsewhere.Claim(name); entry == nil {
		t.Fatalf("it is gone: %v", err)
	}
	if err := entry.Unregister(); err != nil {
		t.Error(err)
	}
}

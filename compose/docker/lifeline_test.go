package docker

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/redis-chaos/redis-chaos/compose/docker/image"
	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// held is a run that makes nothing yet, and whose lifeline is held.
func held(t *testing.T, e *Engine, name string, warn func(string)) *Registration {
	t.Helper()
	run := registered(t, e, name)
	run.Warn = warn
	t.Cleanup(func() { remove(t, e, run, name) })
	img, err := image.Ensure(t.Context(), e, DefaultDeployment(3, 0).Image, image.Options{Labels: run.Labels()})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.hold(t.Context(), img.Ref); err != nil || run.lifeline == nil {
		t.Fatalf("no lifeline: %v", err)
	}
	return run
}

// anotherUser is the same engine with a journal that nobody else has.
func anotherUser(t *testing.T) *Engine {
	t.Helper()
	e := engine(t)
	e.named = "docker-" + testRun("user-beside-"+strings.ToLower(t.Name()))
	folder, err := journal.Folder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, place := range []string{e.named, e.named + "-left"} {
			if err := os.RemoveAll(filepath.Join(folder, place)); err != nil {
				t.Error(err)
			}
		}
	})
	return e
}

// awaitDead waits until a run's lifeline has ended.
func awaitDead(t *testing.T, e *Engine, run string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if live, err := e.lives(t.Context(), run); err == nil && !live {
			return
		}
	}
	t.Fatalf("run %s lives on", run)
}

// inProgress fails the test unless an error says that a run of somebody else lives.
func inProgress(t *testing.T, what string, err error) {
	t.Helper()
	var live *journal.InProgressError
	if !errors.As(err, &live) || live.PID != 0 {
		t.Errorf("%s: %v", what, err)
	}
}

// A user whose journal does not know of a run sees that it lives, and when it is over.
func TestAnotherUserSeesWhetherARunLives(t *testing.T) {
	t.Parallel()
	mine, others := engine(t), anotherUser(t)
	name := testRun("lives")
	run := held(t, mine, name, func(text string) { t.Error(text) })
	volume := name + "-volume"
	makeVolume(t, mine, volume, run.Labels())

	inProgress(t, "removing it", others.Remove(t.Context(), name))
	d := DefaultDeployment(3, 0)
	d.RunID, d.Prefix = name, name+"-"
	_, err := others.Register(t.Context(), d)
	inProgress(t, "deploying under its id", err)
	if swept, err := others.RemoveStale(t.Context()); err != nil || len(swept.Removed)+len(swept.Left) > 0 {
		t.Errorf("a sweep tells %+v, %v", swept, err)
	}
	if clusters, err := others.Clusters(t.Context()); err != nil || slices.Contains(clusters, name) {
		t.Errorf("a lifeline counts as a node: %v, %v", clusters, err)
	}
	if !isThere(t, others, volume) {
		t.Fatal("it was removed")
	}

	if err := run.Keep(); err != nil {
		t.Fatal(err)
	}
	if left, err := others.containers(t.Context(), labelArgs(map[string]string{RunLabel: name})); err != nil || len(left) > 0 {
		t.Errorf("kept with its lifeline: %+v, %v", left, err)
	}
	if err := others.Remove(t.Context(), name); err != nil || isThere(t, others, volume) {
		t.Errorf("removing it after it was kept: %v", err)
	}
}

// Without this process, all of a run can be removed by anybody.
func TestALifelineEndsWithItsConnection(t *testing.T) {
	t.Parallel()
	mine, others := engine(t), anotherUser(t)
	name := testRun("killed")
	run := held(t, mine, name, nil)
	run.lifeline.release() // as the kernel does it
	awaitDead(t, others, name)
	_, err := others.startLifeline(t.Context(), name, run.lifeline.image, map[string]string{RunLabel: name}, nil)
	var stale *journal.StaleError
	if !errors.As(err, &stale) {
		t.Errorf("another one of its name: %v", err)
	}
	if err := others.Remove(t.Context(), name); err != nil {
		t.Error(err)
	}
}

// Of two who deploy under one id at once, the engine refuses one.
func TestOneRunOfAnIDLives(t *testing.T) {
	t.Parallel()
	mine, others := engine(t), anotherUser(t)
	name := testRun("twice")
	run := held(t, mine, name, nil)
	_, err := others.startLifeline(t.Context(), name, run.lifeline.image, map[string]string{RunLabel: name}, nil)
	inProgress(t, "a second lifeline", err)
}

// A lifeline that somebody removes is started again, and its run told.
func TestALostLifelineIsStartedAgain(t *testing.T) {
	t.Parallel()
	mine, others := engine(t), anotherUser(t)
	name := testRun("lost")
	told := make(chan string, 8)
	run := held(t, mine, name, func(text string) { told <- text })
	lost := run.lifeline.id
	if err := others.ContainerRemove(t.Context(), lost, container.RemoveOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	select {
	case text := <-told:
		if !strings.Contains(text, "was removed or lost; it was started again") {
			t.Error(text)
		}
	case <-time.After(time.Minute):
		t.Fatal("nothing is told")
	}
	inProgress(t, "removing the run", others.Remove(t.Context(), name))
}

// An image that cannot show it is no reason not to run.
func TestARunWithoutALifelineGoesOn(t *testing.T) {
	t.Parallel()
	e := engine(t)
	name := testRun("unseen")
	run := registered(t, e, name)
	t.Cleanup(func() { remove(t, e, run, name) })
	var told []string
	run.Warn = func(text string) { told = append(told, text) }
	if err := run.hold(t.Context(), "redis-chaos-test/nowhere:1"); err != nil || len(told) != 1 || !strings.Contains(told[0], "cannot see that the run is in progress") {
		t.Errorf("%v, told %q", err, told)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := run.hold(ended, "redis-chaos-test/nowhere:1"); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// BenchmarkLifeline tells what a lifeline adds to a run: its start and its removal.
func BenchmarkLifeline(b *testing.B) {
	e := engine(b)
	img, err := image.Ensure(b.Context(), e, DefaultDeployment(3, 0).Image, image.Options{Labels: map[string]string{RunLabel: "bench"}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l, err := e.startLifeline(b.Context(), "bench-lifeline", img.Ref, map[string]string{RunLabel: "bench-lifeline"}, nil)
		if err != nil {
			b.Fatal(err)
		}
		l.leave()
		if err := l.remove(b.Context()); err != nil {
			b.Fatal(err)
		}
		l.release()
	}
}

// Package enginetest is what tests of other packages need of a Docker engine.
package enginetest

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
)

// Need connects to the Docker engine, and skips the test where none answers.
func Need(t *testing.T) *docker.Engine {
	t.Helper()
	e, err := docker.Connect(t.Context())
	if err != nil {
		t.Skipf("needs a Docker engine: %v", err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// NothingLeft fails the test if a run whose folder is in out still has something
// in the engine, or stands in the journal.
func NothingLeft(t *testing.T, e *docker.Engine, out string) {
	t.Helper()
	left, err := e.Runs(context.Background())
	if err != nil {
		t.Error(err)
	}
	runs, err := os.ReadDir(out)
	if err != nil {
		t.Error(err)
	}
	for _, run := range runs {
		if slices.Contains(left, run.Name()) {
			t.Errorf("left behind: %s", run.Name())
		}
	}
	journaltest.NothingLeft(t, out)
}

// Left lists what an engine has of a run.
func Left(t *testing.T, e *docker.Engine, runID string) []string {
	t.Helper()
	runs, err := e.Runs(context.Background())
	if err != nil {
		t.Error(err)
	}
	if slices.Contains(runs, runID) {
		return []string{"something with the label " + runID}
	}
	return nil
}

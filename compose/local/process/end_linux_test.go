package process

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"
)

// What runs in a folder is found and ended, with what it has started elsewhere.
func TestEndAll(t *testing.T) {
	const shell = "/bin/sh"
	dir, other := t.TempDir(), t.TempDir()
	first, printed, _ := started(t, dir, "cd / && (setsid sleep 300 & echo $!); exec sleep 300")
	beside, _, _ := started(t, other, "exec sleep 300")
	child, err := strconv.Atoi(<-printed)
	if err != nil {
		t.Fatal(err)
	}
	if running, err := Running([]string{dir}, shell); err != nil || !slices.Contains(running, first.PID()) || !slices.Contains(running, child) {
		t.Errorf("running are %v, %v; want %d and %d among them", running, err, first.PID(), child)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := EndAll(ctx, []string{dir}, shell); err != nil {
		t.Fatal(err)
	}
	if running, err := Running([]string{dir}, shell); err != nil || len(running) > 0 {
		t.Errorf("still running: %v, %v", running, err)
	}
	if !beside.Alive() {
		t.Error("what runs elsewhere has ended, too")
	}
}

// Package journaltest is what tests of other packages need of the journal.
package journaltest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// Entries lists the files of a run's entries, in whatever place.
func Entries(t *testing.T, runID string) []string {
	t.Helper()
	folder, err := journal.Folder()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*", runID+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// NothingLeft fails the test if a run whose folder is in out still stands in the
// journal, and so has something that was not removed.
func NothingLeft(t *testing.T, out string) {
	t.Helper()
	runs, err := os.ReadDir(out)
	if err != nil {
		t.Error(err)
	}
	for _, run := range runs {
		if entries := Entries(t, run.Name()); len(entries) > 0 {
			t.Errorf("still in the journal: %v", entries)
		}
	}
}

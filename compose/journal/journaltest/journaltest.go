// Package journaltest is what tests of other packages need of the journal.
package journaltest

import (
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

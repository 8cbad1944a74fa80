package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
)

// leftovers lists what there is of a run on this machine, whatever its journal
// says.
func leftovers(t *testing.T, runID, dir string) []string {
	t.Helper()
	var left []string
	if _, err := os.Stat(dir); err == nil {
		left = append(left, dir)
	}
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if in, err := os.Readlink(link); err == nil && strings.HasPrefix(in, dir+"/") {
			left = append(left, link+" -> "+in)
		}
	}
	mounted, err := disk.Find()
	if err != nil {
		t.Fatal(err)
	}
	left = append(left, among(mounted, dir)...)
	left = append(left, isolationLeftovers(t, runID)...)
	return append(left, journaltest.Entries(t, runID)...)
}

//go:build detection

package compare

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/set"
)

// runsEach is how many runs are in a set.
const runsEach = 10

// TestDetection holds comparisons of real sets against what they are to find. DETECTION_DIR is the
// folder of a matrix of two servers, of which the second is slower. Its runs are dealt out to sets
// in the order in which they were made, each to one. It is made by make detection.
func TestDetection(t *testing.T) {
	sets := setsOf(t, os.Getenv("DETECTION_DIR"))
	if len(sets) != 2 {
		t.Fatalf("%d sets, and not one of each of two servers", len(sets))
	}
	first, second := parts(sets[0]), parts(sets[1])
	found, tries := 0, min(len(first), len(second))
	for i := range tries {
		if differ(t, first[i], second[i]) {
			found++
		}
	}
	alike, pairs := 0, 0
	for _, of := range [][]*set.Set{first, second} {
		for pair := range slices.Chunk(of, 2) {
			if len(pair) == 2 {
				pairs++
				if differ(t, pair[0], pair[1]) {
					alike++
				}
			}
		}
	}
	t.Logf("%d runs in each set: the slower server was found in %d of %d comparisons, and a difference in %d of %d of the same server", runsEach, found, tries, alike, pairs)
	if tries < 10 || found*10 < tries*9 {
		t.Errorf("the slower server was found in %d of %d, and is to be in 9 of 10", found, tries)
	}
	if pairs < 10 || alike*20 > pairs {
		t.Errorf("%d of %d pairs of the same server differ, and 1 of 20 may", alike, pairs)
	}
}

// setsOf are those of the variants of a matrix, by their folders' names, that of the slowed server
// last.
func setsOf(t *testing.T, dir string) (sets []*set.Set) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "set.json"))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(files, func(a, b string) int {
		return strings.Compare(strings.ReplaceAll(a, "slowed", "~"), strings.ReplaceAll(b, "slowed", "~"))
	})
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := set.Read(file)
		file.Close()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sets = append(sets, s)
	}
	return sets
}

// parts deals the runs of a set out to smaller ones.
func parts(s *set.Set) (all []*set.Set) {
	for runs := range slices.Chunk(s.Runs, runsEach) {
		if len(runs) == runsEach {
			part := *s
			part.Runs = runs
			all = append(all, &part)
		}
	}
	return all
}

// differ tells whether any figure of two sets differs for sure.
func differ(t *testing.T, a, b *set.Set) bool {
	t.Helper()
	figures, err := figuresOf(a, b)
	if err != nil {
		t.Fatal(err)
	}
	test(figures)
	var sure []string
	for _, f := range figures {
		if f.Verdict.Sure() {
			sure = append(sure, f.Name)
		}
	}
	t.Logf("differ: %v", sure)
	return len(sure) > 0
}

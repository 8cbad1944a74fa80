package report

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The documented lists are the lists, with what would change each cause.
func TestEveryCauseIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/causes.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		sections[title] = body
	}
	lists := map[string][]causeRow{
		"Why a master was not replaced":                        missedRows(),
		"Why a shard took no writes":                           outageRows(),
		"How acked writes were lost":                           slices.Concat(lossRows(), removedRows()),
		"Why a phase of a failover took longer than predicted": phaseRows(),
	}
	if got, want := slices.Sorted(maps.Keys(sections)), slices.Sorted(maps.Keys(lists)); !slices.Equal(got, want) {
		t.Fatalf("sections %q, want %q", got, want)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|.*\\|([^|]*)\\|$")
	for title, rows := range lists {
		var documented []causeRow
		for _, cells := range row.FindAllStringSubmatch(sections[title], -1) {
			documented = append(documented, causeRow{Cause(cells[1]), strings.TrimSpace(cells[2])})
		}
		byCause := func(a, b causeRow) int { return strings.Compare(string(a.cause), string(b.cause)) }
		slices.SortFunc(documented, byCause)
		slices.SortFunc(rows, byCause)
		if !slices.Equal(documented, rows) {
			t.Errorf("%s:\n docs/causes.md has %q\n the list is       %q", title, documented, rows)
		}
	}
}

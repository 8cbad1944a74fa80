package prose

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
)

// The documented lists are the lists, with what would change each cause.
func TestEveryCauseIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../docs/causes.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		sections[title] = body
	}
	lists := map[string]struct {
		causes   []report.Cause
		remedies map[report.Cause]string
	}{
		"Why a master was not replaced":                        {report.MissedCauses(), missedRemedies()},
		"Why a shard took no writes":                           {report.OutageCauses(), outageRemedies()},
		"How acked writes were lost":                           {append(report.LossCauses(), report.RemovedEvicted, report.RemovedExpired), lossRemedies()},
		"Why a phase of a failover took longer than predicted": {report.PhaseCauses(), phaseRemedies()},
	}
	if got, want := slices.Sorted(maps.Keys(sections)), slices.Sorted(maps.Keys(lists)); !slices.Equal(got, want) {
		t.Fatalf("sections %q, want %q", got, want)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|.*\\|([^|]*)\\|$")
	for title, list := range lists {
		documented, listed := map[report.Cause]string{}, map[report.Cause]string{}
		for _, cells := range row.FindAllStringSubmatch(sections[title], -1) {
			documented[report.Cause(cells[1])] = strings.TrimSpace(cells[2])
		}
		for _, cause := range list.causes {
			listed[cause] = list.remedies[cause]
		}
		if !maps.Equal(documented, listed) {
			t.Errorf("%s:\n docs/causes.md has %q\n the list is       %q", title, documented, listed)
		}
	}
}

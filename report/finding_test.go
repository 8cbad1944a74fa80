package report

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The documented list is the list.
func TestEveryCauseIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/causes.md")
	if err != nil {
		t.Fatal(err)
	}
	section, _, _ := strings.Cut(string(text), "## Why a shard took no writes")
	documented := map[MissedCause]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(section, -1) {
		documented[MissedCause(row[1])] = true
	}
	for _, cause := range MissedCauses() {
		if !documented[cause] {
			t.Errorf("%s is not in docs/causes.md", cause)
		}
		delete(documented, cause)
	}
	for cause := range documented {
		t.Errorf("docs/causes.md has %s, and there is no such cause", cause)
	}
}

package doctor

import (
	"flag"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios/doctable"
)

var update = flag.Bool("update", false, "write the table of docs/doctor.md")

func TestChecksAreDocumented(t *testing.T) {
	table := "| check | finds |\n| --- | --- |\n"
	seen := map[string]bool{}
	for _, c := range Checks() {
		if seen[c.Name] || c.About == "" {
			t.Errorf("%s is there twice, or says nothing of itself", c.Name)
		}
		seen[c.Name] = true
		table += "| `" + c.Name + "` | " + strings.ReplaceAll(c.About, "|", `\|`) + " |\n"
	}
	doctable.Hold(t, "../../docs/doctor.md", "checks of clusters", "go test ./compose/doctor -run Documented -update", table, *update)
}

package fault

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
)

// Every kind but that between groups can be aimed at another node, and as another fault is: random faults and
// shrinking need that.
func TestEveryKindCanBeAimed(t *testing.T) {
	for name, construct := range Kinds() {
		f := construct().(chaos.Fault)
		if _, selects := f.Targets().(aim.Selector); !selects {
			continue
		}
		before := f.Targets().String()
		spec, err := chaos.AimedAt(f, aim.Selector{Node: []string{"redis-replica-2"}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		there := spec.(chaos.Fault)
		again, err := chaos.AimedAs(f, there)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, aimed := range []chaos.Fault{there, again.(chaos.Fault)} {
			if got := aimed.Targets().String(); got != "redis-replica-2" {
				t.Errorf("%s is aimed at %q", name, got)
			}
		}
		if f.Targets().String() != before {
			t.Errorf("%s: the fault itself was aimed", name)
		}
	}
}

package fault

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestCrash(t *testing.T) {
	does(t, kinds{}.Crash(), deeds{
		detail: "SIGSEGV", inject: "signal n SIGSEGV", heal: "start n",
		effective: []chaos.Sign{{Action: compose.Died}}, healed: []chaos.Sign{{Action: compose.Started}},
		past: "crashed", effects: []record.Effect{record.Ends},
	})
	accepts(t, &Crash{Selector: target()}, "")
	accepts(t, &Crash{}, "no target")
}

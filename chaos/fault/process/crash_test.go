package process

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestCrash(t *testing.T) {
	faulttest.Does(t, kinds{}.Crash(), faulttest.Deeds{
		Detail: "SIGSEGV", Inject: "signal n SIGSEGV", Heal: "ping, start n",
		Effective: []chaos.Sign{{Action: compose.Died}}, Healed: []chaos.Sign{{Action: compose.Started}},
		Past: "crashed", Effects: []record.Effect{record.Ends},
	})
	faulttest.Accepts(t, &Crash{Selector: faulttest.Target()}, "")
	faulttest.Accepts(t, &Crash{}, "no target")
}

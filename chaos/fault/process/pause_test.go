package process

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestPause(t *testing.T) {
	faulttest.Does(t, kinds{}.Pause(), faulttest.Deeds{
		Detail: "process frozen", Inject: "pause n", Heal: "unpause n",
		Effective: []chaos.Sign{{Action: compose.Paused}}, Healed: []chaos.Sign{{Action: compose.Unpaused}},
		Past: "paused", Effects: []record.Effect{record.Freezes},
	})
	faulttest.Accepts(t, &Pause{}, "no target")
}

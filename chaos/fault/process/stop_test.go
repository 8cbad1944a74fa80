package process

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestStop(t *testing.T) {
	faulttest.Does(t, kinds{}.Stop(), faulttest.Deeds{
		Detail: "SIGTERM, grace 10s", Inject: "stop n 10s", Heal: "start n",
		Effective: []chaos.Sign{{Action: compose.Died}}, Healed: []chaos.Sign{{Action: compose.Started}},
		Past: "stopped", Effects: []record.Effect{record.Ends},
	})
}

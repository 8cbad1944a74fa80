package fault

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestStop(t *testing.T) {
	does(t, kinds{}.Stop(), deeds{
		detail: "SIGTERM, grace 10s", inject: "stop n 10s", heal: "start n",
		effective: []chaos.Sign{{Action: compose.Died}}, healed: []chaos.Sign{{Action: compose.Started}},
		past: "stopped", effects: []record.Effect{record.Ends},
	})
}

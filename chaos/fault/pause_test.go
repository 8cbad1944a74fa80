package fault

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestPause(t *testing.T) {
	does(t, kinds{}.Pause(), deeds{
		detail: "process frozen", inject: "pause n", heal: "unpause n",
		effective: []chaos.Sign{{Action: compose.Paused}}, healed: []chaos.Sign{{Action: compose.Unpaused}},
		past: "paused", effects: []record.Effect{record.Freezes},
	})
	accepts(t, &Pause{}, "no target")
}

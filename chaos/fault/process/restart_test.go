package process

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func TestRestart(t *testing.T) {
	faulttest.Does(t, kinds{}.Restart(), faulttest.Deeds{
		Detail: "SIGTERM, grace 10s", Inject: "stop n 10s, start n", Heal: "start n", Past: "restarted", Effects: []record.Effect{record.Ends},
	})
	faulttest.Accepts(t, &Restart{Selector: faulttest.Target()}, "")
}

func TestFlap(t *testing.T) {
	faulttest.Does(t, kinds{}.Flap(), faulttest.Deeds{
		Detail: "SIGKILL, down for 1s, up for 1s", Inject: "signal n SIGKILL", Heal: "start n",
		Effective: []chaos.Sign{{Action: compose.Died}}, Past: "killed again and again", Effects: []record.Effect{record.Ends},
	})
	faulttest.Accepts(t, &Flap{Selector: faulttest.Target(), Down: leastFlap, Up: leastFlap}, "")
	faulttest.Accepts(t, &Flap{Selector: faulttest.Target(), Down: leastFlap, Up: units.Duration(time.Millisecond)}, "up: 1ms is too short; write 10ms or more")
}

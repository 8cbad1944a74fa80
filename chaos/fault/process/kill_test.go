package process

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestKill(t *testing.T) {
	faulttest.Does(t, kinds{}.Kill(), faulttest.Deeds{
		Detail: "SIGKILL", Inject: "signal n SIGKILL", Heal: "start n",
		Effective: []chaos.Sign{{Action: compose.Died}}, Healed: []chaos.Sign{{Action: compose.Started}},
		Past: "killed", Effects: []record.Effect{record.Ends},
	})
	faulttest.Accepts(t, &Kill{Selector: faulttest.Target(), Signal: "kill"}, "")
	faulttest.Accepts(t, &Kill{Selector: faulttest.Target(), Signal: "SIGNOPE"}, `signal: unknown signal "SIGNOPE"; known: SIGKILL, SIGTERM`)
}

// Signals that do not end the server are followed by SIGCONT, or by nothing.
func TestKillBySignalsThatDoNotEndTheServer(t *testing.T) {
	signalled := []chaos.Sign{{Action: compose.Signalled}}
	faulttest.Does(t, &Kill{Signal: "stop"}, faulttest.Deeds{
		Detail: "SIGSTOP", Inject: "signal n SIGSTOP", Heal: "signal n SIGCONT", Effective: signalled, Healed: signalled,
		Past: "sent SIGSTOP", Effects: []record.Effect{record.Freezes},
	})
	faulttest.Does(t, &Kill{Signal: "HUP"}, faulttest.Deeds{Detail: "SIGHUP", Inject: "signal n SIGHUP", Effective: signalled, Past: "sent SIGHUP"})
}

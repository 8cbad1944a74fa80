package fault

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestKill(t *testing.T) {
	does(t, kinds{}.Kill(), deeds{
		detail: "SIGKILL", inject: "signal n SIGKILL", heal: "start n",
		effective: []chaos.Sign{{Action: compose.Died}}, healed: []chaos.Sign{{Action: compose.Started}},
		past: "killed", effects: []record.Effect{record.Ends},
	})
	accepts(t, &Kill{Selector: target(), Signal: "kill"}, "")
	accepts(t, &Kill{Selector: target(), Signal: "SIGNOPE"}, `signal: unknown signal "SIGNOPE"; known: SIGKILL, SIGTERM`)
}

// Signals that do not end the server are followed by SIGCONT, or by nothing.
func TestKillBySignalsThatDoNotEndTheServer(t *testing.T) {
	signalled := []chaos.Sign{{Action: compose.Signalled}}
	does(t, &Kill{Signal: "stop"}, deeds{
		detail: "SIGSTOP", inject: "signal n SIGSTOP", heal: "signal n SIGCONT", effective: signalled, healed: signalled,
		past: "sent SIGSTOP", effects: []record.Effect{record.Freezes},
	})
	does(t, &Kill{Signal: "HUP"}, deeds{detail: "SIGHUP", inject: "signal n SIGHUP", effective: signalled, past: "sent SIGHUP"})
}

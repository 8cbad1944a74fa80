package command

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func TestBlock(t *testing.T) {
	faulttest.Does(t, (&Block{}).Lasting(1500*time.Millisecond).(chaos.Fault), faulttest.Deeds{
		Detail: "event loop, DEBUG SLEEP", Inject: "DEBUG SLEEP 0, DEBUG SLEEP 1.5", Heal: "ping",
		Past: "blocked", Effects: []record.Effect{record.Blocks},
	})
	faulttest.Accepts(t, &Block{Selector: faulttest.Target()}, "")
	faulttest.Accepts(t, &Block{}, "no target")
}

// A server that does not take DEBUG is not blocked, and that is told: at once where the
// scenario says so, or else by the server.
func TestBlockNeedsDebug(t *testing.T) {
	b := &Block{Selector: faulttest.Target()}
	for value, want := range map[string]string{
		"":      "",
		"yes":   "",
		"no":    "cluster.config has enable-debug-command: no; write yes",
		"local": "cluster.config has enable-debug-command: local; write yes",
	} {
		cluster := scenarios.Cluster{Masters: 3}
		if value != "" {
			cluster.Config = scenarios.Config{"enable-debug-command": {value}}
		}
		if err := b.Check(cluster); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("enable-debug-command %q: %v, want %q", value, err, want)
		}
	}
	err := b.Lasting(time.Second).(chaos.Fault).Inject(t.Context(), &refusing{}, "n")
	if err == nil || err.Error() != `DEBUG SLEEP to n: it answered "-ERR DEBUG command not allowed."` {
		t.Errorf("%v", err)
	}
}

// refusing is a runtime whose node takes no command.
type refusing struct{ faulttest.Calls }

func (r *refusing) Dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		_, _ = far.Read(make([]byte, 100))
		fmt.Fprint(far, "-ERR DEBUG command not allowed.\r\n")
	}()
	return near, nil
}

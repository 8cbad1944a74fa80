package fault

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// calls is a runtime that only remembers what it was asked to do.
type calls struct {
	compose.Runtime
	served sync.WaitGroup // connections
	made   []string
}

func (c *calls) note(format string, args ...any) error {
	c.made = append(c.made, fmt.Sprintf(format, args...))
	return nil
}

func (c *calls) Signal(_ context.Context, node, signal string) error {
	return c.note("signal %s %s", node, signal)
}
func (c *calls) Stop(_ context.Context, node string, grace time.Duration) error {
	return c.note("stop %s %s", node, grace)
}
func (c *calls) Start(_ context.Context, node string) error   { return c.note("start %s", node) }
func (c *calls) Pause(_ context.Context, node string) error   { return c.note("pause %s", node) }
func (c *calls) Unpause(_ context.Context, node string) error { return c.note("unpause %s", node) }
func (c *calls) Disconnect(_ context.Context, node string, n compose.Network) error {
	return c.note("disconnect %s %s", node, n)
}
func (c *calls) Connect(_ context.Context, node string, n compose.Network) error {
	return c.note("connect %s %s", node, n)
}

func (c *calls) LimitCPU(_ context.Context, node string, share float64) error {
	return c.note("limit %s %g", node, share)
}

func (c *calls) Nodes() []compose.Node { return []compose.Node{{Name: "n", Addr: "n:6379"}} }

// Dial connects to a server that says OK to everything but the client's greeting.
func (c *calls) Dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	c.served.Go(func() {
		defer far.Close()
		in := bufio.NewReader(far)
		for {
			words, err := command(in)
			if err != nil {
				return
			}
			if words[0] == "hello" {
				fmt.Fprint(far, "-ERR unknown command\r\n")
				continue
			}
			c.note("%s", strings.Join(words, " "))
			fmt.Fprint(far, "+OK\r\n")
		}
	})
	return near, nil
}

// command reads one command, an array or an inline one.
func command(in *bufio.Reader) (words []string, err error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(line, "*") {
		return strings.Fields(line), nil
	}
	var n, size int
	if _, err := fmt.Sscanf(line, "*%d\r\n", &n); err != nil {
		return nil, err
	}
	for range n {
		var word string
		if _, err := fmt.Fscanf(in, "$%d\r\n%s\r\n", &size, &word); err != nil {
			return nil, err
		}
		words = append(words, word)
	}
	return words, nil
}

func TestFaultsDoAndUndo(t *testing.T) {
	for _, test := range []struct {
		fault          chaos.Fault
		detail         string
		inject, heal   string
		effect, healed []chaos.Sign
	}{
		{newStop(), "SIGTERM, grace 10s", "stop n 10s", "start n", []chaos.Sign{{Action: compose.Died}}, []chaos.Sign{{Action: compose.Started}}},
		{newKill(), "SIGKILL", "signal n SIGKILL", "start n", []chaos.Sign{{Action: compose.Died}}, []chaos.Sign{{Action: compose.Started}}},
		{&Kill{Signal: "stop"}, "SIGSTOP", "signal n SIGSTOP", "signal n SIGCONT", []chaos.Sign{{Action: compose.Signalled}}, []chaos.Sign{{Action: compose.Signalled}}},
		{&Kill{Signal: "HUP"}, "SIGHUP", "signal n SIGHUP", "", []chaos.Sign{{Action: compose.Signalled}}, nil},
		{newPause(), "process frozen", "pause n", "unpause n", []chaos.Sign{{Action: compose.Paused}}, []chaos.Sign{{Action: compose.Unpaused}}},
		{&Disconnect{Network: "cluster"}, "from the cluster network", "disconnect n cluster", "connect n cluster",
			[]chaos.Sign{{Action: compose.Disconnected, Network: compose.ClusterNetwork}}, []chaos.Sign{{Action: compose.Connected, Network: compose.ClusterNetwork}}},
		{newDisconnect(), "from both networks", "disconnect n cluster, disconnect n client", "connect n cluster, connect n client",
			[]chaos.Sign{{Action: compose.Disconnected, Network: compose.ClusterNetwork}, {Action: compose.Disconnected, Network: compose.ClientNetwork}},
			[]chaos.Sign{{Action: compose.Connected, Network: compose.ClusterNetwork}, {Action: compose.Connected, Network: compose.ClientNetwork}}},
		{newFailover(), "CLUSTER FAILOVER", "CLUSTER FAILOVER", "", nil, nil},
		{&Failover{Mode: "force"}, "CLUSTER FAILOVER FORCE", "CLUSTER FAILOVER FORCE", "", nil, nil},
		{&Failover{Mode: "takeover"}, "CLUSTER FAILOVER TAKEOVER", "CLUSTER FAILOVER TAKEOVER", "", nil, nil},
		{newBlock().Lasting(1500 * time.Millisecond).(chaos.Fault), "event loop, DEBUG SLEEP", "DEBUG SLEEP 0, DEBUG SLEEP 1.5", "ping", nil, nil},
		{newStarve(), "limited to 0.5%", "limit n 0.005", "limit n 0", nil, nil},
		{&Starve{CPU: 20}, "limited to 20%", "limit n 0.2", "limit n 0", nil, nil},
	} {
		var injected, healed calls
		if err := test.fault.Inject(t.Context(), &injected, "n"); err != nil {
			t.Error(err)
		}
		if err := test.fault.Heal(t.Context(), &healed, "n"); err != nil {
			t.Error(err)
		}
		injected.served.Wait()
		healed.served.Wait()
		if got := strings.Join(injected.made, ", "); got != test.inject {
			t.Errorf("%T injects by %q, want %q", test.fault, got, test.inject)
		}
		if got := strings.Join(healed.made, ", "); got != test.heal {
			t.Errorf("%T heals by %q, want %q", test.fault, got, test.heal)
		}
		if detail := test.fault.(chaos.Detailed).Detail(); detail != test.detail {
			t.Errorf("%T: %q, want %q", test.fault, detail, test.detail)
		}
		var effect, undone []chaos.Sign
		if signed, ok := test.fault.(chaos.Signed); ok {
			effect, undone = signed.Effect(), signed.Healed()
		}
		if !slices.Equal(effect, test.effect) || !slices.Equal(undone, test.healed) {
			t.Errorf("%T: %v, %v", test.fault, effect, undone)
		}
	}
}

func TestFaultSettingsAreChecked(t *testing.T) {
	cluster := scenarios.Cluster{Masters: 3, Replicas: 1}
	target := chaos.Selector{Node: "redis-master-1"}
	for _, test := range []struct {
		fault chaos.Fault
		want  string
	}{
		{&Kill{Selector: target, Signal: "kill"}, ""},
		{&Kill{Selector: target, Signal: "SIGNOPE"}, `signal: unknown signal "SIGNOPE"; known: SIGKILL, SIGTERM`},
		{&Disconnect{Selector: target, Network: "client"}, ""},
		{&Disconnect{Selector: target, Network: "bus"}, `network: unknown network "bus"; known: cluster, client, all`},
		{&Pause{}, "no target"},
		{&Failover{Selector: chaos.Selector{Shard: new(2)}, Mode: "takeover"}, ""},
		{&Failover{Selector: chaos.Selector{Node: "redis-replica-1"}, Mode: "force"}, ""},
		{&Failover{Mode: "default"}, "no target: write {shard: 0}"},
		{&Failover{Selector: chaos.Selector{Shard: new(3)}, Mode: "default"}, "shard: no shard 3 in a cluster of 3 masters"},
		{&Failover{Selector: chaos.Selector{Role: "master", Shard: new(0)}, Mode: "default"}, "role: a failover is asked of the replica"},
		{&Failover{Selector: target, Mode: "hard"}, `mode: unknown mode "hard"; known: default, force, takeover`},
		{&Block{Selector: target}, ""},
		{&Block{}, "no target"},
		{&Starve{Selector: target, CPU: 0.1}, ""},
		{&Starve{Selector: target, CPU: 100}, ""},
		{&Starve{Selector: target, CPU: 0}, "cpu: 0% of a CPU is out of range; write 0.1% to 100%"},
		{&Starve{Selector: target, CPU: 200}, "cpu: 200% of a CPU is out of range"},
		{&Starve{CPU: 5}, "no target"},
	} {
		got := ""
		if err := test.fault.Check(cluster); err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, test.want) || (test.want == "") != (got == "") {
			t.Errorf("%+v: %q, want %q", test.fault, got, test.want)
		}
	}
}

// A server that does not take DEBUG is not blocked, and that is told: at once where the
// scenario says so, or else by the server.
func TestBlockNeedsDebug(t *testing.T) {
	b := &Block{Selector: chaos.Selector{Node: "redis-master-1"}}
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
type refusing struct{ calls }

func (r *refusing) Dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		_, _ = far.Read(make([]byte, 100))
		fmt.Fprint(far, "-ERR DEBUG command not allowed.\r\n")
	}()
	return near, nil
}

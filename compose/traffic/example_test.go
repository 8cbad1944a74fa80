package traffic_test

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// The cluster bus of a node is slow and loses packets in both directions, while its clients see nothing.
func Example() {
	err := func(ctx context.Context, pid int) error {
		table, err := traffic.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
		if err != nil {
			return err
		}
		defer table.Close()
		const bus = 16379
		var rules []traffic.Rule
		for _, d := range []traffic.Direction{traffic.In, traffic.Out} {
			// Either end can have opened a connection of the bus.
			for end, match := range map[string]traffic.Match{
				"own":   {Direction: d, Protocol: traffic.TCP, LocalPorts: []traffic.Ports{traffic.Port(bus)}},
				"peers": {Direction: d, Protocol: traffic.TCP, RemotePorts: []traffic.Ports{traffic.Port(bus)}},
			} {
				rules = append(rules,
					traffic.Rule{ID: fmt.Sprintf("slow-bus/%s/%s", end, d), Match: match, Effect: traffic.Effect{
						Latency: &traffic.Latency{Delay: 50 * time.Millisecond, Jitter: 5 * time.Millisecond, Distribution: traffic.Normal},
					}},
					traffic.Rule{ID: fmt.Sprintf("lossy-bus/%s/%s", end, d), Match: match, Effect: traffic.Effect{
						Loss: &traffic.Loss{Probability: 0.01},
					}})
			}
		}
		if err := table.Apply(ctx, rules); err != nil {
			return err
		}
		time.Sleep(10 * time.Second)
		is, err := table.Standing(ctx)
		if err != nil {
			return err
		}
		if err := is.Verify(rules); err != nil {
			return err
		}
		return table.Clear(ctx)
	}
	_ = err
}

// A process that calls Serve in the namespace, such as one in a container that shares it with its target, does
// what a client asks for. That everything is removed when the client has gone is the client's choice.
func ExampleNewClient() {
	err := func(ctx context.Context, requests io.WriteCloser, answers io.Reader, peer netip.Addr) error {
		client, err := traffic.NewClient(ctx, requests, answers, traffic.Clears)
		if err != nil {
			return err
		}
		cut := traffic.Match{Direction: traffic.In, Peers: []netip.Prefix{traffic.Peer(peer)}}
		if err := client.Apply(ctx, []traffic.Rule{{ID: "cut", Match: cut, Effect: traffic.Effect{Drop: &traffic.Drop{}}}}); err != nil {
			return err
		}
		time.Sleep(10 * time.Second)
		return client.Close() // which removes the rule
	}
	_ = err
}

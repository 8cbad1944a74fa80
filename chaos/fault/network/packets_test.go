package network

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// nodes is a cluster of two.
type nodes struct{ compose.Servers }

func (nodes) Nodes() []compose.Node {
	return []compose.Node{
		{Name: "redis-master-1", Addr: "10.0.2.11:6379", ClientAddr: "10.0.1.11:6379"},
		{Name: "redis-master-2", Addr: "10.0.2.12:6379", ClientAddr: "10.0.1.12:6379"},
	}
}

// The settings are the packets that rules match.
func TestMatches(t *testing.T) {
	prefix := netip.MustParsePrefix
	bus := []traffic.Ports{{First: 16379, Last: 16379}}
	clusterNet := []netip.Prefix{prefix("10.0.2.0/24")}
	for name, test := range map[string]struct {
		of   Packets
		want []traffic.Match
	}{
		"all": {packets("both"), []traffic.Match{
			{Direction: traffic.In, Peers: []netip.Prefix{prefix("10.0.1.0/24"), prefix("10.0.2.0/24")}},
			{Direction: traffic.Out, Peers: []netip.Prefix{prefix("10.0.1.0/24"), prefix("10.0.2.0/24")}},
		}},
		"to one peer": {Packets{Network: "cluster", Direction: "out", Port: "all", Peers: []string{"redis-master-2"}}, []traffic.Match{
			{Direction: traffic.Out, Peers: []netip.Prefix{prefix("10.0.2.12/32")}},
		}},
		"the bus, whoever connected": {Packets{Network: "cluster", Direction: "in", Port: "bus"}, []traffic.Match{
			{Direction: traffic.In, Peers: clusterNet, Protocol: traffic.TCP, LocalPorts: bus},
			{Direction: traffic.In, Peers: clusterNet, Protocol: traffic.TCP, RemotePorts: bus},
		}},
	} {
		if got, err := test.of.matches(nodes{}, "redis-master-1"); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, test.want)
		}
	}
}

// Rules that the settings allow are rules that can stand.
func TestEffectsOfSettings(t *testing.T) {
	matches, err := packets("both").matches(nodes{}, "redis-master-1")
	if err != nil {
		t.Fatal(err)
	}
	for name, effect := range map[string]traffic.Effect{
		"latency":        {Latency: (&Latency{Delay: units.Duration(time.Millisecond)}).latency()},
		"jitter":         {Latency: (&Latency{Delay: units.Duration(time.Second), Jitter: units.Duration(time.Second), Distribution: "pareto"}).latency()},
		"loss":           {Loss: (&Loss{Some: Some{Share: leastShare}, Burst: 1}).loss()},
		"loss of all":    {Loss: (&Loss{Some: Some{Share: 100}, Burst: 1000}).loss()},
		"loss in bursts": {Loss: (&Loss{Some: Some{Share: 99}, Burst: 1.5}).loss()},
		"drop":           lost("drop"),
		"reject":         lost("reject"),
	} {
		if err := traffic.Check([]traffic.Rule{{ID: "1", Match: matches[0], Effect: effect}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	bursts := (&Loss{Some: Some{Share: 20}, Burst: 5}).loss().Bursts
	if share := bursts.Share(); share < 0.199 || share > 0.201 {
		t.Errorf("bursts lose %g of all packets, want 0.2", share)
	}
}

func TestSettings(t *testing.T) {
	of := packets("out")
	of.Selector = faulttest.Target()
	odd := func(change func(*Packets)) Packets {
		p := of
		change(&p)
		return p
	}
	for _, test := range []struct {
		fault chaos.Fault
		want  string
	}{
		{&Latency{Packets: of, Delay: units.Duration(time.Millisecond), Distribution: "normal"}, ""},
		{&Latency{Packets: of, Delay: units.Duration(time.Millisecond), Distribution: "poisson"}, `distribution: unknown distribution "poisson"; known: uniform, normal, pareto`},
		{&Latency{Packets: of, Distribution: "uniform"}, "delay: 0s is out of range"},
		{&Latency{Packets: of, Delay: units.Duration(time.Second), Jitter: units.Duration(time.Minute), Distribution: "uniform"}, "jitter: 1m is out of range; write 0s to 1s"},
		{&Loss{Some: Some{of, 10}, Burst: 3}, ""},
		{&Loss{Some: Some{of, 0}, Burst: 1}, "share: 0% is out of range; write 0.01% to 100%"},
		{&Loss{Some: Some{of, 10}}, "burst: 0 is out of range; write 1 to 1000 (packets)"},
		{&Bandwidth{Packets: of, Rate: 10}, "rate: 10B is out of range"},
		{&Reorder{Some: Some{of, 10}, Hold: units.Duration(time.Millisecond)}, ""},
		{&Reorder{Some: Some{of, 10}}, "hold: 0s is out of range"},
		{&Resolver{Selector: faulttest.Target(), Mode: "silent"}, ""},
		{&Resolver{Selector: faulttest.Target(), Mode: "slow"}, "delay: 0s is out of range"},
		{&Resolver{Selector: faulttest.Target(), Mode: "late"}, `mode: unknown mode "late"; known: slow, silent`},
		{&Partition{Packets: odd(func(p *Packets) { p.Network = "bus" }), Mode: "drop"}, `network: unknown network "bus"; known: cluster, client, all`},
		{&Partition{Packets: odd(func(p *Packets) { p.Port = "16379" }), Mode: "drop"}, `port: unknown port "16379"; known: bus, server, all`},
		{&Partition{Packets: odd(func(p *Packets) { p.Peers = []string{"redis-master-9"} }), Mode: "drop"}, `peers: no node "redis-master-9" in this cluster`},
		{&Partition{Packets: of, Mode: "lose"}, `mode: unknown mode "lose"; known: drop, reject`},
		{&Reset{}, "no target"},
	} {
		faulttest.Accepts(t, test.fault, test.want)
	}
}

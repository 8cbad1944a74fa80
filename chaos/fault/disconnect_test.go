package fault

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestDisconnect(t *testing.T) {
	cutOff := []record.Effect{record.CutsOff}
	does(t, &Disconnect{Network: "cluster"}, deeds{
		detail: "from the cluster network", inject: "disconnect n cluster", heal: "connect n cluster",
		effective: []chaos.Sign{{Action: compose.Disconnected, Network: compose.ClusterNetwork}},
		healed:    []chaos.Sign{{Action: compose.Connected, Network: compose.ClusterNetwork}},
		past:      "disconnected", effects: cutOff,
	})
	does(t, kinds{}.Disconnect(), deeds{
		detail: "from both networks", inject: "disconnect n cluster, disconnect n client", heal: "connect n cluster, connect n client",
		effective: []chaos.Sign{{Action: compose.Disconnected, Network: compose.ClusterNetwork}, {Action: compose.Disconnected, Network: compose.ClientNetwork}},
		healed:    []chaos.Sign{{Action: compose.Connected, Network: compose.ClusterNetwork}, {Action: compose.Connected, Network: compose.ClientNetwork}},
		past:      "disconnected", effects: cutOff,
	})
	accepts(t, &Disconnect{Selector: target(), Network: "client"}, "")
	accepts(t, &Disconnect{Selector: target(), Network: "bus"}, `network: unknown network "bus"; known: cluster, client, all`)
}

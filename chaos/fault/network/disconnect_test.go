package network

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestDisconnect(t *testing.T) {
	cutOff := []record.Effect{record.CutsOff}
	faulttest.Does(t, &Disconnect{Network: "cluster"}, faulttest.Deeds{
		Detail: "from the cluster network", Inject: "disconnect n cluster", Heal: "connect n cluster",
		Effective: []chaos.Sign{{Action: compose.Disconnected, Network: compose.ClusterNetwork}},
		Healed:    []chaos.Sign{{Action: compose.Connected, Network: compose.ClusterNetwork}},
		Past:      "disconnected", Effects: cutOff,
	})
	faulttest.Does(t, kinds{}.Disconnect(), faulttest.Deeds{
		Detail: "from both networks", Inject: "disconnect n cluster, disconnect n client", Heal: "connect n cluster, connect n client",
		Effective: []chaos.Sign{{Action: compose.Disconnected, Network: compose.ClusterNetwork}, {Action: compose.Disconnected, Network: compose.ClientNetwork}},
		Healed:    []chaos.Sign{{Action: compose.Connected, Network: compose.ClusterNetwork}, {Action: compose.Connected, Network: compose.ClientNetwork}},
		Past:      "disconnected", Effects: cutOff,
	})
	faulttest.Accepts(t, &Disconnect{Selector: faulttest.Target(), Network: "client"}, "")
	faulttest.Accepts(t, &Disconnect{Selector: faulttest.Target(), Network: "bus"}, `network: unknown network "bus"; known: cluster, client, all`)
}

package fault

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestFailover(t *testing.T) {
	const past = "told to take over"
	does(t, kinds{}.Failover(), deeds{detail: "CLUSTER FAILOVER", inject: "CLUSTER FAILOVER", past: past, effects: []record.Effect{record.Promotes}})
	for mode, command := range map[string]string{"force": "CLUSTER FAILOVER FORCE", "takeover": "CLUSTER FAILOVER TAKEOVER"} {
		does(t, &Failover{Mode: mode}, deeds{detail: command, inject: command, past: past, effects: []record.Effect{record.Promotes, record.Forces}})
	}
	accepts(t, &Failover{Selector: chaos.Selector{Shard: new(2)}, Mode: "takeover"}, "")
	accepts(t, &Failover{Selector: chaos.Selector{Node: "redis-replica-1"}, Mode: "force"}, "")
	accepts(t, &Failover{Mode: "default"}, "no target: write {shard: 0}")
	accepts(t, &Failover{Selector: chaos.Selector{Shard: new(3)}, Mode: "default"}, "shard: no shard 3 in a cluster of 3 masters")
	accepts(t, &Failover{Selector: chaos.Selector{Role: "master", Shard: new(0)}, Mode: "default"}, "role: a failover is asked of the replica")
	accepts(t, &Failover{Selector: target(), Mode: "hard"}, `mode: unknown mode "hard"; known: default, force, takeover`)
}

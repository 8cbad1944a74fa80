package command

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestFailover(t *testing.T) {
	const past = "told to take over"
	faulttest.Does(t, kinds{}.Failover(), faulttest.Deeds{Detail: "CLUSTER FAILOVER", Inject: "CLUSTER FAILOVER", Past: past, Effects: []record.Effect{record.Promotes}})
	for mode, command := range map[string]string{"force": "CLUSTER FAILOVER FORCE", "takeover": "CLUSTER FAILOVER TAKEOVER"} {
		faulttest.Does(t, &Failover{Mode: mode}, faulttest.Deeds{Detail: command, Inject: command, Past: past, Effects: []record.Effect{record.Promotes, record.Forces}})
	}
	faulttest.Accepts(t, &Failover{Selector: aim.Selector{Shard: []int{2}}, Mode: "takeover"}, "")
	faulttest.Accepts(t, &Failover{Selector: aim.Selector{Node: []string{"redis-replica-1"}}, Mode: "force"}, "")
	faulttest.Accepts(t, &Failover{Mode: "default"}, "no target: write {shard: 0}")
	faulttest.Accepts(t, &Failover{Selector: aim.Selector{Shard: []int{3}}, Mode: "default"}, "shard: no shard 3 in a cluster of 3 masters")
	faulttest.Accepts(t, &Failover{Selector: aim.Selector{Role: "master", Shard: []int{0}}, Mode: "default"}, "role: a failover is asked of the replica")
	faulttest.Accepts(t, &Failover{Selector: faulttest.Target(), Mode: "hard"}, `mode: unknown mode "hard"; known: default, force, takeover`)
}

package missed

import (
	"fmt"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// Whose replica a node is goes by its own word at the time: b2 has migrated to shard 0.
func TestReplicasThatMigrated(t *testing.T) {
	facts := observed.Arrange([]record.Event{sample.Started(),
		sample.At(10, &record.Role{Node: "a", Role: "master"}), sample.At(10, &record.Role{Node: "a2", Role: "replica", Master: "a"}), sample.At(10, &record.Role{Node: "b2", Role: "replica", Master: "b"}),
		sample.At(5000, &record.Role{Node: "b2", Role: "replica", Master: "a"}),
	})
	for ms, want := range map[float64]string{4000: "[a2]", 6000: "[a2 b2]"} {
		if got := fmt.Sprint(replicasOf(facts, facts.Started.Shards[0], "a", record.Millis(ms))); got != want {
			t.Errorf("at %v ms: %s, want %s", ms, got, want)
		}
	}
}

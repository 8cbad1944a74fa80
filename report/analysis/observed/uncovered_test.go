package observed

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// When a shard had no master is known by what the others said of it, not by its probes.
func TestWhenAShardHadNoMaster(t *testing.T) {
	facts := Arrange([]record.Event{sample.Started(),
		sample.At(2000, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "a"}), sample.At(2500, &record.SlotOwner{Observer: "c", Shard: 0, Owner: "a2", Epoch: 9}),
		sample.At(3000, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "b"}), sample.At(4000, &record.NodeFlag{Observer: "c", Subject: "b", Flag: "ok"}),
		sample.At(6000, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "b"}), sample.At(9001, &record.RunEnded{}),
	})
	facts.Changes = changesOf(facts)
	var got []string
	for _, u := range uncoveredOf(facts) {
		got = append(got, fmt.Sprintf("%d %.0f-%.0f", u.Shard, u.From, u.To))
	}
	if want := "0 2000-2500, 1 3000-4000, 1 6000-9001"; strings.Join(got, ", ") != want {
		t.Errorf("%q, want %s", got, want)
	}
}

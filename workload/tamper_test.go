package workload

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// tampering is how to take a write of some type away behind the workload's
// back, and how to add it, or what was never written, at the end of its key.
type tampering struct {
	remove func(ctx context.Context, rdb *redis.ClusterClient, key, text string) error
	add    func(ctx context.Context, rdb *redis.ClusterClient, key, text string) error
}

func tamperings() map[string]tampering {
	return map[string]tampering{
		"list": {
			remove: func(ctx context.Context, rdb *redis.ClusterClient, key, text string) error {
				return rdb.LRem(ctx, key, 1, text).Err()
			},
			add: func(ctx context.Context, rdb *redis.ClusterClient, key, text string) error {
				return rdb.RPush(ctx, key, text).Err()
			},
		},
	}
}

// TestSequenceOracle removes, doubles, moves and invents a known number of
// values: exactly these must be reported.
func TestSequenceOracle(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	for typ, tamper := range tamperings() {
		w, rec := cluster.run(t, scenarios.Workload{Name: "w", Type: typ, Clients: 8, Keys: 20, ValueSize: 48}, 500*time.Millisecond)
		done := only[*record.WorkloadDone](t, rec)
		checkSum(t, done)
		acked := w.ackedOn(3)
		want := map[int]int64{0: 20, 1: 13, 2: 7}
		var lost int64
		for shard, n := range want {
			lost += n
			for i := range n {
				victim := acked[shard][i]
				must(t, tamper.remove(t.Context(), rdb, w.keyOf(victim), w.text(victim)))
			}
			acked[shard] = acked[shard][n:]
		}
		// The first that is left of shard 0 has later writes of its client behind it.
		moved := acked[0][0]
		must(t, tamper.remove(t.Context(), rdb, w.keyOf(moved), w.text(moved)))
		must(t, tamper.add(t.Context(), rdb, w.keyOf(moved), w.text(moved)))
		for _, twice := range acked[1][:9] {
			must(t, tamper.add(t.Context(), rdb, w.keyOf(twice), w.text(twice)))
		}
		for _, phantom := range []string{"hello", "999.0", w.text([2]int{0, 1 << 28})} {
			must(t, tamper.add(t.Context(), rdb, w.keys[0], phantom))
		}
		must(t, w.Verify(t.Context()))
		got := only[*record.Verified](t, rec)
		if got.Checked != done.Acked || got.Lost != lost || !maps.Equal(got.LostByShard, want) || got.Foreign != 3 || got.Unverified != 0 {
			t.Errorf("%s: removed %v and added 3; got %s", typ, want, describe(got))
		}
		if *got.Duplicated != 9 || *got.OutOfOrder != 1 {
			t.Errorf("%s: doubled 9 and moved 1; got %s", typ, describe(got))
		}
	}
}

// TestHashOracle removes fields, changes the values of others, and adds some.
func TestHashOracle(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	w, rec := cluster.run(t, scenarios.Workload{Name: "w", Type: "hash", Clients: 8, Keys: 20, ValueSize: 48}, 500*time.Millisecond)
	field := func(write [2]int) string { return strings.TrimRight(w.text(write), ".") }
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	acked := w.ackedOn(3)
	for _, gone := range acked[0][:11] {
		must(t, rdb.HDel(t.Context(), w.keyOf(gone), field(gone)).Err())
	}
	for i, spoilt := range acked[1][:4] {
		value := []string{"", "hello", w.text(spoilt) + ".", w.text(acked[1][5])}[i]
		must(t, rdb.HSet(t.Context(), w.keyOf(spoilt), field(spoilt), value).Err())
	}
	for _, phantom := range []string{"hello", "999.0", field(acked[2][0]) + ".", field([2]int{0, 1 << 28})} {
		must(t, rdb.HSet(t.Context(), w.keyOf(acked[2][0]), phantom, w.text(acked[2][0])).Err())
	}
	must(t, w.Verify(t.Context()))
	got := only[*record.Verified](t, rec)
	if got.Checked != done.Acked || got.Lost != 15 || !maps.Equal(got.LostByShard, map[int]int64{0: 11, 1: 4}) ||
		got.Foreign != 4+4 || got.Unverified != 0 || got.Duplicated != nil {
		t.Errorf("removed 11, changed 4, added 4; got %s", describe(got))
	}
}

// TestCounterOracle counts some keys down and others up.
func TestCounterOracle(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	w, rec := cluster.run(t, scenarios.Workload{Name: "w", Type: "counter", Clients: 8, Keys: 20}, 500*time.Millisecond)
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	must(t, rdb.DecrBy(t.Context(), w.keys[0], 3).Err())
	must(t, rdb.DecrBy(t.Context(), w.keys[1], 4).Err())
	must(t, rdb.IncrBy(t.Context(), w.keys[2], 5).Err())
	must(t, w.Verify(t.Context()))
	got := only[*record.Verified](t, rec)
	want := map[int]int64{}
	want[w.shardOf[0]] += 3
	want[w.shardOf[1]] += 4
	if got.Checked != done.Acked || got.Lost != 7 || !maps.Equal(got.LostByShard, want) || *got.Duplicated != 5 ||
		got.LossWindowMS != nil || got.Foreign+got.Unverified != 0 {
		t.Errorf("7 down and 5 up; got %s", describe(got))
	}
}

package workload

import (
	"maps"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// TestTamperedZset removes members, changes the scores of others, and adds some.
func TestTamperedZset(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	w, rec := cluster.runUntil(t, scenarios.Workload{Name: "w", Type: "zset", Clients: 8, Keys: 20, ValueSize: units.FixedSize(48)}, 2000)
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	acked := w.ackedOn(3)
	for _, gone := range acked[0][:11] {
		must(t, rdb.ZRem(t.Context(), w.keyOf(gone), w.text(gone)).Err())
	}
	for _, moved := range acked[1][:4] {
		must(t, rdb.ZIncrBy(t.Context(), w.keyOf(moved), 0.5, w.text(moved)).Err())
	}
	for _, phantom := range []string{"hello", "999.0", w.text([2]int{0, 1 << 28})} {
		must(t, rdb.ZAdd(t.Context(), w.Keys[0], redis.Z{Member: phantom}).Err())
	}
	must(t, w.Verify(t.Context()))
	got := only[*record.Verified](t, rec)
	if got.Checked != done.Acked || got.Lost != 15 || !maps.Equal(got.LostByShard, map[int]int64{0: 11, 1: 4}) ||
		got.Foreign != 4+3 || got.Unverified != 0 || got.Duplicated != nil {
		t.Errorf("removed 11, changed 4, added 3; got %s", describe(got))
	}
}

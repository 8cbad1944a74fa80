package workload

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// TestExpiry has keys expire on real servers, and one that does not removed: only
// the writes to that one are lost.
func TestExpiry(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := readingSpec("register")
	spec.Rate = scenarios.ConstantRate(500)

	// All keys outlive the run, but one is removed.
	settings := spec.Spec.(*registerSettings)
	settings.TTL = units.Duration(time.Hour)
	w, rec := cluster.runUntil(t, spec, 30)
	const victim = 3
	must(t, cluster.clusterClient(t).Del(t.Context(), w.Keys[victim]).Err())
	must(t, w.Verify(t.Context()))
	acked := int64(0)
	for n := range w.Clients[0].Writes.Len() {
		acked += count(w.kind.(values).KeyOf(0, n) == victim)
	}
	found := only[*record.Verified](t, rec)
	if acked == 0 || found.Lost != acked || found.LostByShard[w.ShardOf[victim]] != acked || found.Unverified != 0 {
		t.Errorf("%d writes were removed: %s", acked, describe(found))
	}
	if r := checkReads(t, rec); r.Stale != 0 {
		t.Errorf("got %s", describe(r))
	}

	// All have expired by the time at which they are read back, some while they were read.
	settings.TTL = *ms(60)
	w, rec = cluster.runUntil(t, spec, 50)
	time.Sleep(2 * settings.TTL.D())
	must(t, w.Verify(t.Context()))
	found, done := only[*record.Verified](t, rec), only[*record.WorkloadDone](t, rec)
	if found.Lost != 0 || found.Unverified != done.Acked || done.Acked == 0 || found.Error == "" {
		t.Errorf("got %s and %s", describe(done), describe(found))
	}
	if r := checkReads(t, rec); r.Stale != 0 {
		t.Errorf("got %s", describe(r))
	}
}

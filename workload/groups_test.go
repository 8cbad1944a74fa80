package workload

import (
	"slices"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

func consumedSpec(groups, consumers int) scenarios.Workload {
	return scenarios.Workload{Name: "w", Type: "stream", Clients: 4, Keys: 6, Rate: scenarios.ConstantRate(800),
		ValueSize: units.FixedSize(32), Spec: &streamSettings{&consumption{Groups: groups, Consumers: consumers}}}
}

// TestGroupsAreExact has entries delivered any number of times, before and after
// their acks, or never. Some writes are in their stream twice, under two ids.
// Groups that nobody meddles with get everything once, however it was written.
func TestHealthyGroups(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	pipelined, auto := consumedSpec(2, 3), consumedSpec(2, 3)
	pipelined.Pipeline, auto.Client.Autopipeline = 4, true
	for _, spec := range []scenarios.Workload{consumedSpec(2, 3), pipelined, auto} {
		consumeInHealth(t, cluster, spec)
	}
}

func consumeInHealth(t *testing.T, cluster *testCluster, spec scenarios.Workload) {
	w, rec := cluster.run(t, spec, 500*time.Millisecond)
	must(t, w.Verify(t.Context()))
	done, found := only[*record.WorkloadDone](t, rec), only[*record.Verified](t, rec)
	checkSum(t, done)
	if done.Acked == 0 || found.Checked != done.Acked || found.Lost+*found.Duplicated+*found.OutOfOrder+found.Foreign+found.Unverified != 0 {
		t.Errorf("got %s", describe(found))
	}
	groups := only[*record.Consumed](t, rec).Groups
	if len(groups) != 2 {
		t.Fatalf("%d groups", len(groups))
	}
	for _, g := range groups {
		if g.Delivered != done.Acked || g.Acked != done.Acked || g.RedeliveredAfterAck+g.RedeliveredUnacked+*g.Undelivered+*g.Pending+g.Lost+g.Foreign != 0 ||
			g.Error != "" || len(g.Errors) != 0 || g.RedeliveredWindow != nil {
			t.Errorf("of %d: %s", done.Acked, describe(g))
		}
	}
}

// TestMeddlingWithGroups sets a group back, takes it away, and sets it forward, each
// on a stream of its own: exactly that is found.
func TestMeddlingWithGroups(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	w, rec := cluster.run(t, consumedSpec(1, 2), 3*time.Second)
	done := only[*record.WorkloadDone](t, rec)
	delivered := func(key int) int64 { return rdb.XInfoGroups(t.Context(), w.Keys[key]).Val()[0].EntriesRead }
	setBack, takenAway, setForward := 0, 1, 2
	again, passedOver := delivered(setBack)+delivered(takenAway), -delivered(setForward)
	must(t, rdb.XGroupSetID(t.Context(), w.Keys[setBack], "group-0", "0").Err())
	must(t, rdb.XGroupDestroy(t.Context(), w.Keys[takenAway], "group-0").Err())
	const behind = 7 // that many are added and passed over
	of := w.kind.(*consumed)
	added := 0
	for n := uint32(0); added < behind; n++ {
		if o, _ := w.Clients[0].Writes.At(n); o != history.Acked || of.KeyOf(0, n) != setForward {
			continue
		}
		text := w.text([2]int{0, int(n)})
		must(t, tamperings()["stream"].add(t.Context(), rdb, w.Keys[setForward], text))
		added++
	}
	must(t, rdb.XGroupSetID(t.Context(), w.Keys[setForward], "group-0", "$").Err())
	passedOver += rdb.XLen(t.Context(), w.Keys[setForward]).Val()
	must(t, w.Verify(t.Context()))

	found, g := only[*record.Verified](t, rec), only[*record.Consumed](t, rec).Groups[0]
	if found.Lost != 0 || *found.Duplicated != behind || found.Checked != done.Acked {
		t.Errorf("got %s", describe(found))
	}
	if again == 0 || g.RedeliveredAfterAck != again || g.RedeliveredUnacked != 0 || passedOver < behind || *g.Undelivered != passedOver ||
		g.Lost != 1 || *g.Pending != 0 || g.Delivered != done.Acked+behind-passedOver || g.Error != "" || g.LostWindow == nil {
		t.Errorf("%d again, %d passed over, 1 lost: got %s", again, passedOver, describe(g))
	}
}

// TestGroupLostUnderWay takes a group away from its consumers while they consume,
// from all streams of a node at once.
func TestGroupLostUnderWay(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	w, rec, end := cluster.begin(t, consumedSpec(1, 3))
	eventually(t, "entries are acked", func() bool { _, n, _, _ := w.Progress(); return n > 200 })
	destroyed := int64(0)
	for i, key := range w.Keys {
		if w.ShardOf[i] == w.ShardOf[0] {
			destroyed += rdb.XGroupDestroy(t.Context(), key, "group-0").Val()
		}
	}
	_, before, _, _ := w.Progress()
	eventually(t, "entries are acked after that", func() bool { _, n, _, _ := w.Progress(); return n > before+400 })
	end()
	must(t, w.Verify(t.Context()))
	g := only[*record.Consumed](t, rec).Groups[0]
	if g.Lost != destroyed || g.RedeliveredAfterAck == 0 || *g.Undelivered != 0 || *g.Pending != 0 ||
		!slices.ContainsFunc(g.Errors, func(e record.ErrorCount) bool { return e.Kind == "nogroup" }) {
		t.Errorf("%d destroyed: %s", destroyed, describe(g))
	}
}

package workload

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func mixedSpec() scenarios.Workload {
	return scenarios.Workload{
		Name: "shop", Type: "mixed", Clients: 8, Keys: 20, ValueSize: units.FixedSize(30),
		Spec: &mixedSettings{Mix: map[string]int{"set": 1, "register": 2, "list": 3, "counter": 1}, Ratio: 0.5},
	}
}

// settingsOf are the settings of a type by default, with a mix for the one that needs it.
func settingsOf(typ string) scenarios.WorkloadSpec {
	if typ == "mixed" {
		return &mixedSettings{Mix: map[string]int{"set": 1, "stream": 2}}
	}
	return Kinds()[typ]()
}

// TestMixed has clients write several types and read some of them, takes some of each
// away, and expects exactly that to be missing.
func TestMixed(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	w, rec := cluster.runUntil(t, mixedSpec(), 5000)
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	if done.Acked == 0 || done.Acked != done.Attempted || done.NoLoss {
		t.Fatalf("on a whole cluster: %s", describe(done))
	}
	if r := done.Reads; r == nil || r.OK != r.Attempted || r.Stale+r.Strange+r.Unsure != 0 ||
		float64(r.OK) < 0.9*float64(done.Acked) || float64(r.OK) > 1.1*float64(done.Acked) {
		t.Errorf("reads of half of all operations: %s", describe(r))
	}

	written, lost := map[string]int64{}, map[string]int64{}
	for _, p := range w.kind.(*mixed).parts {
		typ := p.Spec.Type
		for c := range p.Clients {
			written[typ] += int64(p.Clients[c].Writes.Len())
		}
		key := p.Keys[3]
		switch typ {
		case "set":
			removed, err := rdb.SPopN(t.Context(), key, 2).Result()
			must(t, err)
			lost[typ] = int64(len(removed))
		case "list":
			must(t, rdb.LPopCount(t.Context(), key, 5).Err())
			lost[typ] = 5
		case "counter":
			must(t, rdb.DecrBy(t.Context(), key, 7).Err())
			lost[typ] = 7
		}
	}
	must(t, w.Verify(t.Context()))
	got := only[*record.Verified](t, rec)
	if got.Name != "shop" || got.Checked != done.Acked || got.Lost != 14 || got.Foreign+got.Unverified != 0 || got.LossWindow != nil ||
		got.Duplicated == nil || *got.Duplicated != 0 || got.OutOfOrder == nil || *got.OutOfOrder != 0 {
		t.Errorf("of 14 writes that were taken away: %s", describe(got))
	}
	for _, part := range got.Parts {
		if part.Checked != written[part.Name] || part.Lost != lost[part.Name] {
			t.Errorf("%s: %d written and %d taken away: %s", part.Name, written[part.Name], lost[part.Name], describe(part))
		}
	}
	if len(got.Parts) != 4 || written["list"] < 2*written["set"] || written["list"] > 4*written["set"] {
		t.Errorf("writes by type: %v", written)
	}
	for key, keys := range map[string]int{"run:shop:set:*": 20, "run:shop:register:*": 20} {
		n := 0
		for _, node := range cluster.direct {
			n += len(node.Keys(t.Context(), key).Val())
		}
		if n != keys {
			t.Errorf("%d keys %s, want %d", n, key, keys)
		}
	}
}

// A value that goes back is seen by the next read of its key, in a mix as well.
func TestMixedStaleReads(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	spec := mixedSpec()
	spec.Clients, spec.Keys, spec.Spec = 1, 1, &mixedSettings{Mix: map[string]int{"counter": 1, "set": 1}, Ratio: 0.9}
	w, rec, end := cluster.begin(t, spec)
	eventually(t, "writes are acked", func() bool { _, n, _, _ := w.Progress(); return n > 50 })
	key := w.kind.(*mixed).parts[0].Keys[0]
	must(t, rdb.Set(t.Context(), key, 1, 0).Err())
	eventually(t, "a stale read", func() bool { return len(events[*record.StaleRead](rec)) > 0 })
	end()
	if e := events[*record.StaleRead](rec)[0]; e.Key != key || e.Workload != "shop" || e.Want < 2 {
		t.Errorf("got %s", describe(e))
	}
	if r := only[*record.WorkloadDone](t, rec).Reads; r.Stale == 0 {
		t.Errorf("got %s", describe(r))
	}
}

// What waiting for replicas told is summed up over all parts.
func TestMixedWaits(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := mixedSpec()
	spec.Wait = &scenarios.Wait{Replicas: 1, Timeout: units.Duration(time.Millisecond)}
	spec.Spec.(*mixedSettings).Ratio = 0
	_, rec := cluster.runUntilInVain(t, spec)
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	if done.Indeterminate == 0 || done.Indeterminate != done.Attempted || done.Wait.Replies[0] != done.Attempted {
		t.Errorf("without a replica: %s", describe(done))
	}
}

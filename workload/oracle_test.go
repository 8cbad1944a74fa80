package workload

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func setSpec() scenarios.Workload {
	return scenarios.Workload{Name: "orders", Type: "set", Clients: 8, Keys: 50, Distribution: scenarios.DistributionZipf,
		ValueSize: units.SizeRange{Least: 20, Most: 200}}
}

func registerSpec() scenarios.Workload {
	return scenarios.Workload{Name: "stock", Type: "register", Clients: 8, Keys: 53, ValueSize: units.SizeRange{Least: 20, Most: 200}}
}

// clusterClient is a client of the test's own.
func (c *testCluster) clusterClient(t testing.TB) *redis.ClusterClient {
	rdb := redis.NewClusterClient(&redis.ClusterOptions{Addrs: c.addrs, DisableIdentity: true})
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// TestSetOracle removes a known number of acked elements behind the
// workload's back: exactly these must be reported.
func TestSetOracle(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	for _, k := range []int{0, 1, 17, 1000} {
		w, rec := cluster.runUntil(t, setSpec(), max(1000, 8*int64(k)))
		done := only[*record.WorkloadDone](t, rec)
		checkSum(t, done)
		if done.Acked < int64(k) || done.Acked != done.Attempted || done.Latency == nil {
			t.Fatalf("on a whole cluster: %s", describe(done))
		}
		want := map[int]int64{}
		pipe := rdb.Pipeline()
		for shard, acked := range w.ackedOn(3) {
			// Uneven: half of them from shard 0, all that are left from shard 2.
			n := []int{k / 2, k / 3, k - k/2 - k/3}[shard]
			for i := range n {
				victim := acked[i*len(acked)/n]
				pipe.SRem(t.Context(), w.keyOf(victim), w.text(victim))
			}
			if n > 0 {
				want[shard] = int64(n)
			}
		}
		if k > 0 {
			removed, err := pipe.Exec(t.Context())
			must(t, err)
			for _, cmd := range removed {
				if cmd.(*redis.IntCmd).Val() != 1 {
					t.Fatalf("%s removed nothing", cmd)
				}
			}
		}
		must(t, w.Verify(t.Context()))
		got := only[*record.Verified](t, rec)
		if got.Lost != int64(k) || !maps.Equal(got.LostByShard, want) {
			t.Errorf("removed %d, by shard %v; got %s", k, want, describe(got))
		}
		if got.Checked != done.Acked || got.Unverified+got.Foreign+got.UnackedApplied+got.FailedApplied != 0 || got.Error != "" {
			t.Errorf("removed %d of %d; got %s", k, done.Acked, describe(got))
		}
	}
}

// TestRegisterOracle sets keys back to earlier values of theirs.
func TestRegisterOracle(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	spec := registerSpec()
	for _, back := range []int{0, 1, 17} {
		w, rec := cluster.runUntil(t, spec, 5000)
		want := map[int]int64{}
		var sum int64
		for key := range w.Keys {
			client := key % spec.Clients
			owned := w.kind.(values).writer.(register).KeysOf(client)
			h := &w.Clients[client].Writes
			// The last write to the key, and the one that it is set back to.
			last := (h.Len()-1)/owned*owned + uint32(key/spec.Clients)
			if last >= h.Len() {
				last -= owned
			}
			if int(last) < (back+1)*int(owned) {
				t.Fatalf("client %d wrote only %d times", client, h.Len())
			}
			to := [2]int{client, int(last) - back*int(owned)}
			must(t, rdb.Set(t.Context(), w.Keys[key], w.text(to), 0).Err())
			if back > 0 {
				want[w.ShardOf[key]] += int64(back)
				sum += int64(back)
			}
		}
		must(t, w.Verify(t.Context()))
		got := only[*record.Verified](t, rec)
		if got.Lost != sum || !maps.Equal(got.LostByShard, want) || got.Unverified+got.Foreign != 0 || got.Error != "" {
			t.Errorf("set back by %d, by shard %v; got %s", back, want, describe(got))
		}
	}
}

// TestPhantoms adds what was never written, and puts a value where it cannot
// be read.
func TestPhantoms(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	w, rec := cluster.runUntil(t, setSpec(), 1000)
	acked := w.ackedOn(3)
	some := acked[0][0]
	damaged := []byte(w.text(some))
	damaged[len(damaged)-1] = 'x'
	for _, phantom := range []any{"hello", "999.0", damaged, w.text([2]int{some[0], 1 << 28})} {
		must(t, rdb.SAdd(t.Context(), w.keyOf(some), phantom).Err())
	}
	spoilt := w.keyOf(acked[1][0])
	var onSpoilt int64
	for _, write := range acked[1] {
		if w.keyOf(write) == spoilt {
			onSpoilt++
		}
	}
	must(t, rdb.Set(t.Context(), spoilt, "no set", 0).Err())

	must(t, w.Verify(t.Context()))
	got := only[*record.Verified](t, rec)
	done := only[*record.WorkloadDone](t, rec)
	if got.Foreign != 4 || got.Unverified != onSpoilt || got.Lost != 0 || got.Error == "" || got.Checked+got.Unverified != done.Acked {
		t.Errorf("want 4 foreign, %d unverified, none lost; got %s", onSpoilt, describe(got))
	}
}

func TestVerifyCanBeCancelled(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	w, rec := cluster.run(t, setSpec(), 100*time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Verify(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := len(events[*record.Verified](rec)); n != 0 {
		t.Errorf("%d verdicts of a cancelled verification", n)
	}
}

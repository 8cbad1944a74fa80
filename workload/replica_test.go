package workload

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// testReplica is a replica of a master of a test cluster.
type testReplica struct {
	addr   string
	direct *redis.Client
	proc   *os.Process
}

// addReplicas gives each master a replica, and waits until all are in sync. They
// never stand for election, however long a master is stopped.
func (c *testCluster) addReplicas(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	c.bearWithEachFor(t, quickNews)
	for range c.addrs {
		addr, node, proc, bus := startNode(t)
		must(t, node.ConfigSet(ctx, "cluster-replica-no-failover", "yes").Err())
		c.meet(t, addr, node, bus)
		c.replicas = append(c.replicas, testReplica{addr, node, proc})
	}
	for i, r := range c.replicas {
		id, err := c.direct[i].ClusterMyID(ctx).Result()
		must(t, err)
		eventually(t, "the new node knows its master and replicates it", func() bool { return r.direct.ClusterReplicate(ctx, id).Err() == nil })
	}
	for _, r := range c.replicas {
		eventually(t, "the replica is in sync", func() bool { return strings.Contains(r.direct.Info(ctx, "replication").Val(), "master_link_status:up") })
	}
	for _, node := range append(c.replicaClients(), c.direct...) {
		// Clients are told of a replica once it has replicated something.
		eventually(t, "every node tells of the replicas", func() bool {
			ranges, err := node.Do(ctx, "cluster", "slots").Slice()
			return err == nil && len(ranges) == len(c.addrs) && !slices.ContainsFunc(ranges, func(r any) bool {
				const withReplica = 4 // the first slot, the last, the master, and it
				return len(r.([]any)) != withReplica
			})
		})
	}
	c.bearWithEachFor(t, heldUp)
}

func (c *testCluster) replicaClients() (all []*redis.Client) {
	for _, r := range c.replicas {
		all = append(all, r.direct)
	}
	return all
}

// TestWaitForReplicas has the replica of one shard stopped for a while: what was
// acked meanwhile is not, and what was acked is on the replica.
func TestWaitForReplicas(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	cluster.addReplicas(t)
	spec := waiting(0)
	spec.Clients, spec.Keys, spec.ValueSize = 4, 30, units.FixedSize(32)
	spec.Wait = &scenarios.Wait{Replicas: 1, Timeout: *ms(4000)} // which no replica outlasts that runs
	w, rec, end := cluster.begin(t, spec)
	eventually(t, "writes are acked", func() bool { _, n, _, _ := w.Progress(); return n > 200 })
	stopped := cluster.replicas[1]
	must(t, stopped.proc.Signal(syscall.SIGSTOP))
	eventually(t, "writes are not acked", func() bool { _, _, _, n := w.Progress(); return n >= 3 })
	_, before, _, _ := w.Progress()
	must(t, stopped.proc.Signal(syscall.SIGCONT))
	eventually(t, "writes are acked again", func() bool { _, n, _, _ := w.Progress(); return n > before+200 })
	end()

	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	if done.Wait.Replies[1] != done.Acked || done.Wait.Replies[0] != done.Indeterminate || done.Failed != 0 {
		t.Errorf("got %s", describe(done))
	}
	for _, e := range done.Errors {
		if e.Kind != "wait_short" {
			t.Errorf("got %+v", e)
		}
	}
	for _, met := range done.Shards {
		if met.Shard != 1 && len(met.Errors) > 0 {
			t.Errorf("the replica of shard %d was well: %+v", met.Shard, met.Errors)
		}
	}
	for shard, acked := range w.ackedOn(len(cluster.addrs)) {
		conn := cluster.replicas[shard].direct.Conn()
		defer conn.Close()
		must(t, conn.ReadOnly(t.Context()).Err())
		for _, write := range acked {
			if there, err := conn.SIsMember(t.Context(), w.keyOf(write), w.text(write)).Result(); err != nil || !there {
				t.Errorf("replica %d does not have the acked write %v: %v", shard, write, err)
			}
		}
	}
	must(t, w.Verify(t.Context()))
	if found := only[*record.Verified](t, rec); found.Lost != 0 || found.UnackedApplied != done.Indeterminate {
		t.Errorf("got %s", describe(found))
	}
}

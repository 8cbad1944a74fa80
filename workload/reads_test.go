package workload

import (
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/drive"
)

// readingSpec is a workload of one client that reads four times for each write, or as it is
// told. Its client takes no slow replica for one that is gone.
func readingSpec(typ string, how ...reads) scenarios.Workload {
	how = append(how, reads{Ratio: 0.8})
	settings := map[string]scenarios.WorkloadSpec{
		"register": &registerSettings{reads: how[0]}, "counter": &counterSettings{how[0]},
	}
	return scenarios.Workload{
		Name: "w", Type: typ, Clients: 1, Keys: 12, ValueSize: units.FixedSize(20), Spec: settings[typ],
	}
}

// checkReads checks what must hold of all reads, and returns them.
func checkReads(t *testing.T, rec *record.Record) *record.Reads {
	t.Helper()
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	r := done.Reads
	if r.Attempted != r.OK+r.Failed {
		t.Errorf("%d reads are not the sum of %d and %d", r.Attempted, r.OK, r.Failed)
	}
	var ok, stale, errs int64
	for _, node := range r.Nodes {
		ok += node.OK
		stale += node.Stale
	}
	for _, e := range r.Errors {
		errs += e.Count
		if e.Outcome != "failed" {
			t.Errorf("got %+v", e)
		}
	}
	if ok != r.OK || stale != r.Stale || errs != r.Failed || r.Strange != 0 {
		t.Errorf("by node %d reads, %d of them stale, and %d errors: %s", ok, stale, errs, describe(r))
	}
	if recorded := int64(len(events[*record.StaleRead](rec))); recorded != min(r.Stale, record.StaleReadsInFull) {
		t.Errorf("%d of %d stale reads are recorded", recorded, r.Stale)
	}
	return r
}

// TestReads has as many reads as asked for, by master and replica, none of which
// is stale, and which do not count as writes.
func TestReads(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	cluster.addReplicas(t)
	for from, nodes := range map[string]string{"": "node-", drive.ReadFromMaster: "node-", drive.ReadFromReplica: "replica-", drive.ReadFromAny: ""} {
		for _, typ := range []string{"register", "counter"} {
			spec := readingSpec(typ, reads{Ratio: 0.8, From: from})
			spec.Clients, spec.Rate = 4, scenarios.ConstantRate(1000)
			if from == drive.ReadFromReplica || from == drive.ReadFromAny {
				// Only so is it sure that a replica has what was acked.
				spec.Wait = &scenarios.Wait{Replicas: 1, Timeout: *ms(40)}
			}
			w, rec := cluster.run(t, spec, time.Second)
			r, done := checkReads(t, rec), only[*record.WorkloadDone](t, rec)
			if total := r.Attempted + r.Unsent; total != 800 || done.Attempted+done.Unsent != 200 || done.TargetRate < 199.9 || done.TargetRate > 200.1 {
				t.Errorf("%s from %q: %d of 1000 operations were reads: %s", typ, from, total, describe(done))
			}
			if r.Stale != 0 || r.OK == 0 || r.Latency == nil || h(w) != done.Acked {
				t.Errorf("%s from %q: %s", typ, from, describe(r))
			}
			masters, replicas := false, false
			for _, node := range r.Nodes {
				masters = masters || strings.HasPrefix(node.Node, "node-")
				replicas = replicas || strings.HasPrefix(node.Node, "replica-")
				if !strings.HasPrefix(node.Node, nodes) {
					t.Errorf("%s from %q: %s answered", typ, from, node.Node)
				}
			}
			if from == drive.ReadFromAny && !(masters && replicas) {
				t.Errorf("%s from any: %+v", typ, r.Nodes)
			}
		}
	}
}

// h is how many latencies of writes a workload has.
func h(w *Workload) int64 {
	if w.Histogram() == nil {
		return 0
	}
	return w.Histogram().TotalCount()
}

// TestTamperedKeysAreReadLive sets values back behind the workload's back: the
// stale reads of them, and no others, are found while it runs.
func TestTamperedKeysAreReadLive(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	for typ, tampered := range map[string]string{"register": "", "counter": "2"} {
		spec := readingSpec(typ, reads{Ratio: 0.99})
		spec.Keys, spec.Rate = 3, scenarios.ConstantRate(2000)
		w, rec, stop := cluster.begin(t, spec)
		direct := cluster.clusterClient(t)
		const victim = 1
		eventually(t, "every key was written to ten times", func() bool { n, _, _, _ := w.Progress(); return n >= 60 })
		if typ == "register" {
			tampered = w.text([2]int{0, victim}) // its first write
		}
		if early := events[*record.StaleRead](rec); len(early) > 0 {
			t.Errorf("%s: %+v before anything was done", typ, early[0])
		}
		// The next write to the key puts it right, sooner or later.
		eventually(t, "a stale read is recorded", func() bool {
			must(t, direct.Set(t.Context(), w.Keys[victim], tampered, 0).Err())
			return len(events[*record.StaleRead](rec)) > 0
		})
		stop()
		r := checkReads(t, rec)
		for _, e := range events[*record.StaleRead](rec) {
			shard := w.ShardOf[victim]
			if e.Key != w.Keys[victim] || e.Shard != shard || e.Node != "node-"+string(rune('0'+shard)) || e.Role != "master" || e.Workload != "w" ||
				e.Got == nil || *e.Got < 1 || *e.Got >= e.Want || e.Age < 0 || e.Sent <= 0 {
				t.Errorf("%s: %s", typ, describe(e))
			}
			if typ == "register" && (*e.Got != victim || e.Want%3 != victim) {
				t.Errorf("%s: %s", typ, describe(e))
			}
		}
		if r.Stale == 0 || r.Oldest == nil || r.Failed != 0 {
			t.Errorf("%s: %s", typ, describe(r))
		}
	}
}

// TestReplicaThatIsBehind reads from a replica that has lost its master, and does
// not get it back: what it answers gets older and older.
func TestReplicaThatIsBehind(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	cluster.addReplicas(t)
	spec := readingSpec("register", reads{Ratio: 0.8, From: drive.ReadFromReplica})
	spec.Rate = scenarios.ConstantRate(500)
	w, rec, stop := cluster.begin(t, spec)
	const behind = 2
	replica := cluster.replicas[behind].direct
	eventually(t, "writes are acked", func() bool { _, n, _, _ := w.Progress(); return n > 30 })
	// A master without a password refuses one, and so its replica.
	must(t, replica.ConfigSet(t.Context(), "masterauth", "wrong").Err())
	must(t, cluster.direct[behind].Do(t.Context(), "client", "kill", "type", "replica").Err())
	from := w.Rec.Now()
	eventually(t, "stale reads of it are recorded", func() bool {
		found, oldest := 0, record.Millis(0)
		for _, e := range events[*record.StaleRead](rec) {
			if e.Node == "replica-2" {
				found++
				oldest = max(oldest, e.Age)
			}
		}
		return found > 100 && oldest > 50
	})
	must(t, replica.ConfigSet(t.Context(), "masterauth", "").Err())
	eventually(t, "the replica is in sync", func() bool {
		return strings.Contains(replica.Info(t.Context(), "replication").Val(), "master_link_status:up")
	})
	stop()
	r := checkReads(t, rec)
	var found int
	for _, e := range events[*record.StaleRead](rec) {
		if e.Node != "replica-2" {
			continue
		}
		found++
		if e.Role != "replica" || e.Shard != behind || e.Sent >= from && e.Age > e.Sent {
			t.Errorf("%s", describe(e))
		}
	}
	// What they missed was acked since the link broke.
	if found < 50 || r.Oldest == nil || *r.Oldest < 50 {
		t.Errorf("%d stale reads of the replica that was behind: %s", found, describe(r))
	}
}

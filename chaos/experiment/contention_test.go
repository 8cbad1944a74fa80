package experiment

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
)

// A master that is cut off from its cluster grants locks that its successor grants
// again, and acks writes that its successor does not have: both are found, by the
// nodes that did it, and the picture lies beside every report of the run.
func TestPartitionBreaksLocksAndLinearizability(t *testing.T) {
	onThisMachine(t, func(t *testing.T, opts Options) {
		outcome, err := Run(t.Context(), parsed(t, `
name: test-contention
cluster:
  config: {cluster-node-timeout: 2000}
workloads:
  - {name: leases, type: lock, start: 2500ms, clients: 100, rate: 60, keys: 100, lock: {ttl: 10s, hold: 5s}, client: {dial_timeout: 300ms, read_timeout: 300ms, cluster_state_reload_interval: 500ms}}
  - {name: registers, type: linearizable, clients: 8, rate: 500, client: {dial_timeout: 300ms, read_timeout: 300ms, cluster_state_reload_interval: 500ms}}
duration: 14s
faults:
  - {at: 3s, for: 8s, disconnect: {role: master, shard: 0, network: cluster}}
expect:
  failovers: 1
  double_holds: "> 0"
  double_held: "> 0s"
  linearizable: false
  recovered: true
`), opts)
		if err != nil {
			t.Fatal(err)
		}
		r := outcome.Result
		if r.Verdict != report.Pass {
			t.Fatalf("%s: %+v, %q", r.Verdict, r.Expectations, prose.Story(r))
		}
		old, successor := r.Failovers[0].OldMaster, r.Failovers[0].NewMaster
		locks, history := r.Workloads[0].Locks, r.Workloads[1].Linearizability
		if !slices.ContainsFunc(locks.GrantedBy, func(g record.DoubleGrant) bool { return g.First == old && g.Second == successor }) ||
			locks.ByShard[0] != locks.DoubleHolds || locks.Window[0] < *r.Faults[0].Effective {
			t.Errorf("%+v", locks)
		}
		v := history.Violation
		if v.Shard != 0 || v.Node != successor || !slices.Equal(v.Nodes, []string{old, successor}) || v.From < *r.Faults[0].Effective {
			t.Errorf("%+v", v)
		}
		if r.Writes.Lost != nil {
			t.Errorf("%d writes lost, and nobody looked", *r.Writes.Lost)
		}
		elsewhere := t.TempDir()
		if _, err := Again(t.Context(), outcome.Dir, elsewhere); err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{outcome.Dir, elsewhere} {
			if info, err := os.Stat(filepath.Join(dir, v.Picture)); err != nil || info.Size() < 10_000 {
				t.Errorf("no picture: %v", err)
			}
		}
		t.Logf("%+v", locks)
	})
}

package experiment

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
)

// A cluster serves two runs, and the second sees it as it is then: the replica that took over
// in the first is a master, and nothing that was logged before is told again.
func TestAClusterServesTwoRuns(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	s := parsed(t, `
name: test-reserve
duration: 5s
cluster: {config: {cluster-node-timeout: 500}}
workloads: [{name: orders, type: set, clients: 2, rate: 200}]
faults: [{at: 500ms, for: 3500ms, kill: {role: master, shard: 0}}]
expect: {failovers: 1, lost_writes: "<= 10", recovered: true}
`)
	reserve := &Reserve{Always: true}
	opts := Options{Out: t.TempDir(), Runtime: RuntimeLocal, Part: true, Reserve: reserve}
	masters := []string{"redis-master-1", "redis-replica-1", "redis-master-1"}
	var first string
	for turn := range 2 {
		o, err := Run(t.Context(), s, opts)
		if err != nil || o.Result.Verdict != report.Pass {
			t.Fatalf("run %d: %v, %+v", turn+1, err, o)
		}
		if turn == 0 {
			first = o.Result.Run.ID
		}
		if o.Cluster != first || o.Served != turn {
			t.Errorf("run %d: on the cluster of %s, turn %d", turn+1, o.Cluster, o.Served)
		}
		f := o.Result.Failovers[0]
		if f.OldMaster != masters[turn] || f.NewMaster != masters[turn+1] {
			t.Errorf("run %d: %s replaced %s", turn+1, f.NewMaster, f.OldMaster)
		}
		if took := *f.Promoted; took < 500 || f.Election == nil {
			t.Errorf("run %d: promoted after %.0f ms, election %v", turn+1, took, f.Election)
		}
		if told := strings.Contains(strings.Join(o.Result.Notes, " "), "The cluster was that of "+first); told != (turn > 0) {
			t.Errorf("run %d: notes %q", turn+1, o.Result.Notes)
		}
	}
	if err := reserve.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

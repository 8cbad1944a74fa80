package experiment

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/doctor"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// A cluster serves two runs, and the second sees it as it is then: the replica that took over
// in the first is a master, and nothing that was logged before is told again.
func TestAClusterServesTwoRuns(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	conf := filepath.Join(t.TempDir(), "redis.conf")
	if err := os.WriteFile(conf, []byte(configFile), 0o644); err != nil {
		t.Fatal(err)
	}
	s := parsed(t, `
name: test-reserve
duration: 5s
cluster: {config_file: `+conf+`, config: {cluster-node-timeout: 500}}
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
			checkConfigFile(t, o, reserve.kept.Cluster)
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

const configFile = `
cluster-node-timeout 9000
appendonly yes
save 900 1
save 300 10
slave-priority 77
port 7000
requirepass s3cret
user app on >s3cret ~app:* +@read
`

// checkConfigFile checks that servers run what configFile says, and that the report tells of it.
func checkConfigFile(t *testing.T, o *Outcome, c compose.Cluster) {
	t.Helper()
	client := compose.DirectClient(c, c.Nodes()[0].Addr, 5*time.Second)
	defer client.Close()
	for name, want := range map[string]string{"appendonly": "yes", "save": "900 1 300 10", "replica-priority": "77", "cluster-node-timeout": "500", "requirepass": ""} {
		if got, err := client.ConfigGet(t.Context(), name).Result(); err != nil || got[name] != want {
			t.Errorf("%s: %v, %v; want %q", name, got, err, want)
		}
	}
	if users, err := client.Do(t.Context(), "acl", "users").StringSlice(); err != nil || len(users) != 2 {
		t.Errorf("users: %v, %v", users, err)
	}
	theirs := scenarios.Cluster{Brought: scenarios.Brought{Addrs: []string{c.Nodes()[0].Addr}}}
	if text, _, err := Draft(t.Context(), "drafted", theirs, "."); err != nil || !strings.Contains(text, "cluster-node-timeout is 500 there") || !strings.Contains(text, "failovers: 1") {
		t.Errorf("drafted: %v\n%s", err, text)
	}
	found, _, err := Examine(t.Context(), theirs)
	if err != nil || !slices.ContainsFunc(found, func(f doctor.Finding) bool {
		return f.Check == "node-timeout" && strings.Count(f.Where, ", ") == len(c.Nodes())-1
	}) {
		t.Errorf("found of the cluster: %+v, %v", found, err)
	}
	if config := o.Result.Run.Config; config["slave-priority"] != "77" || config["cluster-node-timeout"] != "500" || config["user"] != "app on #(hidden) ~app:* +@read" {
		t.Errorf("config %v", config)
	}
	notes := strings.Join(o.Result.Notes, "\n")
	for _, want := range []string{"redis.conf:2:1: cluster-node-timeout 9000: overridden, as cluster.config has cluster-node-timeout", "redis.conf:7:1: port 7000: overridden, as the tool gives", "redis.conf:8:1: requirepass (hidden): overridden"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in the notes %q", want, o.Result.Notes)
		}
	}
	report, err := os.ReadFile(filepath.Join(o.Dir, "report.md"))
	if err != nil || !strings.Contains(string(report), "slave-priority 77") || !strings.Contains(string(report), "redis.conf:7:1") {
		t.Errorf("%v\n%s", err, report)
	}
	for _, name := range []string{"report.md", "result.json", "events.ndjson", "scenario.yaml", "cluster/redis.conf"} {
		if text, err := os.ReadFile(filepath.Join(o.Dir, name)); err != nil || strings.Contains(string(text), "s3cret") {
			t.Errorf("%s: %v, or it has the password", name, err)
		}
	}
}

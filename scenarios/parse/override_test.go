package parse

import (
	"reflect"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

const overridable = `name: t
duration: 40s
cluster: {config: {cluster-node-timeout: 5000}}
workloads:
  - name: orders
  - name: carts
    client: {read_timeout: 5s}
faults:
  - at: 5s
    kill: {shard: 0}
expect:
  lost_writes: "<= 3"
`

func invalidSetCases() []invalidCase {
	cases := []invalidCase{
		{name: "set without =", sets: []string{"duration"}, want: `--set duration: no "="; write PATH=VALUE, such as duration=20s`},
		{name: "set without path", sets: []string{"=3"}, want: `--set =3: "" is not a path; write one like faults[0].for`},
		{name: "set empty step", sets: []string{"cluster..masters=3"}, want: `--set cluster..masters=3: "cluster..masters" is not a path; write one like faults[0].for`},
		{name: "set bad index", sets: []string{"faults[x].for=3s"}, want: `--set faults[x].for=3s: "faults[x].for" is not a path; write an index like faults[0]`},
		{name: "set index out of range", sets: []string{"faults[1].for=3s"}, want: `--set faults[1].for=3s: faults has no [1]; it has only [0]`},
		{name: "set fault by name", sets: []string{"faults.kill.for=3s"}, want: `--set faults.kill.for=3s: faults go by index; write faults[0] to [0]`},
		{name: "set unknown workload", sets: []string{"workloads.order.rate=1"}, want: `--set workloads.order.rate=1: unknown name in workloads "order"; did you mean "orders"?`},
		{name: "set below a scalar", sets: []string{"duration.x=1"}, want: `--set duration.x=1: duration is a single value, with nothing below it`},
		{name: "set index of a mapping", sets: []string{"cluster[0]=1"}, want: `--set cluster[0]=1: cluster is not a list, and has no [0]`},
		{name: "set without faults", yaml: minimal, sets: []string{"faults[0].for=3s"}, want: `--set faults[0].for=3s: the scenario has no faults`},
		{name: "set without workloads", yaml: minimal, sets: []string{"workloads.w.rate=3"}, want: `--set workloads.w.rate=3: the scenario has no workloads`},
		{name: "set in empty list", yaml: minimal + "faults: []\n", sets: []string{"faults[0].for=3s"}, want: `--set faults[0].for=3s: faults is empty here`},
		{name: "set unknown key", sets: []string{"cluster.mastres=3"}, want: `--set cluster.mastres=3: unknown key "mastres"; did you mean "masters"?`},
		{name: "set unknown key of a fault", sets: []string{"faults[0].kill.shrad=3"}, want: `--set faults[0].kill.shrad=3: unknown key "shrad"; did you mean "shard"?`},
		{name: "set second kind", sets: []string{"faults[0].pause.shard=1"}, want: `--set faults[0].pause.shard=1: faults[0] is a "kill" already; write the "pause" as a fault of its own`},
		{name: "set node timeout", sets: []string{"cluster.config.cluster-node-timeout=abc"}, want: `--set cluster.config.cluster-node-timeout=abc: "abc" is not a number of milliseconds, at least 100, and Redis takes nothing else`},
		{name: "set own directive", sets: []string{"cluster.config.port=1"}, want: `--set cluster.config.port=1: port cannot be set: the tool gives every node its address`},
		{name: "set no such shard", sets: []string{"faults[0].kill.shard=7"}, want: `--set faults[0].kill.shard=7: there is no shard 7; the cluster has 0 to 2`},
		{name: "set too short", sets: []string{"duration=3s"}, want: `--set duration=3s: faults[0] is at 5s, but the run lasts only 3s (duration); start it earlier or run longer`},
		{name: "set expectation", sets: []string{"expect.failover_time=8"}, want: `--set expect.failover_time=8: "8" has no unit; write 8ms, 8s or 8m`},
		{name: "set unknown expectation", sets: []string{"expect.lost=8"}, want: `--set expect.lost=8: unknown expectation "lost"; known: failovers, failover_time, client_recovery, failed_ratio, availability, latency_p50, latency_p95, latency_p99, latency_p999, latency_max, unavailable, longest_outage, split_brain, longest_split_brain, lost_writes, lost_ratio, evicted, expired, loss_window, duplicated, out_of_order, stale_reads, missed_messages, redelivered, undelivered, double_holds, double_held, linearizable, recovered, incidents, skipped_faults, outage_causes, missed_causes, loss_causes, phase_causes`},
		{name: "set expectation of no workload", sets: []string{"expect.workloads.order.lost_writes=8"}, want: `--set expect.workloads.order.lost_writes=8: unknown workload "order"; did you mean "orders"?`},
		{name: "set bound of a workload", sets: []string{"expect.workloads.orders.lost_writes=few"}, want: `--set expect.workloads.orders.lost_writes=few: "few" is not a count; write it like 0 or "<= 10"`},
		{name: "set unknown cause", sets: []string{"expect.outage_causes=[master_dwn]"}, want: `--set expect.outage_causes=[master_dwn]: outage_causes[0]: unknown cause "master_dwn"; did you mean "master_down"? known: master_down, full_coverage, unknown; and [] says that none may be found`},
		{name: "set statistic", sets: []string{"expect_set.failover_time.p59=8s"}, want: `--set expect_set.failover_time.p59=8s: unknown statistic "p59"; did you mean "p95"?`},
		{name: "set bound of a set", sets: []string{"expect_set.failover_time.p95=8"}, want: `--set expect_set.failover_time.p95=8: "8" has no unit; write 8ms, 8s or 8m`},
		{name: "set statistic of no workload", sets: []string{"expect_set.workloads.order.lost_writes.every=0", "expect_set.workloads.order.lost_writes.max=0"}, want: `--set expect_set.workloads.order.lost_writes.every=0: unknown workload "order"; did you mean "orders"?`},
		{name: "set half an expectation of a set", sets: []string{"expect_set.workloads.orders=0"}, want: `--set expect_set.workloads.orders=0: "workloads.orders" names no figure; write it like workloads.orders.lost_writes: 0`},
		{name: "set statistic without its name", sets: []string{"expect_set.workloads.orders.lost_writes=0"}, want: `--set expect_set.workloads.orders.lost_writes=0: "0" where a statistic and its bound belong; write it like {every: 0}`},
		{name: "set broken list", sets: []string{"faults[0].kill.nodes=[a"}, want: `--set faults[0].kill.nodes=[a: not valid YAML: sequence end token ']' not found`},
		{name: "set mapping", sets: []string{"cluster={mastres: 3}"}, want: `--set cluster={mastres: 3}: unknown key "mastres"; did you mean "masters"?`},
		{name: "sets in order", sets: []string{"seed=b", "cluster.masters=a"}, want: "--set seed=b: \"b\" is not a whole number\n--set cluster.masters=a: \"a\" is not a whole number"},
	}
	for i := range cases {
		if cases[i].yaml == "" {
			cases[i].yaml = overridable
		}
	}
	return cases
}

func TestSet(t *testing.T) {
	s, err := Scenario("f.yaml", []byte(overridable), fakeCatalog(), []string{
		"duration=20s",
		"cluster.config.cluster-node-timeout=2000",
		"cluster.config.save=900 1 300 10",
		"faults[0].for=10s",
		"faults[0].kill.shard=1",
		"faults[0].kill.nodes=[a, b]",
		"workloads.orders.rate=500",
		"workloads[1].client.read_timeout=1s",
		"workloads[0].client.max_redirects=0",
		"expect.lost_writes=> 0",
		"expect.failover_time=<= 8s",
		"expect.workloads.carts.lost_ratio=1%",
		"expect.outage_causes=[master_down, full_coverage]",
		"expect.missed_causes=[]",
		"expect.workloads.carts.loss_causes=died",
		"expect_set.failover_time.p95=8s",
		"expect_set.lost_writes={every: 0, max: 5}",
		"expect_set.failover_time.median=< 6s",
		"expect_set.workloads.carts.lost_ratio.mean=1%",
		"expect_set.passed=95%",
		"seed=1",
		"seed=2",
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.Duration != units.Duration(20*time.Second) || s.Seed != 2 {
		t.Errorf("duration %v, seed %d", s.Duration, s.Seed)
	}
	if want := (scenarios.Config{"cluster-node-timeout": {"2000"}, "save": {"900 1 300 10"}}); !reflect.DeepEqual(s.Cluster.Config, want) {
		t.Errorf("config %v", s.Cluster.Config)
	}
	shard := 1
	fault := scenarios.Fault{At: units.Duration(5 * time.Second), For: units.Duration(10 * time.Second), Kind: "kill",
		Spec: &killSpec{selector: selector{Shard: &shard, Nodes: []string{"a", "b"}}, Signal: "KILL"}}
	if !reflect.DeepEqual(s.Faults[0], fault) {
		t.Errorf("fault %+v", s.Faults[0])
	}
	if s.Workloads[0].Rate.String() != "500/s" || *s.Workloads[0].Client.MaxRedirects != 0 || s.Workloads[1].Client.ReadTimeout.D() != time.Second {
		t.Errorf("workloads %+v", s.Workloads)
	}
	var wants []string
	for _, e := range s.Expect {
		wants = append(wants, e.Name()+" "+e.Want)
	}
	if want := []string{"lost_writes > 0", "failover_time <= 8s", "workloads.carts.lost_ratio <= 1%", "outage_causes master_down, full_coverage", "missed_causes none", "workloads.carts.loss_causes died"}; !reflect.DeepEqual(wants, want) {
		t.Errorf("expect %q", wants)
	}
	wants = nil
	for _, e := range s.ExpectSet {
		wants = append(wants, e.Title()+" "+e.Want)
	}
	if want := []string{"p95 of failover_time <= 8s", "median of failover_time < 6s", "lost_writes in every run == 0", "max of lost_writes <= 5", "mean of workloads.carts.lost_ratio <= 1%", "passed >= 95%"}; !reflect.DeepEqual(wants, want) {
		t.Errorf("expect_set %q", wants)
	}
}

func TestSetMendsTheFile(t *testing.T) {
	s, err := Scenario("f.yaml", []byte("name: t\nduration: soon\n"), fakeCatalog(), []string{"duration=20s"})
	if err != nil || s.Duration != units.Duration(20*time.Second) {
		t.Errorf("%v, %v", s, err)
	}
}

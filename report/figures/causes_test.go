package figures

import (
	"encoding/json"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
)

// Each expectation about causes has those that the report can give.
func TestCausesOfEveryExpectation(t *testing.T) {
	known := report.Causes()
	for _, m := range expect.Metrics() {
		if (m.Unit == expect.UnitCauses) != (len(known[m.Name]) > 0) {
			t.Errorf("%s: %q", m.Name, known[m.Name])
		}
		delete(known, m.Name)
	}
	if len(known) > 0 {
		t.Errorf("nothing expects %v", known)
	}
}

// expecting is a scenario with one expectation, read as from a file.
func expecting(t *testing.T, expect string) *scenarios.Scenario {
	t.Helper()
	catalog := scenarios.Catalog{Causes: report.Causes(), Workloads: map[string]func() scenarios.WorkloadSpec{
		"set": func() scenarios.WorkloadSpec { return sample.Judging{trait.CountsLoss, trait.DatesLoss} },
	}}
	s, err := parse.Scenario("f.yaml", []byte("name: t\nduration: 40s\nworkloads: [{name: orders}, {name: carts}]\nexpect: {"+expect+"}\n"), catalog, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestExpectedCauses(t *testing.T) {
	lost := int64(3)
	hit := func() *report.Result {
		return &report.Result{
			Faults:  []report.Fault{{Effective: new(record.Millis(1000.0))}},
			Shards:  []report.Shard{{Unavailable: new(record.Millis(3000.0))}, {Shard: 1, Unavailable: new(record.Millis(500.0))}},
			Outages: []report.Outage{{Finding: report.Finding{Cause: report.OutageMasterDown}}, {Shard: 1, Finding: report.Finding{Cause: report.OutageCoverage}}, {Finding: report.Finding{Cause: report.OutageMasterDown}, From: 9000}},
			Missed:  []report.Missed{{Cause: report.MissedReplicaDown, Findings: []report.Finding{{Cause: report.MissedReplicaDown}, {Cause: report.MissedReplicaStale}}}},
			Writes:  report.Writes{Lost: &lost},
			Workloads: []report.Workload{
				{Name: "orders", Writes: report.Writes{Lost: &lost, LossWindow: &[2]record.Millis{900, 950}, Losses: []report.Loss{{Finding: report.Finding{Cause: report.LossNotReplicated}}, {Shard: 1, Finding: report.Finding{Cause: report.CauseUnknown}}}}},
				{Name: "carts", Writes: report.Writes{Lost: new(int64)}},
			},
		}
	}
	calm := func() *report.Result {
		return &report.Result{Shards: []report.Shard{{Unavailable: new(record.Millis(0.0))}}, Writes: report.Writes{Lost: new(int64)},
			Workloads: []report.Workload{{Name: "orders", Writes: report.Writes{Lost: new(int64)}}}}
	}
	for _, test := range []struct {
		expect string
		result func() *report.Result
		but    func(*report.Result) // nil: as it is
		ok     bool
		json   string
	}{
		{"outage_causes: master_down", hit, nil, true, `{"name":"outage_causes","want":"master_down","got":["master_down","full_coverage"],"ok":true,"shown":""}`},
		{"outage_causes: [full_coverage, master_down]", hit, nil, true, `{"name":"outage_causes","want":"full_coverage, master_down","got":["master_down","full_coverage"],"ok":true,"shown":""}`},
		{"outage_causes: [master_down, resolver]", hit, nil, false, ""},
		{"outage_causes: []", hit, nil, false, ""},
		{"outage_causes: []", calm, nil, true, `{"name":"outage_causes","want":"none","got":[],"ok":true,"shown":""}`},
		{"outage_causes: master_down", calm, nil, false, `{"name":"outage_causes","want":"master_down","got":[],"ok":false,"shown":""}`},
		{"outage_causes: []", calm, func(r *report.Result) { r.Shards[0].Unavailable = nil }, false, `{"name":"outage_causes","want":"none","got":null,"reason":{"why":"shard_not_acked","shard":0},"ok":false,"shown":""}`},
		{"outage_causes: []", calm, func(r *report.Result) { r.Shards = nil }, false, ""},
		{"missed_causes: replica_stale", hit, nil, true, `{"name":"missed_causes","want":"replica_stale","got":["replica_down","replica_stale"],"ok":true,"shown":""}`},
		{"missed_causes: []", calm, nil, true, ""},
		{"missed_causes: []", hit, func(r *report.Result) { r.Missed, r.Faults[0].Effective = nil, nil }, false, `{"name":"missed_causes","want":"none","got":null,"reason":{"why":"fault_undated","fault":0},"ok":false,"shown":""}`},
		{"loss_causes: [not_replicated, unknown]", hit, nil, true, ""},
		{"loss_causes: died", hit, nil, false, ""},
		{"loss_causes: []", calm, nil, true, ""},
		{"workloads.carts.loss_causes: []", hit, nil, true, `{"name":"workloads.carts.loss_causes","want":"none","got":[],"ok":true,"shown":""}`},
		{"workloads.orders.loss_causes: []", hit, nil, false, ""},
		{"loss_causes: []", calm, func(r *report.Result) { r.Writes.Lost = nil }, false, `{"name":"loss_causes","want":"none","got":null,"reason":{"why":"unread"},"ok":false,"shown":""}`},
		{"loss_causes: []", hit, func(r *report.Result) { r.Workloads[0].Writes = report.Writes{Lost: &lost} }, false, `{"name":"loss_causes","want":"none","got":null,"reason":{"why":"not_identified","workload":"orders"},"ok":false,"shown":""}`},
	} {
		r := test.result()
		if test.but != nil {
			test.but(r)
		}
		got := Judge(expecting(t, test.expect), r)[0]
		text, err := json.Marshal(got)
		if err != nil || got.OK != test.ok || test.json != "" && string(text) != test.json {
			t.Errorf("%s: %s, %v; want %v %s", test.expect, text, err, test.ok, test.json)
		}
	}
}

package failovers

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// What a workload needs beyond the new master's first write is the client library's,
// unless it waits for replicas, which the new master may not have.
func TestLibraryPart(t *testing.T) {
	facts := &observed.Facts{
		End: 30_000,
		Done: []*record.WorkloadDone{
			{Name: "plain", End: 30_000},
			{Name: "waits", End: 30_000, Wait: &record.Waits{Replicas: 1}},
			{Name: "on disk", End: 30_000, WaitAOF: &record.WaitsAOF{}},
		},
	}
	for _, d := range facts.Done {
		facts.Acks = append(facts.Acks, observed.Interval{Node: "new", Workload: d.Name, From: 9500, To: 30_000})
	}
	firstWrite := record.Millis(4000)
	got := recoveries(facts, observed.MasterChange{To: "new", Next: record.Millis(math.Inf(1))}, report.Failover{FirstWrite: &firstWrite, From: 5000})
	if len(got) != 3 {
		t.Fatalf("got %+v", got)
	}
	for _, r := range got {
		if r.Recovery == nil || *r.Recovery != 4500 {
			t.Errorf("%s: recovered after %v", r.Workload, r.Recovery)
		}
		if waits := r.Workload != "plain"; waits != (r.Library == nil) || !waits && *r.Library != 500 {
			t.Errorf("%s: the library took %v", r.Workload, r.Library)
		}
	}
}

// Of a shard whose master is replaced twice, each failover has its own errors.
func TestErrorsAreThoseOfTheFailover(t *testing.T) {
	asked := func(ms record.Millis, shard int) record.Event {
		return sample.At(ms, &record.Fault{Kind: "kill", Phase: record.FaultRequested, Shards: []int{shard}})
	}
	met := func(kind string, count int64, first, last record.Millis) record.ErrorCount {
		return record.ErrorCount{Kind: kind, Outcome: "failed", Count: count, First: first, Last: last, Example: fmt.Sprint(first)}
	}
	type errors = []record.ErrorCount
	facts := &observed.Facts{End: 40_000}
	// Another shard is hit during the first failover, and the first shard again after it.
	facts.Events = []record.Event{asked(4990, 0), asked(6000, 1), asked(19_990, 0)}
	first, second := observed.MasterChange{To: "b", Seen: 8000, Next: 23_000}, observed.MasterChange{To: "c", Seen: 23_000, Next: record.Millis(math.Inf(1))}
	for name, test := range map[string]struct {
		met           errors
		first, second errors
	}{
		"none":                                  {},
		"before":                                {met: errors{met("eof", 1, 1000, 1100)}},
		"one for each":                          {errors{met("refused", 5, 5100, 8200), met("refused", 3, 20_100, 23_100)}, errors{met("refused", 5, 5100, 8200)}, errors{met("refused", 3, 20_100, 23_100)}},
		"several of the first":                  {errors{met("refused", 5, 5100, 5200), met("refused", 2, 7000, 8200)}, errors{met("refused", 7, 5100, 8200)}, nil},
		"several kinds":                         {errors{met("eof", 1, 5010, 5010), met("refused", 5, 5100, 8200)}, errors{met("refused", 5, 5100, 8200), met("eof", 1, 5010, 5010)}, nil},
		"after the other fault":                 {errors{met("clusterdown", 2, 7500, 7900)}, errors{met("clusterdown", 2, 7500, 7900)}, nil},
		"begun before":                          {errors{met("timeout", 2, 4500, 5500)}, errors{met("timeout", 2, 4500, 5500)}, nil},
		"between the two":                       {errors{met("timeout", 2, 15_000, 16_000)}, errors{met("timeout", 2, 15_000, 16_000)}, nil},
		"as they take hold":                     {errors{met("timeout", 2, 5000, 5000), met("timeout", 1, 19_990, 20_000)}, errors{met("timeout", 2, 5000, 5000)}, errors{met("timeout", 1, 19_990, 20_000)}},
		"of the whole run, as in older records": {errors{met("refused", 8, 5100, 23_100)}, errors{met("refused", 8, 5100, 23_100)}, errors{met("refused", 8, 5100, 23_100)}},
	} {
		facts.Done = []*record.WorkloadDone{{Name: "w", End: 40_000, Shards: []record.ClientShard{
			{Shard: 0, Errors: test.met}, {Shard: 1, Errors: errors{met("timeout", 9, 5100, 23_100)}},
		}}}
		before := slices.Clone(test.met)
		for i, got := range []report.Recovery{recoveries(facts, first, report.Failover{From: 5000})[0], recoveries(facts, second, report.Failover{From: 20_000})[0]} {
			if want := []errors{test.first, test.second}[i]; !slices.Equal(got.Errors, want) {
				t.Errorf("%s, failover %d: %+v, want %+v", name, i, got.Errors, want)
			}
		}
		if !slices.Equal(before, test.met) {
			t.Errorf("%s: the record was changed", name)
		}
	}
}

// A fault that asks for the failover is its own, not the next one.
func TestErrorsOfAManualFailover(t *testing.T) {
	facts := &observed.Facts{End: 40_000, Events: []record.Event{sample.At(5000, &record.Fault{Kind: "failover", Phase: record.FaultRequested})}}
	facts.Done = []*record.WorkloadDone{{Name: "w", Shards: []record.ClientShard{{Errors: []record.ErrorCount{{Kind: "readonly", Count: 1, First: 5040, Last: 5040}}}}}}
	if got := recoveries(facts, observed.MasterChange{To: "b", Seen: 5030, Next: record.Millis(math.Inf(1))}, report.Failover{From: 5000}); len(got[0].Errors) != 1 {
		t.Errorf("%+v", got[0].Errors)
	}
}

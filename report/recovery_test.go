package report

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// What a workload needs beyond the new master's first write is the client library's,
// unless it waits for replicas, which the new master may not have.
func TestLibraryPart(t *testing.T) {
	h := &history{
		end: 30_000,
		done: []*record.WorkloadDone{
			{Name: "plain", EndMS: 30_000},
			{Name: "waits", EndMS: 30_000, Wait: &record.Waits{Replicas: 1}},
			{Name: "on disk", EndMS: 30_000, WaitAOF: &record.WaitsAOF{}},
		},
	}
	for _, d := range h.done {
		h.acks = append(h.acks, interval{node: "new", workload: d.Name, from: 9500, to: 30_000})
	}
	firstWrite := 4000.0
	got := h.recoveries(change{to: "new", next: math.Inf(1)}, Failover{FirstWriteMS: &firstWrite, FromMS: 5000})
	if len(got) != 3 {
		t.Fatalf("got %+v", got)
	}
	for _, r := range got {
		if r.RecoveryMS == nil || *r.RecoveryMS != 4500 {
			t.Errorf("%s: recovered after %v", r.Workload, r.RecoveryMS)
		}
		if waits := r.Workload != "plain"; waits != (r.LibraryMS == nil) || !waits && *r.LibraryMS != 500 {
			t.Errorf("%s: the library took %v", r.Workload, r.LibraryMS)
		}
	}
}

// What an application sees of a failover is what the slowest one sees; one that never
// came back is worse than any number.
func TestClientRecoveryIsTheSlowestWorkloads(t *testing.T) {
	acks := func(workload, node string, from, until float64) record.Event {
		return at(from, &record.Acks{Workload: workload, Shard: 0, Node: node, UntilMS: until, Count: 5})
	}
	done := func(name string, end float64) record.Event {
		return at(end, &record.WorkloadDone{Name: name, Kind: "set", EndMS: end, Attempted: 1, Acked: 1})
	}
	for name, test := range map[string]struct {
		more []record.Event
		want string // of the failover, from 1000 ms on; w takes 3500 ms
		why  string
	}{
		"alone":           {nil, "3500", ""},
		"a slower one":    {[]record.Event{acks("x", "a", 100, 900), acks("x", "a2", 7000, 8000), done("x", 8000)}, "6000", ""},
		"one never back":  {[]record.Event{acks("x", "a", 100, 900), done("x", 8000)}, "null", "not_reached x"},
		"one that ended":  {[]record.Event{acks("x", "a", 100, 900), done("x", 3000)}, "3500", ""},
		"one never there": {[]record.Event{done("x", 8000)}, "3500", ""},
	} {
		s := oneFault()
		s.Workloads = append(s.Workloads, scenarios.Workload{Name: "x"})
		f := Analyze(s, append(aFailover(), test.more...)).Failovers[0]
		if got := show(f.ClientRecoveryMS); got != test.want || why(f.Reasons["client_recovery_ms"]) != test.why {
			t.Errorf("%s: %s ms (%s), want %s (%s)", name, got, why(f.Reasons["client_recovery_ms"]), test.want, test.why)
		}
	}
}

// Of a run that was killed there are acks, and nothing of how its workloads ended.
func TestClientRecoveryOfAKilledRun(t *testing.T) {
	var events []record.Event
	for _, e := range aFailover() {
		if e.MS < 7000 {
			events = append(events, e)
		}
	}
	if f := Analyze(oneFault(), events).Failovers[0]; show(f.ClientRecoveryMS) != "3500" {
		t.Errorf("%s ms (%v), want 3500", show(f.ClientRecoveryMS), f.Reasons)
	}
}

// Of a shard whose master is replaced twice, each failover has its own errors.
func TestErrorsAreThoseOfTheFailover(t *testing.T) {
	asked := func(ms float64, shard int) record.Event {
		return at(ms, &record.Fault{Kind: "kill", Phase: record.FaultRequested, Shards: []int{shard}})
	}
	met := func(kind string, count int64, first, last float64) record.ErrorCount {
		return record.ErrorCount{Kind: kind, Outcome: "failed", Count: count, FirstMS: first, LastMS: last, Example: fmt.Sprint(first)}
	}
	type errors = []record.ErrorCount
	h := &history{end: 40_000}
	// Another shard is hit during the first failover, and the first shard again after it.
	h.events = []record.Event{asked(4990, 0), asked(6000, 1), asked(19_990, 0)}
	first, second := change{to: "b", seen: 8000, next: 23_000}, change{to: "c", seen: 23_000, next: math.Inf(1)}
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
		h.done = []*record.WorkloadDone{{Name: "w", EndMS: 40_000, Shards: []record.ClientShard{
			{Shard: 0, Errors: test.met}, {Shard: 1, Errors: errors{met("timeout", 9, 5100, 23_100)}},
		}}}
		before := slices.Clone(test.met)
		for i, got := range []Recovery{h.recoveries(first, Failover{FromMS: 5000})[0], h.recoveries(second, Failover{FromMS: 20_000})[0]} {
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
	h := &history{end: 40_000, events: []record.Event{at(5000, &record.Fault{Kind: "failover", Phase: record.FaultRequested})}}
	h.done = []*record.WorkloadDone{{Name: "w", Shards: []record.ClientShard{{Errors: []record.ErrorCount{{Kind: "readonly", Count: 1, FirstMS: 5040, LastMS: 5040}}}}}}
	if got := h.recoveries(change{to: "b", seen: 5030, next: math.Inf(1)}, Failover{FromMS: 5000}); len(got[0].Errors) != 1 {
		t.Errorf("%+v", got[0].Errors)
	}
}

package report

import (
	"math"
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
	got := h.recoveries(change{to: "new", next: math.Inf(1)}, Failover{FirstWriteMS: &firstWrite, effective: 5000})
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
		"one never back":  {[]record.Event{acks("x", "a", 100, 900), done("x", 8000)}, "null", "workload x had no write on the shard acked by a2"},
		"one that ended":  {[]record.Event{acks("x", "a", 100, 900), done("x", 3000)}, "3500", ""},
		"one never there": {[]record.Event{done("x", 8000)}, "3500", ""},
	} {
		s := oneFault()
		s.Workloads = append(s.Workloads, scenarios.Workload{Name: "x"})
		f := Analyze(s, append(aFailover(), test.more...)).Failovers[0]
		if got := show(f.ClientRecoveryMS); got != test.want || f.Unmeasured["client_recovery_ms"] != test.why {
			t.Errorf("%s: %s ms (%s), want %s (%s)", name, got, f.Unmeasured["client_recovery_ms"], test.want, test.why)
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
		t.Errorf("%s ms (%v), want 3500", show(f.ClientRecoveryMS), f.Unmeasured)
	}
}

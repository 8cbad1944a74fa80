package analysis

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// What an application sees of a failover is what the slowest one sees; one that never
// came back is worse than any number.
func TestClientRecoveryIsTheSlowestWorkloads(t *testing.T) {
	acks := func(workload, node string, from, until record.Millis) record.Event {
		return sample.At(from, &record.Acks{Workload: workload, Shard: 0, Node: node, Until: until, Count: 5})
	}
	done := func(name string, end record.Millis) record.Event {
		return sample.At(end, &record.WorkloadDone{Name: name, Kind: "set", End: end, Attempted: 1, Acked: 1})
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
		s := sample.OneFault()
		s.Workloads = append(s.Workloads, scenarios.Workload{Name: "x"})
		f := Analyze(s, append(sample.AFailover(), test.more...)).Failovers[0]
		if got := sample.Show(f.ClientRecovery); got != test.want || sample.Why(f.Reasons["client_recovery_ms"]) != test.why {
			t.Errorf("%s: %s ms (%s), want %s (%s)", name, got, sample.Why(f.Reasons["client_recovery_ms"]), test.want, test.why)
		}
	}
}

// Of a run that was killed there are acks, and nothing of how its workloads ended.
func TestClientRecoveryOfAKilledRun(t *testing.T) {
	var events []record.Event
	for _, e := range sample.AFailover() {
		if e.At < 7000 {
			events = append(events, e)
		}
	}
	if f := Analyze(sample.OneFault(), events).Failovers[0]; sample.Show(f.ClientRecovery) != "3500" {
		t.Errorf("%s ms (%v), want 3500", sample.Show(f.ClientRecovery), f.Reasons)
	}
}

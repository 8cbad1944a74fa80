package observed

import (
	"fmt"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// How long a fault was in force, and for whom, is what the runtime says of its targets.
func TestForceOfFaults(t *testing.T) {
	off := func(network string) record.Event {
		return sample.At(1000, &record.NodeEvent{Node: "a", Action: "disconnect", Network: network})
	}
	split := func(clientsOnly ...string) (events []record.Event) {
		for phase, ms := range map[record.FaultPhase]record.Millis{record.FaultRequested: 990, record.FaultEffective: 1000, record.FaultHealed: 5000} {
			events = append(events, sample.At(ms, &record.Fault{Kind: "split", Phase: phase, Targets: []string{"a", "b"}, ClientsOnly: clientsOnly,
				Past: "cut off from other groups", Effects: []record.Effect{record.Disturbs}}))
		}
		return events
	}
	for name, test := range map[string]struct {
		kind   string
		events []record.Event
		want   string // from, to, hidden from peers
	}{
		"healed":                    {"kill", sample.HitBy(0, "kill", "", 990, 1000, 5000), "1000-5000 true"},
		"healed, by nobody's word":  {"pause", sample.HitBy(0, "pause", "", 990, 1000, 0, 5000), "1000-5000 true"},
		"not healed":                {"kill", sample.HitBy(0, "kill", "", 990, 1000), "1000-9001 true"},
		"a pause ends with a death": {"pause", append(sample.HitBy(0, "pause", "", 990, 1000, 5000), sample.At(3000, &record.NodeEvent{Node: "a", Action: "die"})), "1000-3000 true"},
		"a block ends with a death": {"block", append(sample.HitBy(0, "block", "", 990, 1000, 5000), sample.At(3000, &record.NodeEvent{Node: "a", Action: "die"})), "1000-3000 true"},
		"a starve does not":         {"starve", append(sample.HitBy(0, "starve", "", 990, 1000, 5000), sample.At(3000, &record.NodeEvent{Node: "a", Action: "die"}), sample.At(3500, &record.NodeEvent{Node: "a", Action: "start"})), "1000-5000 true"},
		"another heals it":          {"kill", append(sample.HitBy(0, "kill", "", 990, 1000, 5000), sample.At(3000, &record.NodeEvent{Node: "a", Action: "start"})), "1000-3000 true"},
		"never seen to take hold":   {"kill", sample.HitBy(0, "kill", "", 990, 0, 0, 1005), "990-9001 true"},
		"off its clients' network":  {"disconnect", append(sample.HitBy(0, "disconnect", "", 990, 1000, 5000), off("client")), "1000-5000 false"},
		"off the other one later":   {"disconnect", append(sample.HitBy(0, "disconnect", "", 990, 1000, 5000), off("client"), sample.At(1600, &record.NodeEvent{Node: "a", Action: "disconnect", Network: "cluster"})), "1000-5000 false"},
		"split from its peers":      {"split", split("b"), "1000-5000 true"},
		"split from clients alone":  {"split", split("a"), "1000-5000 false"},
		"off both":                  {"disconnect", append(sample.HitBy(0, "disconnect", "", 990, 1000, 5000), off("client"), off("cluster")), "1000-5000 true"},
	} {
		facts := Arrange(append(test.events, sample.Started(), sample.At(9001, &record.RunEnded{})))
		f := faultsOf(facts, sample.ScenarioOf(test.kind).Faults)[0]
		from, to, _ := f.InForce(facts.End)
		if got := fmt.Sprintf("%.0f-%.0f %v", from, to, f.HidesFromPeers("a")); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// A node that has some CPU time left is away while it gives no answer for as long as it takes
// to be suspected, and not else.
func TestAStarvedNodeIsAwayWhileItIsSilent(t *testing.T) {
	for name, test := range map[string]struct {
		events []record.Event
		want   string // at 3000 ms
	}{
		"it answers":              {sample.Starved(sample.Ack(5, 9000, "a", 0)), "false"},
		"it answers now and then": {sample.Starved(sample.Ack(5, 1500, "a", 0), sample.Ack(2400, 2410, "a", 0), sample.Ack(3300, 9000, "a", 0)), "false"},
		"it is silent":            {sample.Starved(sample.Ack(5, 2500, "a", 0), sample.Ack(3600, 9000, "a", 0)), "true"},
		"it never answers again":  {sample.Starved(sample.Ack(5, 2500, "a", 0)), "true"},
	} {
		facts := Arrange(test.events)
		facts.Faults = faultsOf(facts, sample.ScenarioOf("starve").Faults)
		if _, away := facts.FaultOn("a", 3000); fmt.Sprint(away) != test.want {
			t.Errorf("%s: away %v, want %s", name, away, test.want)
		}
	}
}

// A node that is cut off itself flags all others, and is no witness.
func TestANodeThatIsCutOffIsNoWitness(t *testing.T) {
	flag := func(ms record.Millis, observer string) record.Event {
		return sample.At(ms, &record.NodeFlag{Observer: observer, Subject: "a", Flag: "pfail"})
	}
	cut := func(from, until record.Millis) (events []record.Event) {
		for phase, ms := range map[record.FaultPhase]record.Millis{record.FaultRequested: from, record.FaultEffective: from, record.FaultHealed: until} {
			events = append(events, sample.At(ms, &record.Fault{Index: 1, Kind: "disconnect", Phase: phase, Targets: []string{"b"}, Shards: []int{1}}))
		}
		return events
	}
	facts := Arrange(slices.Concat([]record.Event{sample.Started(), flag(2000, "b"), flag(3000, "c"), sample.At(9001, &record.RunEnded{})}, cut(500, 1990)))
	facts.Faults = faultsOf(facts, sample.ScenarioOf("kill", "disconnect").Faults)
	if got, _ := facts.Suspected("a", 1000); got != 3000 {
		t.Errorf("suspected at %v ms, want 3000: b was cut off until 1990", got)
	}
}

// A master that holds writes back for a replica that was told to take over is not one
// that did not respond without any fault.
func TestAMasterThatHoldsWritesBack(t *testing.T) {
	asked := sample.At(2000, &record.Fault{Kind: "failover", Phase: record.FaultRequested, Targets: []string{"a2"}, Shards: []int{0}})
	for name, test := range map[string]struct {
		events []record.Event
		node   string
		want   bool
	}{
		"asked":           {[]record.Event{sample.Started(), asked}, "a", true},
		"nobody asked":    {[]record.Event{sample.Started()}, "a", false},
		"another's shard": {[]record.Event{sample.Started(), asked}, "b", false},
	} {
		if got := Arrange(test.events).hitDuring(test.node, 2000, 6000); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

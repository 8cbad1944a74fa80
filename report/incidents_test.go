package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// happens makes what a runtime says of a node.
func happens(ms float64, node, action string) record.Event {
	network := ""
	if action == "disconnect" || action == "connect" {
		network = "cluster"
	}
	exit := ""
	if action == "die" {
		exit = "137"
	}
	return at(ms, &record.NodeEvent{Node: node, Action: record.NodeAction(action), Network: network, Exit: exit})
}

// What a fault did is no incident; whatever else happens to a node is one, told once.
func TestIncidents(t *testing.T) {
	fault := func(kind string) []record.Event { // on a, from 1000 to 5000 ms
		var events []record.Event
		for phase, ms := range map[record.FaultPhase]float64{record.FaultRequested: 1000, record.FaultEffective: 1020, record.FaultHealRequested: 5000, record.FaultHealed: 5100} {
			if kind == "kill, healed late" && phase == record.FaultHealed {
				ms = 5900
			}
			if kind != "slow" || phase != record.FaultEffective { // which the runtime has not told in time
				events = append(events, at(ms, &record.Fault{Kind: kind, Phase: phase, Targets: []string{"a"}, Shards: []int{0}}))
			}
		}
		return events
	}
	for name, test := range map[string]struct {
		kind   string // of the scenario's fault
		events []record.Event
		want   []string
	}{
		"killed":                       {"kill", []record.Event{happens(1010, "a", "die"), happens(1015, "a", "disconnect"), happens(5050, "a", "start")}, nil},
		"stopped, and slow to end":     {"stop", []record.Event{happens(4000, "a", "die"), happens(5050, "a", "start")}, nil},
		"killed later than healed":     {"slow", []record.Event{happens(5300, "a", "die"), happens(5400, "a", "start")}, nil},
		"paused":                       {"pause", []record.Event{happens(1010, "a", "pause"), happens(5050, "a", "unpause")}, nil},
		"disconnected":                 {"disconnect", []record.Event{happens(1010, "a", "disconnect"), happens(5050, "a", "connect")}, nil},
		"healthy":                      {"kill", []record.Event{happens(1010, "b", "health_status: unhealthy"), happens(1010, "b", "kill"), happens(2000, "b", "start")}, nil},
		"off its networks late":        {"kill, healed late", []record.Event{happens(1010, "a", "die"), happens(5500, "a", "disconnect"), happens(5900, "a", "start")}, nil},
		"died while blocked":           {"block", []record.Event{happens(2000, "a", "die")}, []string{"a died (exit status 137) at 2.00 s, and no fault of the scenario had done that."}},
		"died while starved":           {"starve", []record.Event{happens(2000, "a", "die")}, []string{"a died (exit status 137) at 2.00 s, and no fault of the scenario had done that."}},
		"another died":                 {"kill", []record.Event{happens(1010, "b", "die")}, []string{"b died (exit status 137) at 1.01 s, and no fault of the scenario had done that."}},
		"and was started":              {"kill", []record.Event{happens(1010, "b", "die"), happens(3000, "b", "start")}, []string{"b died (exit status 137) at 1.01 s, and no fault of the scenario had done that; it was started again at 3.00 s."}},
		"and died again":               {"kill", []record.Event{happens(1010, "b", "die"), happens(3000, "b", "start"), happens(4000, "b", "die")}, []string{"b died (exit status 137) at 1.01 s, and no fault of the scenario had done that; it was started again at 3.00 s.", "b died (exit status 137) at 4.00 s, and no fault of the scenario had done that."}},
		"of too little memory":         {"kill", []record.Event{happens(1000, "b", "oom"), happens(1010, "b", "die")}, []string{"b was killed because memory ran out at 1.01 s, and no fault of the scenario had done that."}},
		"removed":                      {"kill", []record.Event{happens(1010, "b", "die"), happens(1015, "b", "disconnect"), happens(1020, "b", "destroy")}, []string{"b was removed at 1.01 s, and no fault of the scenario had done that."}},
		"off its network first":        {"kill", []record.Event{happens(1005, "b", "disconnect"), happens(1010, "b", "die")}, []string{"b died (exit status 137) at 1.01 s, and no fault of the scenario had done that."}},
		"disconnected by another":      {"kill", []record.Event{happens(1010, "b", "disconnect"), happens(3000, "b", "connect")}, []string{"b was taken off the cluster network at 1.01 s, and no fault of the scenario had done that; that was undone at 3.00 s."}},
		"died while paused":            {"pause", []record.Event{happens(1010, "a", "pause"), happens(2000, "a", "die")}, []string{"a died (exit status 137) at 2.00 s, and no fault of the scenario had done that."}},
		"died long before it was hit":  {"kill", []record.Event{happens(500, "a", "die")}, []string{"a died (exit status 137) at 500 ms, and no fault of the scenario had done that."}},
		"died when it was back":        {"kill", []record.Event{happens(1010, "a", "die"), happens(5050, "a", "start"), happens(6000, "a", "die")}, []string{"a died (exit status 137) at 6.00 s, and no fault of the scenario had done that."}},
		"told to take over, and died":  {"failover", []record.Event{happens(1010, "a", "die")}, []string{"a died (exit status 137) at 1.01 s, and no fault of the scenario had done that."}},
		"removed while it was stopped": {"stop", []record.Event{happens(1010, "a", "die"), happens(2000, "a", "destroy")}, []string{"a was removed at 2.00 s, and no fault of the scenario had done that."}},
	} {
		events := slices.Concat([]record.Event{started()}, fault(test.kind), test.events, []record.Event{at(9000, &record.RunEnded{})})
		r := Analyze(&scenarios.Scenario{Faults: []scenarios.Fault{{Kind: test.kind}}}, events)
		if got := incidentSentences(r); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, test.want)
		}
		if held := len(r.Expectations) == 0; held != (test.want == nil) || held != (r.Verdict == Pass) {
			t.Errorf("%s: %s, %+v", name, r.Verdict, r.Expectations)
		}
	}
}

// A failover that comes of an incident is measured from there, told with it, and is not what
// the scenario did, unless that expects incidents.
func TestFailoversOfIncidents(t *testing.T) {
	var events []record.Event
	for _, e := range aFailover() {
		if _, fault := e.Data.(*record.Fault); !fault {
			events = append(events, e)
		}
	}
	events = append(events, happens(1000, "a", "die"), happens(6000, "a", "start"))
	s := &scenarios.Scenario{Name: "s", Workloads: []scenarios.Workload{{Name: "w"}}}
	for _, test := range []struct{ bounds, want string }{
		{"failovers: 1", "failovers 0 (1 more came of incidents) false; incidents 1: a died (exit status 137) at 1.00 s false"},
		{"failovers: 0", "failovers 0 (1 more came of incidents) true; incidents 1: a died (exit status 137) at 1.00 s false"},
		{"failover_time: 9s", "failover_time not measured: no failover happened that a fault had caused false; incidents 1: a died (exit status 137) at 1.00 s false"},
		{"incidents: 1, failovers: 1, failover_time: 9s", "incidents 1 true; failovers 1 true; failover_time 3.00 s true"},
	} {
		s.Expect = nil
		for bound := range strings.SplitSeq(test.bounds, ", ") {
			name, bound, _ := strings.Cut(bound, ": ")
			e, err := scenarios.ParseExpectation(name, bound)
			if err != nil {
				t.Fatal(err)
			}
			s.Expect = append(s.Expect, e)
		}
		r := Analyze(s, events)
		var got []string
		for _, e := range r.Expectations {
			got = append(got, fmt.Sprint(e.Name, " ", e.Shown, " ", e.OK))
		}
		if strings.Join(got, "; ") != test.want {
			t.Errorf("%s: %q, want %q", test.bounds, strings.Join(got, "; "), test.want)
		}
		f := r.Failovers[0]
		if f.Origin != OriginIncident || f.Incident == nil || *f.Incident != 0 || f.Fault != nil || show(f.FirstWriteMS) != "3004" || len(f.Phases) == 0 {
			t.Errorf("%+v", f)
		}
		story := Story(r)
		if story[0] != "a died (exit status 137) at 1.00 s, and no fault of the scenario had done that; it was started again at 6.00 s." ||
			!strings.Contains(strings.Join(story, " "), "it accepted its first write 3.00 s after a died (exit status 137), which no fault of the scenario had done") {
			t.Errorf("%q", story)
		}
	}
}

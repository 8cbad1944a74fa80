package analysis

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// happens makes what a runtime says of a node.
func happens(ms record.Millis, node, action string) record.Event {
	network := ""
	if action == "disconnect" || action == "connect" {
		network = "cluster"
	}
	exit := ""
	if action == "die" {
		exit = "137"
	}
	return sample.At(ms, &record.NodeEvent{Node: node, Action: record.NodeAction(action), Network: network, Exit: exit})
}

// What a fault did is no incident; whatever else happens to a node is one, told once.
func TestIncidents(t *testing.T) {
	fault := func(kind string) []record.Event { // on a, from 1000 to 5000 ms
		var events []record.Event
		for phase, ms := range map[record.FaultPhase]record.Millis{record.FaultRequested: 1000, record.FaultEffective: 1020, record.FaultHealRequested: 5000, record.FaultHealed: 5100} {
			if kind == "kill, healed late" && phase == record.FaultHealed {
				ms = 5900
			}
			if kind != "slow" || phase != record.FaultEffective { // which the runtime has not told in time
				events = append(events, sample.At(ms, &record.Fault{Kind: kind, Phase: phase, Targets: []string{"a"}, Shards: []int{0}}))
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
		"died while blocked":           {"block", []record.Event{happens(2000, "a", "die")}, []string{"a died 2000"}},
		"died while starved":           {"starve", []record.Event{happens(2000, "a", "die")}, []string{"a died 2000"}},
		"another died":                 {"kill", []record.Event{happens(1010, "b", "die")}, []string{"b died 1010"}},
		"and was started":              {"kill", []record.Event{happens(1010, "b", "die"), happens(3000, "b", "start")}, []string{"b died 1010-3000"}},
		"and died again":               {"kill", []record.Event{happens(1010, "b", "die"), happens(3000, "b", "start"), happens(4000, "b", "die")}, []string{"b died 1010-3000", "b died 4000"}},
		"of too little memory":         {"kill", []record.Event{happens(1000, "b", "oom"), happens(1010, "b", "die")}, []string{"b died of memory 1010"}},
		"removed":                      {"kill", []record.Event{happens(1010, "b", "die"), happens(1015, "b", "disconnect"), happens(1020, "b", "destroy")}, []string{"b removed 1010"}},
		"off its network first":        {"kill", []record.Event{happens(1005, "b", "disconnect"), happens(1010, "b", "die")}, []string{"b died 1010"}},
		"disconnected by another":      {"kill", []record.Event{happens(1010, "b", "disconnect"), happens(3000, "b", "connect")}, []string{"b disconnected cluster 1010-3000"}},
		"died while paused":            {"pause", []record.Event{happens(1010, "a", "pause"), happens(2000, "a", "die")}, []string{"a died 2000"}},
		"died long before it was hit":  {"kill", []record.Event{happens(500, "a", "die")}, []string{"a died 500"}},
		"died when it was back":        {"kill", []record.Event{happens(1010, "a", "die"), happens(5050, "a", "start"), happens(6000, "a", "die")}, []string{"a died 6000"}},
		"told to take over, and died":  {"failover", []record.Event{happens(1010, "a", "die")}, []string{"a died 1010"}},
		"removed while it was stopped": {"stop", []record.Event{happens(1010, "a", "die"), happens(2000, "a", "destroy")}, []string{"a removed 2000"}},
	} {
		events := slices.Concat([]record.Event{sample.Started()}, fault(test.kind), test.events, []record.Event{sample.At(9000, &record.RunEnded{})})
		r := Analyze(&scenarios.Scenario{Faults: []scenarios.Fault{{Kind: test.kind}}}, events)
		if got := incidentsOfRun(r); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, test.want)
		}
		if held := len(r.Expectations) == 0; held != (test.want == nil) || held != (r.Verdict == report.Pass) {
			t.Errorf("%s: %s, %+v", name, r.Verdict, r.Expectations)
		}
	}
}

// incidentsOfRun is the incidents as the tests write them: "b died 1010-3000".
func incidentsOfRun(r *report.Result) (all []string) {
	for _, i := range r.Incidents {
		text := strings.TrimSpace(fmt.Sprintf("%s %s %s", i.Node, i.Action, i.Network))
		if i.OutOfMemory {
			text += " of memory"
		}
		text += fmt.Sprintf(" %.0f", i.At)
		if i.Until != nil {
			text += fmt.Sprintf("-%.0f", *i.Until)
		}
		all = append(all, text)
	}
	return all
}

// A failover that comes of an incident is measured from there, told with it, and is not what
// the scenario did, unless that expects incidents.
func TestFailoversOfIncidents(t *testing.T) {
	var events []record.Event
	for _, e := range sample.AFailover() {
		if _, fault := e.Data.(*record.Fault); !fault {
			events = append(events, e)
		}
	}
	events = append(events, happens(1000, "a", "die"), happens(6000, "a", "start"))
	s := &scenarios.Scenario{Name: "s", Workloads: []scenarios.Workload{{Name: "w"}}}
	for _, test := range []struct{ bounds, want string }{
		{"failovers: 1", "failovers 0 false; incidents 1 false"},
		{"failovers: 0", "failovers 0 true; incidents 1 false"},
		{"failover_time: 9s", "failover_time no_failover_of_a_fault false; incidents 1 false"},
		{"incidents: 1, failovers: 1, failover_time: 9s", "incidents 1 true; failovers 1 true; failover_time 3004 true"},
	} {
		s.Expect = nil
		for bound := range strings.SplitSeq(test.bounds, ", ") {
			name, bound, _ := strings.Cut(bound, ": ")
			e, err := expect.Parse(name, bound)
			if err != nil {
				t.Fatal(err)
			}
			s.Expect = append(s.Expect, e)
		}
		r := Analyze(s, events)
		var got []string
		for _, e := range r.Expectations {
			got = append(got, fmt.Sprint(e.Name, " ", sample.Found(e), " ", e.OK))
		}
		if strings.Join(got, "; ") != test.want {
			t.Errorf("%s: %q, want %q", test.bounds, strings.Join(got, "; "), test.want)
		}
		f := r.Failovers[0]
		if f.Origin != report.OriginIncident || f.Incident == nil || *f.Incident != 0 || f.Fault != nil || sample.Show(f.FirstWrite) != "3004" || len(f.Phases) == 0 {
			t.Errorf("%+v", f)
		}
	}
}

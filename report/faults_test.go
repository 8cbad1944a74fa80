package report

import (
	"fmt"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// hitBy is the steps of a fault of a, in order: requested, effective, healed; a time of 0 is
// left out.
func hitBy(index int, kind, detail string, times ...float64) (events []record.Event) {
	phases := []record.FaultPhase{record.FaultRequested, record.FaultEffective, record.FaultHealed, record.FaultHealRequested}
	for i, ms := range times {
		if ms > 0 {
			events = append(events, at(ms, &record.Fault{Index: index, Kind: kind, Detail: detail, Phase: phases[i], Targets: []string{"a"}, Shards: []int{0}}))
		}
	}
	return events
}

func scenarioOf(kinds ...string) *scenarios.Scenario {
	s := oneFault()
	s.Faults = nil
	for _, kind := range kinds {
		s.Faults = append(s.Faults, scenarios.Fault{Kind: kind})
	}
	return s
}

// How long a fault was in force, and for whom, is what the runtime says of its targets.
func TestForceOfFaults(t *testing.T) {
	off := func(network string) record.Event {
		return at(1000, &record.NodeEvent{Node: "a", Action: "disconnect", Network: network})
	}
	for name, test := range map[string]struct {
		kind   string
		events []record.Event
		want   string // from, to, hidden from peers
	}{
		"healed":                    {"kill", hitBy(0, "kill", "", 990, 1000, 5000), "1000-5000 true"},
		"healed, by nobody's word":  {"pause", hitBy(0, "pause", "", 990, 1000, 0, 5000), "1000-5000 true"},
		"not healed":                {"kill", hitBy(0, "kill", "", 990, 1000), "1000-9001 true"},
		"a pause ends with a death": {"pause", append(hitBy(0, "pause", "", 990, 1000, 5000), at(3000, &record.NodeEvent{Node: "a", Action: "die"})), "1000-3000 true"},
		"a block ends with a death": {"block", append(hitBy(0, "block", "", 990, 1000, 5000), at(3000, &record.NodeEvent{Node: "a", Action: "die"})), "1000-3000 true"},
		"a starve does not":         {"starve", append(hitBy(0, "starve", "", 990, 1000, 5000), at(3000, &record.NodeEvent{Node: "a", Action: "die"}), at(3500, &record.NodeEvent{Node: "a", Action: "start"})), "1000-5000 true"},
		"another heals it":          {"kill", append(hitBy(0, "kill", "", 990, 1000, 5000), at(3000, &record.NodeEvent{Node: "a", Action: "start"})), "1000-3000 true"},
		"never seen to take hold":   {"kill", hitBy(0, "kill", "", 990, 0, 0, 1005), "990-9001 true"},
		"off its clients' network":  {"disconnect", append(hitBy(0, "disconnect", "", 990, 1000, 5000), off("client")), "1000-5000 false"},
		"off the other one later":   {"disconnect", append(hitBy(0, "disconnect", "", 990, 1000, 5000), off("client"), at(1600, &record.NodeEvent{Node: "a", Action: "disconnect", Network: "cluster"})), "1000-5000 false"},
		"off both":                  {"disconnect", append(hitBy(0, "disconnect", "", 990, 1000, 5000), off("client"), off("cluster")), "1000-5000 true"},
	} {
		h := arrange(append(test.events, started(), at(9001, &record.RunEnded{})))
		f := faultsOf(h, scenarioOf(test.kind).Faults)[0]
		from, to, _ := f.InForce(h.end)
		if got := fmt.Sprintf("%.0f-%.0f %v", from, to, f.hidesFromPeers("a")); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// Of several faults on the old master, a failover comes of the one that kept it from its peers
// without a break; and if the new master's log says that it was asked to take over, of that.
func TestWhichFaultAFailoverComesOf(t *testing.T) {
	takeover := func(more ...record.Event) []record.Event {
		return append(more, at(3600, &record.Fault{Index: 1, Kind: "failover", Detail: "CLUSTER FAILOVER TAKEOVER", Phase: record.FaultRequested, Targets: []string{"a2"}, Shards: []int{0}}),
			at(3601, &record.Fault{Index: 1, Kind: "failover", Detail: "CLUSTER FAILOVER TAKEOVER", Phase: record.FaultEffective, Targets: []string{"a2"}, Shards: []int{0}}))
	}
	asked := at(3600, &record.Log{Node: "a2", Kind: record.LogManualFailover, Reason: "Taking over the master", Text: "Taking over the master (user request)."})
	for name, test := range map[string]struct {
		kinds  []string
		events []record.Event
		want   string
	}{
		"one":                         {[]string{"kill"}, hitBy(0, "kill", "", 990, 1000, 8000), "fault 0"},
		"overlapping":                 {[]string{"disconnect", "pause"}, slices.Concat(hitBy(0, "disconnect", "", 990, 1000, 3000), hitBy(1, "pause", "", 2000, 2000, 8000)), "fault 0"},
		"one after the other":         {[]string{"pause", "kill"}, slices.Concat(hitBy(0, "pause", "", 990, 1000, 1500), hitBy(1, "kill", "", 2000, 2000, 8000)), "fault 1"},
		"one only from its clients":   {[]string{"kill", "disconnect"}, slices.Concat(hitBy(0, "kill", "", 990, 1000, 8000), hitBy(1, "disconnect", "", 2000, 2000, 8000), []record.Event{at(2000, &record.NodeEvent{Node: "a", Action: "disconnect", Network: "client"})}), "fault 0"},
		"asked for, after a fault":    {[]string{"kill", "failover"}, takeover(append(hitBy(0, "kill", "", 3500, 3603, 8000), asked)...), "manual 1"},
		"asked for, to no avail":      {[]string{"kill", "failover"}, takeover(append(hitBy(0, "kill", "", 990, 1000, 8000), asked, at(3700, &record.Log{Node: "a2", Kind: record.LogManualFailover, Reason: "Manual failover timed out", Text: "Manual failover timed out."}))...), "fault 0"},
		"asked for by somebody else":  {nil, []record.Event{asked}, "manual -1"},
		"for no reason that is known": {nil, nil, "none -1"},
	} {
		events := slices.DeleteFunc(aFailover(), func(e record.Event) bool { _, isFault := e.Data.(*record.Fault); return isFault })
		f := Analyze(scenarioOf(test.kinds...), append(events, test.events...)).Failovers[0]
		index := -1
		if f.Fault != nil {
			index = *f.Fault
		}
		if got := fmt.Sprint(f.Origin, " ", index); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// A master that is back may still be replaced for a while, the longer of 1.5 s and twice
// cluster-node-timeout: a2 is elected at 4000 ms.
func TestHowLongAfterAHiccupItsFailoverMayCome(t *testing.T) {
	for _, test := range []struct {
		timeout string
		healed  float64
		want    string
	}{
		{"500", 3990, "fault"},
		{"500", 2550, "fault"}, // the replica has waited for 1 s, which is all that it may
		{"500", 2450, "none"},
		{"1000", 2050, "fault"},
		{"1000", 1950, "none"},
	} {
		events := slices.DeleteFunc(withTimeout(test.timeout, "redis", "7.0.15"), func(e record.Event) bool { _, isFault := e.Data.(*record.Fault); return isFault })
		r := Analyze(scenarioOf("pause"), append(events, hitBy(0, "pause", "", 990, 1000, test.healed)...))
		if got := string(r.Failovers[0].Origin); got != test.want {
			t.Errorf("cluster-node-timeout %s, healed at %.0f ms: %s, want %s", test.timeout, test.healed, got, test.want)
		}
	}
}

// starved is a record in which a is starved from 1000 to 6000 ms.
func starved(more ...record.Event) []record.Event {
	return append(append(more, hitBy(0, "starve", "limited to 1%", 990, 1000, 6000)...), withTimeout("2000", "redis", "7.0.15")[0], at(9001, &record.RunEnded{}))
}

// A node that has some CPU time left is away while it gives no answer for as long as it takes
// to be suspected, and not else.
func TestAStarvedNodeIsAwayWhileItIsSilent(t *testing.T) {
	for name, test := range map[string]struct {
		events []record.Event
		want   string // at 3000 ms
	}{
		"it answers":              {starved(ack(5, 9000, "a", 0)), "false"},
		"it answers now and then": {starved(ack(5, 1500, "a", 0), ack(2400, 2410, "a", 0), ack(3300, 9000, "a", 0)), "false"},
		"it is silent":            {starved(ack(5, 2500, "a", 0), ack(3600, 9000, "a", 0)), "true"},
		"it never answers again":  {starved(ack(5, 2500, "a", 0)), "true"},
	} {
		h := arrange(test.events)
		h.faults = faultsOf(h, scenarioOf("starve").Faults)
		if _, away := h.faultOn("a", 3000); fmt.Sprint(away) != test.want {
			t.Errorf("%s: away %v, want %s", name, away, test.want)
		}
	}
}

// Its shard takes few writes, and nobody suspects it.
func TestAStarvedNodeIsNotSuspected(t *testing.T) {
	r := Analyze(scenarioOf("starve"), starved(ack(5, 1000, "a", 0), ack(2400, 2410, "a", 0), ack(4300, 4310, "a", 0), ack(6000, 9000, "a", 0), ack(5, 9000, "b", 1)))
	if len(r.Missed) != 1 || r.Missed[0].Cause != MissedReachedByPeers {
		t.Errorf("%+v", r.Missed)
	}
	if len(r.Outages) != 3 || r.Outages[0].Cause != OutageMasterDown || r.Outages[0].first("fault").Past != "starved of CPU" {
		t.Errorf("%+v", r.Outages)
	}
}

// A master that several faults keep away in a row is missed once.
func TestOneAbsenceIsToldOnce(t *testing.T) {
	events := away(hitBy(1, "pause", "", 3000, 3000, 7000)...)
	r := Analyze(scenarioOf("kill", "pause"), events)
	if len(r.Missed) != 1 || r.Missed[0].Fault != 0 {
		t.Errorf("%+v", r.Missed)
	}
	if e := r.Missed[0].Findings[0].first("fault"); e.ForMS == nil || *e.ForMS != 6000 {
		t.Errorf("away for %v ms, want 6000", show(e.ForMS))
	}
}

// A fault of a master counts, though another one had hit the node before it was one.
func TestAnAbsenceBeginsWithTheMaster(t *testing.T) {
	events := []record.Event{withTimeout("2000", "redis", "7.0.15")[0], owner(10, "b", "a", 1), owner(1000, "b", "a2", 9),
		ack(5, 1000, "a", 0), ack(1000, 1200, "a2", 0), ack(6010, 9000, "a2", 0), at(9001, &record.RunEnded{})}
	for _, e := range slices.Concat(hitBy(0, "disconnect", "", 490, 500, 1500), hitBy(1, "kill", "", 1190, 1200, 6000)) {
		e.Data.(*record.Fault).Targets = []string{"a2"}
		events = append(events, e)
	}
	r := Analyze(scenarioOf("disconnect", "kill"), events)
	if len(r.Missed) != 1 || r.Missed[0].Fault != 1 || r.Missed[0].Master != "a2" {
		t.Errorf("%+v", r.Missed)
	}
}

// A node that is cut off itself flags all others, and is no witness.
func TestANodeThatIsCutOffIsNoWitness(t *testing.T) {
	flag := func(ms float64, observer string) record.Event {
		return at(ms, &record.NodeFlag{Observer: observer, Subject: "a", Flag: "pfail"})
	}
	cut := func(from, until float64) (events []record.Event) {
		for phase, ms := range map[record.FaultPhase]float64{record.FaultRequested: from, record.FaultEffective: from, record.FaultHealed: until} {
			events = append(events, at(ms, &record.Fault{Index: 1, Kind: "disconnect", Phase: phase, Targets: []string{"b"}, Shards: []int{1}}))
		}
		return events
	}
	h := arrange(slices.Concat([]record.Event{started(), flag(2000, "b"), flag(3000, "c"), at(9001, &record.RunEnded{})}, cut(500, 1990)))
	h.faults = faultsOf(h, scenarioOf("kill", "disconnect").Faults)
	if got, _ := h.suspected("a", 1000); got != 3000 {
		t.Errorf("suspected at %v ms, want 3000: b was cut off until 1990", got)
	}
}

package analysis

import (
	"fmt"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// Of several faults on the old master, a failover comes of the one that kept it from its peers
// without a break; and if the new master's log says that it was asked to take over, of that.
func TestWhichFaultAFailoverComesOf(t *testing.T) {
	takeover := func(more ...record.Event) []record.Event {
		return append(more, sample.At(3600, &record.Fault{Index: 1, Kind: "failover", Detail: "CLUSTER FAILOVER TAKEOVER", Phase: record.FaultRequested, Targets: []string{"a2"}, Shards: []int{0}}),
			sample.At(3601, &record.Fault{Index: 1, Kind: "failover", Detail: "CLUSTER FAILOVER TAKEOVER", Phase: record.FaultEffective, Targets: []string{"a2"}, Shards: []int{0}}))
	}
	asked := sample.At(3600, &record.Log{Node: "a2", Kind: record.LogManualFailover, Reason: "Taking over the master", Text: "Taking over the master (user request)."})
	for name, test := range map[string]struct {
		kinds  []string
		events []record.Event
		want   string
	}{
		"one":                         {[]string{"kill"}, sample.HitBy(0, "kill", "", 990, 1000, 8000), "fault 0"},
		"overlapping":                 {[]string{"disconnect", "pause"}, slices.Concat(sample.HitBy(0, "disconnect", "", 990, 1000, 3000), sample.HitBy(1, "pause", "", 2000, 2000, 8000)), "fault 0"},
		"one after the other":         {[]string{"pause", "kill"}, slices.Concat(sample.HitBy(0, "pause", "", 990, 1000, 1500), sample.HitBy(1, "kill", "", 2000, 2000, 8000)), "fault 1"},
		"one only from its clients":   {[]string{"kill", "disconnect"}, slices.Concat(sample.HitBy(0, "kill", "", 990, 1000, 8000), sample.HitBy(1, "disconnect", "", 2000, 2000, 8000), []record.Event{sample.At(2000, &record.NodeEvent{Node: "a", Action: "disconnect", Network: "client"})}), "fault 0"},
		"asked for, after a fault":    {[]string{"kill", "failover"}, takeover(append(sample.HitBy(0, "kill", "", 3500, 3603, 8000), asked)...), "manual 1"},
		"asked for, to no avail":      {[]string{"kill", "failover"}, takeover(append(sample.HitBy(0, "kill", "", 990, 1000, 8000), asked, sample.At(3700, &record.Log{Node: "a2", Kind: record.LogManualFailover, Reason: "Manual failover timed out", Text: "Manual failover timed out."}))...), "fault 0"},
		"asked for by somebody else":  {nil, []record.Event{asked}, "manual -1"},
		"for no reason that is known": {nil, nil, "none -1"},
	} {
		events := slices.DeleteFunc(sample.AFailover(), func(e record.Event) bool { _, isFault := e.Data.(*record.Fault); return isFault })
		f := Analyze(sample.ScenarioOf(test.kinds...), append(events, test.events...)).Failovers[0]
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
		healed  record.Millis
		want    string
	}{
		{"500", 3990, "fault"},
		{"500", 2550, "fault"}, // the replica has waited for 1 s, which is all that it may
		{"500", 2450, "none"},
		{"1000", 2050, "fault"},
		{"1000", 1950, "none"},
	} {
		events := slices.DeleteFunc(sample.WithTimeout(test.timeout, "redis", "7.0.15"), func(e record.Event) bool { _, isFault := e.Data.(*record.Fault); return isFault })
		r := Analyze(sample.ScenarioOf("pause"), append(events, sample.HitBy(0, "pause", "", 990, 1000, test.healed)...))
		if got := string(r.Failovers[0].Origin); got != test.want {
			t.Errorf("cluster-node-timeout %s, healed at %.0f ms: %s, want %s", test.timeout, test.healed, got, test.want)
		}
	}
}

// Its shard takes few writes, and nobody suspects it.
func TestAStarvedNodeIsNotSuspected(t *testing.T) {
	r := Analyze(sample.ScenarioOf("starve"), sample.Starved(sample.Ack(5, 1000, "a", 0), sample.Ack(2400, 2410, "a", 0), sample.Ack(4300, 4310, "a", 0), sample.Ack(6000, 9000, "a", 0), sample.Ack(5, 9000, "b", 1)))
	if len(r.Missed) != 1 || r.Missed[0].Cause != report.MissedReachedByPeers {
		t.Errorf("%+v", r.Missed)
	}
	if len(r.Outages) != 3 || r.Outages[0].Cause != report.OutageMasterDown || r.Outages[0].First("fault").Past != "starved of CPU" {
		t.Errorf("%+v", r.Outages)
	}
}

// A master that several faults keep away in a row is missed once.
func TestOneAbsenceIsToldOnce(t *testing.T) {
	events := sample.Away(sample.HitBy(1, "pause", "", 3000, 3000, 7000)...)
	r := Analyze(sample.ScenarioOf("kill", "pause"), events)
	if len(r.Missed) != 1 || r.Missed[0].Fault != 0 {
		t.Errorf("%+v", r.Missed)
	}
	if e := r.Missed[0].Findings[0].First("fault"); e.For == nil || *e.For != 6000 {
		t.Errorf("away for %v ms, want 6000", sample.Show(e.For))
	}
}

// A fault of a master counts, though another one had hit the node before it was one.
func TestAnAbsenceBeginsWithTheMaster(t *testing.T) {
	events := []record.Event{sample.WithTimeout("2000", "redis", "7.0.15")[0], sample.Owner(10, "b", "a", 1), sample.Owner(1000, "b", "a2", 9),
		sample.Ack(5, 1000, "a", 0), sample.Ack(1000, 1200, "a2", 0), sample.Ack(6010, 9000, "a2", 0), sample.At(9001, &record.RunEnded{})}
	for _, e := range slices.Concat(sample.HitBy(0, "disconnect", "", 490, 500, 1500), sample.HitBy(1, "kill", "", 1190, 1200, 6000)) {
		e.Data.(*record.Fault).Targets = []string{"a2"}
		events = append(events, e)
	}
	r := Analyze(sample.ScenarioOf("disconnect", "kill"), events)
	if len(r.Missed) != 1 || r.Missed[0].Fault != 1 || r.Missed[0].Master != "a2" {
		t.Errorf("%+v", r.Missed)
	}
}

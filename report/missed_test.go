package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func TestWhyAMasterWasNotReplaced(t *testing.T) {
	pfail, failed := suspicion()
	for want, more := range map[string][]record.Event{
		"no other node is seen to have suspected it in 5.00 s":                        nil,
		"it was suspected after 2.10 s, and back before a majority of masters agreed": {pfail},
		"a2 did not stand: “Disconnected from master for longer than allowed”": {pfail, failed,
			at(3600, &record.Log{Node: "a2", Kind: record.LogElectionBlocked, Reason: "Disconnected from master for longer than allowed."})},
		"a2 stood 2 times and was not elected: c refused its vote: “its master is up”": {pfail, failed,
			at(4000, &record.Log{Node: "a2", Kind: record.LogElectionStarted, Epoch: 8}), at(5000, &record.Log{Node: "a2", Kind: record.LogElectionStarted, Epoch: 9}),
			at(4001, &record.Log{Node: "c", Kind: record.LogVoteRefused, Subject: "a2", Reason: "its master is up"})},
		"a2 had a delay of 900 ms before its election, and a was back after 3.20 s": {pfail, failed,
			at(3501, &record.Log{Node: "a2", Kind: record.LogElectionDelayed, Millis: 900}), at(4200, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "ok"})},
		"it was marked as failed after 2.50 s and was back 700 ms later, before a replica stood for election": {pfail, failed,
			at(4200, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "ok"})},
		"it was marked as failed after 2.50 s, and no replica is seen to have stood for election": {pfail, failed},
	} {
		r := told(oneFault(), away(more...))
		if len(r.Missed) != 1 || r.Missed[0].Reason != want || r.Missed[0].Master != "a" {
			t.Errorf("%+v\nwant %s", r.Missed, want)
		}
	}
}

// A fault that took nothing from anybody is no missed failover.
func TestAHarmlessFaultMissesNothing(t *testing.T) {
	harmless := append(away(), ack(1000, 6010, "a", 0))
	if r := Analyze(oneFault(), harmless); len(r.Missed) > 0 {
		t.Errorf("%+v", r.Missed)
	}
}

// away is a record in which a is away from 1000 to 6000 ms, and no other master is found.
func away(more ...record.Event) []record.Event {
	start := *withTimeout("2000", "redis", "7.0.15")[0].Data.(*record.RunStarted)
	return append([]record.Event{
		at(0, &start), ack(5, 1000, "a", 0), ack(5, 9000, "b", 1), ack(6010, 9000, "a", 0),
		kill(record.FaultRequested, 980), kill(record.FaultEffective, 1000), kill(record.FaultHealed, 6000), at(9001, &record.RunEnded{}),
	}, more...)
}

// suspicion is a's being suspected, and marked as failed.
func suspicion() (pfail, failed record.Event) {
	return at(3100, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "pfail"}),
		at(3500, &record.Log{Node: "b", Kind: record.LogMarkedFail, Subject: "a"})
}

// Every cause of a missed failover has a record from which it follows, and rests on what
// that holds.
func TestCausesOfMissedFailovers(t *testing.T) {
	pfail, failed := suspicion()
	hit := func(index int, kind string, from, until float64, targets ...string) []record.Event {
		fault := func(ms float64, phase record.FaultPhase) record.Event {
			return at(ms, &record.Fault{Index: index, Kind: kind, Phase: phase, Targets: targets, Shards: []int{0}})
		}
		events := []record.Event{fault(from, record.FaultRequested), fault(from, record.FaultEffective)}
		if until > 0 {
			events = append(events, fault(until, record.FaultHealed))
		}
		return events
	}
	log := func(ms float64, node string, kind record.LogKind, reason string) record.Event {
		return at(ms, &record.Log{Node: node, Kind: kind, Reason: reason, Text: reason})
	}
	stood := log(4000, "a2", record.LogElectionStarted, "Starting a failover election for epoch 8.")
	noReplica := func(more ...record.Event) []record.Event {
		return append([]record.Event{pfail, failed, at(10, &record.Role{Node: "a", Role: "master"}), at(900, &record.Role{Node: "a2", Role: "master"})}, more...)
	}
	manual := func(more ...record.Event) []record.Event { return append(hit(0, "failover", 1000, 0, "a2"), more...) }
	tests := map[Cause]struct {
		config   map[string]string
		kind     string
		more     []record.Event
		evidence string
	}{
		MissedShorterThanTimeout: {config: map[string]string{"cluster-node-timeout": "5000"}, evidence: "directive cluster-node-timeout 5000"},
		MissedReachedByPeers:     {kind: "disconnect", evidence: "directive cluster-node-timeout 2000"},
		MissedNoMajority:         {more: slices.Concat([]record.Event{pfail}, hit(1, "kill", 900, 7000, "b", "c")), evidence: "fault kill faults[0]"},
		MissedBackBeforeMajority: {more: []record.Event{pfail}, evidence: "flag pfail "},
		MissedNoReplica:          {more: noReplica(), evidence: "flag fail "},
		MissedMigrated:           {more: noReplica(at(500, &record.Role{Node: "a2", Role: "replica", Master: "b"})), evidence: "role replica b"},
		MissedReplicaNoFailover:  {config: map[string]string{"cluster-replica-no-failover": "yes"}, more: []record.Event{pfail, failed}, evidence: "directive cluster-replica-no-failover yes"},
		MissedReplicaDown:        {more: slices.Concat([]record.Event{pfail, failed}, hit(1, "kill", 500, 0, "a2")), evidence: "fault kill faults[1]"},
		// A fault of a replica that is back is not why it did not stand.
		MissedReplicaStale: {more: slices.Concat([]record.Event{pfail, failed, log(3600, "a2", record.LogElectionBlocked, "Disconnected from master for longer than allowed.")},
			hit(1, "kill", 500, 2500, "a2")), evidence: "log election_blocked Disconnected from master for longer than allowed."},
		MissedBlocked:            {more: []record.Event{pfail, failed, log(3600, "a2", record.LogElectionBlocked, "Something else.")}, evidence: "log election_blocked Something else."},
		MissedReplicaNotInSync:   {more: []record.Event{pfail, failed, at(500, &record.Replication{Master: "a", Replica: "a2"})}, evidence: "sync out_of_sync "},
		MissedStoodBefore:        {more: []record.Event{pfail, failed, log(-2000, "a2", record.LogElectionStarted, "Starting a failover election for epoch 7.")}, evidence: "log election_started Starting a failover election for epoch 7."},
		MissedVotesRefused:       {more: []record.Event{pfail, failed, stood, at(4001, &record.Log{Node: "c", Kind: record.LogVoteRefused, Subject: "a2", Reason: "its master is up"})}, evidence: "log election_started Starting a failover election for epoch 8."},
		MissedNoVoters:           {more: slices.Concat([]record.Event{pfail, failed, stood}, hit(1, "kill", 3600, 0, "b", "c")), evidence: "log election_started Starting a failover election for epoch 8."},
		MissedNotElected:         {more: []record.Event{pfail, failed, stood}, evidence: "log election_started Starting a failover election for epoch 8."},
		MissedBackBeforeElection: {more: []record.Event{pfail, failed, at(4200, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "ok"})}, evidence: "flag fail "},
		MissedRecordEnds:         {more: []record.Event{pfail, failed, at(8900, &record.Log{Node: "a2", Kind: record.LogElectionDelayed, Millis: 900})}, evidence: "log election_delayed "},
		MissedManualTimeout:      {kind: "failover", more: manual(log(5900, "a2", record.LogManualFailover, "Manual failover timed out.")), evidence: "log manual_failover Manual failover timed out."},
		MissedWonAlone:           {kind: "failover", more: manual(log(1500, "a2", record.LogElectionWon, "Failover election won: I'm the new master.")), evidence: "log election_won Failover election won: I'm the new master."},
		CauseUnknown:             {more: []record.Event{pfail, failed}, evidence: "flag fail "},
	}
	for _, cause := range MissedCauses() {
		test, ok := tests[cause]
		if !ok {
			t.Errorf("no record shows %s", cause)
			continue
		}
		events := away(test.more...)
		start := events[0].Data.(*record.RunStarted)
		start.Config = maps.Clone(start.Config)
		maps.Copy(start.Config, test.config)
		if test.kind == "failover" { // and nothing else
			events = slices.DeleteFunc(events, func(e record.Event) bool { f, ok := e.Data.(*record.Fault); return ok && f.Kind == "kill" })
		}
		s := oneFault()
		s.Faults[0].Kind = cmp.Or(test.kind, "kill")
		ofFault(events, 0, s.Faults[0].Kind)
		s.Faults = append(s.Faults, scenarios.Fault{Kind: "kill"})
		r := Analyze(s, events)
		i := slices.IndexFunc(r.Missed, func(m Missed) bool { return m.Shard == 0 && m.Fault == 0 })
		if i < 0 || r.Missed[i].Cause != cause || len(r.Missed[i].Findings[0].Evidence) == 0 {
			t.Errorf("%s: %+v", cause, r.Missed)
			continue
		}
		if e := r.Missed[i].Findings[0].Evidence[0]; fmt.Sprint(e.Kind, " ", e.Name, " ", e.Value) != test.evidence {
			t.Errorf("%s rests on %+v, want %s", cause, e, test.evidence)
		}
	}
}

// What a run that was killed had not come to is not said to have failed.
func TestAMasterThatIsAwayWhenTheRecordEnds(t *testing.T) {
	pfail, _ := suspicion()
	events := slices.DeleteFunc(away(pfail, ack(6010, 9000, "b", 1)), func(e record.Event) bool {
		f, healed := e.Data.(*record.Fault)
		p, ack := e.Data.(*record.Probe)
		return healed && f.Phase == record.FaultHealed || ack && p.Node == "a" && e.MS > 1000 || e.Data.Type() == "run_ended"
	})
	m := Analyze(oneFault(), events).Missed
	if len(m) != 1 || m[0].Cause != MissedRecordEnds || m[0].Findings[0].first("fault").forMS() != 8000 {
		t.Errorf("%+v", m)
	}
}

// Whose replica a node is goes by its own word at the time: b2 has migrated to shard 0.
func TestReplicasThatMigrated(t *testing.T) {
	h := arrange([]record.Event{started(),
		at(10, &record.Role{Node: "a", Role: "master"}), at(10, &record.Role{Node: "a2", Role: "replica", Master: "a"}), at(10, &record.Role{Node: "b2", Role: "replica", Master: "b"}),
		at(5000, &record.Role{Node: "b2", Role: "replica", Master: "a"}),
	})
	for ms, want := range map[float64]string{4000: "[a2]", 6000: "[a2 b2]"} {
		if got := fmt.Sprint(h.replicasOf(h.started.Shards[0], "a", ms)); got != want {
			t.Errorf("at %v ms: %s, want %s", ms, got, want)
		}
	}
}

func TestNoMajorityNoFailover(t *testing.T) {
	events := withTimeout("2000", "redis", "7.0.15")[:1]
	both := func(phase record.FaultPhase, ms float64) record.Event {
		return at(ms, &record.Fault{Kind: "kill", Phase: phase, Targets: []string{"a", "b"}, Shards: []int{0, 1}})
	}
	events = append(events, ack(5, 1000, "a", 0), ack(5, 1000, "b", 1), ack(5, 9000, "c", 2),
		both(record.FaultRequested, 980), both(record.FaultEffective, 1000), both(record.FaultHealed, 8000),
		at(3100, &record.NodeFlag{Observer: "c", Subject: "a", Flag: "pfail"}), at(3200, &record.NodeFlag{Observer: "c", Subject: "b", Flag: "pfail"}),
		at(9001, &record.RunEnded{}))
	r := Analyze(oneFault(), events)
	if len(r.Missed) != 2 || r.Missed[0].Cause != MissedNoMajority || len(r.Missed[0].Findings[0].of("fault")) != 2 {
		t.Errorf("%+v", r.Missed)
	}
}

// A master that holds writes back for a replica that was told to take over is not one
// that did not respond without any fault.
func TestAMasterThatHoldsWritesBack(t *testing.T) {
	asked := at(2000, &record.Fault{Kind: "failover", Phase: record.FaultRequested, Targets: []string{"a2"}, Shards: []int{0}})
	for name, test := range map[string]struct {
		events []record.Event
		node   string
		want   bool
	}{
		"asked":           {[]record.Event{started(), asked}, "a", true},
		"nobody asked":    {[]record.Event{started()}, "a", false},
		"another's shard": {[]record.Event{started(), asked}, "b", false},
	} {
		if got := arrange(test.events).hitDuring(test.node, 2000, 6000); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

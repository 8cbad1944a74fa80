package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// A fault that took nothing from anybody is no missed failover.
func TestAHarmlessFaultMissesNothing(t *testing.T) {
	harmless := append(sample.Away(), sample.Ack(1000, 6010, "a", 0))
	if r := Analyze(sample.OneFault(), harmless); len(r.Missed) > 0 {
		t.Errorf("%+v", r.Missed)
	}
}

// Every cause of a missed failover has a record from which it follows, and rests on what
// that holds.
func TestCausesOfMissedFailovers(t *testing.T) {
	pfail, failed := sample.Suspicion()
	hit := func(index int, kind string, from, until record.Millis, targets ...string) []record.Event {
		fault := func(ms record.Millis, phase record.FaultPhase) record.Event {
			return sample.At(ms, &record.Fault{Index: index, Kind: kind, Phase: phase, Targets: targets, Shards: []int{0}})
		}
		events := []record.Event{fault(from, record.FaultRequested), fault(from, record.FaultEffective)}
		if until > 0 {
			events = append(events, fault(until, record.FaultHealed))
		}
		return events
	}
	log := func(ms record.Millis, node string, kind record.LogKind, reason string) record.Event {
		return sample.At(ms, &record.Log{Node: node, Kind: kind, Reason: reason, Text: reason})
	}
	stood := log(4000, "a2", record.LogElectionStarted, "Starting a failover election for epoch 8.")
	noReplica := func(more ...record.Event) []record.Event {
		return append([]record.Event{pfail, failed, sample.At(10, &record.Role{Node: "a", Role: "master"}), sample.At(900, &record.Role{Node: "a2", Role: "master"})}, more...)
	}
	manual := func(more ...record.Event) []record.Event { return append(hit(0, "failover", 1000, 0, "a2"), more...) }
	tests := map[report.Cause]struct {
		config   map[string]string
		kind     string
		more     []record.Event
		evidence string
	}{
		report.MissedShorterThanTimeout: {config: map[string]string{"cluster-node-timeout": "5000"}, evidence: "directive cluster-node-timeout 5000"},
		report.MissedReachedByPeers:     {kind: "disconnect", evidence: "directive cluster-node-timeout 2000"},
		report.MissedNoMajority:         {more: slices.Concat([]record.Event{pfail}, hit(1, "kill", 900, 7000, "b", "c")), evidence: "fault kill faults[0]"},
		report.MissedBackBeforeMajority: {more: []record.Event{pfail}, evidence: "flag pfail "},
		report.MissedNoReplica:          {more: noReplica(), evidence: "flag fail "},
		report.MissedMigrated:           {more: noReplica(sample.At(500, &record.Role{Node: "a2", Role: "replica", Master: "b"})), evidence: "role replica b"},
		report.MissedReplicaNoFailover:  {config: map[string]string{"cluster-replica-no-failover": "yes"}, more: []record.Event{pfail, failed}, evidence: "directive cluster-replica-no-failover yes"},
		report.MissedReplicaDown:        {more: slices.Concat([]record.Event{pfail, failed}, hit(1, "kill", 500, 0, "a2")), evidence: "fault kill faults[1]"},
		// A fault of a replica that is back is not why it did not stand.
		report.MissedReplicaStale: {more: slices.Concat([]record.Event{pfail, failed, log(3600, "a2", record.LogElectionBlocked, "Disconnected from master for longer than allowed.")},
			hit(1, "kill", 500, 2500, "a2")), evidence: "log election_blocked Disconnected from master for longer than allowed."},
		report.MissedBlocked:            {more: []record.Event{pfail, failed, log(3600, "a2", record.LogElectionBlocked, "Something else.")}, evidence: "log election_blocked Something else."},
		report.MissedReplicaNotInSync:   {more: []record.Event{pfail, failed, sample.At(500, &record.Replication{Master: "a", Replica: "a2"})}, evidence: "sync out_of_sync "},
		report.MissedStoodBefore:        {more: []record.Event{pfail, failed, log(-2000, "a2", record.LogElectionStarted, "Starting a failover election for epoch 7.")}, evidence: "log election_started Starting a failover election for epoch 7."},
		report.MissedVotesRefused:       {more: []record.Event{pfail, failed, stood, sample.At(4001, &record.Log{Node: "c", Kind: record.LogVoteRefused, Subject: "a2", Reason: "its master is up"})}, evidence: "log election_started Starting a failover election for epoch 8."},
		report.MissedNoVoters:           {more: slices.Concat([]record.Event{pfail, failed, stood}, hit(1, "kill", 3600, 0, "b", "c")), evidence: "log election_started Starting a failover election for epoch 8."},
		report.MissedNotElected:         {more: []record.Event{pfail, failed, stood}, evidence: "log election_started Starting a failover election for epoch 8."},
		report.MissedBackBeforeElection: {more: []record.Event{pfail, failed, sample.At(4200, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "ok"})}, evidence: "flag fail "},
		report.MissedRecordEnds:         {more: []record.Event{pfail, failed, sample.At(8900, &record.Log{Node: "a2", Kind: record.LogElectionDelayed, Millis: 900})}, evidence: "log election_delayed "},
		report.MissedManualTimeout:      {kind: "failover", more: manual(log(5900, "a2", record.LogManualFailover, "Manual failover timed out.")), evidence: "log manual_failover Manual failover timed out."},
		report.MissedWonAlone:           {kind: "failover", more: manual(log(1500, "a2", record.LogElectionWon, "Failover election won: I'm the new master.")), evidence: "log election_won Failover election won: I'm the new master."},
		report.CauseUnknown:             {more: []record.Event{pfail, failed}, evidence: "flag fail "},
	}
	for _, cause := range report.MissedCauses() {
		test, ok := tests[cause]
		if !ok {
			t.Errorf("no record shows %s", cause)
			continue
		}
		events := sample.Away(test.more...)
		start := events[0].Data.(*record.RunStarted)
		start.Config = maps.Clone(start.Config)
		maps.Copy(start.Config, test.config)
		if test.kind == "failover" { // and nothing else
			events = slices.DeleteFunc(events, func(e record.Event) bool { f, ok := e.Data.(*record.Fault); return ok && f.Kind == "kill" })
		}
		s := sample.OneFault()
		s.Faults[0].Kind = cmp.Or(test.kind, "kill")
		sample.OfFault(events, 0, s.Faults[0].Kind)
		s.Faults = append(s.Faults, scenarios.Fault{Kind: "kill"})
		r := Analyze(s, events)
		i := slices.IndexFunc(r.Missed, func(m report.Missed) bool { return m.Shard == 0 && m.Fault == 0 })
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
	pfail, _ := sample.Suspicion()
	events := slices.DeleteFunc(sample.Away(pfail, sample.Ack(6010, 9000, "b", 1)), func(e record.Event) bool {
		f, healed := e.Data.(*record.Fault)
		p, ack := e.Data.(*record.Probe)
		return healed && f.Phase == record.FaultHealed || ack && p.Node == "a" && e.At > 1000 || e.Data.Type() == "run_ended"
	})
	m := Analyze(sample.OneFault(), events).Missed
	if len(m) != 1 || m[0].Cause != report.MissedRecordEnds || m[0].Findings[0].First("fault").Lasted() != 8000 {
		t.Errorf("%+v", m)
	}
}

func TestNoMajorityNoFailover(t *testing.T) {
	events := sample.WithTimeout("2000", "redis", "7.0.15")[:1]
	both := func(phase record.FaultPhase, ms record.Millis) record.Event {
		return sample.At(ms, &record.Fault{Kind: "kill", Phase: phase, Targets: []string{"a", "b"}, Shards: []int{0, 1}})
	}
	events = append(events, sample.Ack(5, 1000, "a", 0), sample.Ack(5, 1000, "b", 1), sample.Ack(5, 9000, "c", 2),
		both(record.FaultRequested, 980), both(record.FaultEffective, 1000), both(record.FaultHealed, 8000),
		sample.At(3100, &record.NodeFlag{Observer: "c", Subject: "a", Flag: "pfail"}), sample.At(3200, &record.NodeFlag{Observer: "c", Subject: "b", Flag: "pfail"}),
		sample.At(9001, &record.RunEnded{}))
	r := Analyze(sample.OneFault(), events)
	if len(r.Missed) != 2 || r.Missed[0].Cause != report.MissedNoMajority || len(r.Missed[0].Findings[0].Of("fault")) != 2 {
		t.Errorf("%+v", r.Missed)
	}
}

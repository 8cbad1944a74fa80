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
)

func phasesOf(f report.Failover) (phases []string) {
	for _, p := range f.Phases {
		predicted := "-"
		if p.Predicted != nil {
			predicted = fmt.Sprintf("%.0f-%.0f", p.Predicted[0], p.Predicted[1])
		}
		phases = append(phases, strings.TrimSpace(fmt.Sprintf("%s %.0f (%s) %s", p.Name, p.Took, predicted, p.Node)))
	}
	return phases
}

func TestAnatomy(t *testing.T) {
	events := append(sample.WithTimeout("2000", "redis", "7.0.15"),
		sample.At(3499, &record.Log{Node: "a2", Kind: record.LogElectionDelayed, Millis: 480}),
		sample.At(3990, &record.Log{Node: "a2", Kind: record.LogElectionStarted, Epoch: 9}),
		sample.At(3995, &record.Log{Node: "c", Kind: record.LogVoteGranted, Subject: "a2", Epoch: 9}),
		sample.At(3996, &record.Log{Node: "b", Kind: record.LogVoteGranted, Subject: "a2", Epoch: 9}),
		sample.At(100, &record.Log{Node: "b", Kind: record.LogVoteGranted, Subject: "a2", Epoch: 3}),
	)
	f := Analyze(sample.OneFault(), events).Failovers[0]
	want := []string{
		"suspicion 2000 (2000-3200) b", "agreement 499 (0-2300) c", "election delay 491 (500-1200)", "votes 10 (0-100)", "opening 4 (0-15)",
		"convergence 60 (-) c", "clients 496 (-)",
	}
	if got := phasesOf(f); !slices.Equal(got, want) {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
	if f.Origin != report.OriginFault || len(f.Disorder) > 0 || !slices.Equal(f.Voters, []string{"c", "b"}) || !slices.Equal(f.Phases[2].Delays, []report.Delay{{At: 480}}) {
		t.Errorf("%+v", f)
	}
}

// From Valkey 9.0 on, the delay goes by cluster-node-timeout, and from 9.1 on, a replica
// that is ranked best does not wait.
func TestElectionDelayByServer(t *testing.T) {
	for server, want := range map[string]string{"redis 8.0.2": "500-1200", "valkey 8.1.1": "500-1200", "valkey 9.0.1": "67-333", "valkey 9.1.0": "0-333", "valkey 10.0.0": "0-333"} {
		name, version, _ := strings.Cut(server, " ")
		f := Analyze(sample.OneFault(), sample.WithTimeout("2000", name, version)).Failovers[0]
		for _, p := range f.Phases {
			if got := fmt.Sprintf("%.0f-%.0f", p.Predicted[0], p.Predicted[1]); p.Name == "election delay" && got != want {
				t.Errorf("%s: %s, want %s", server, got, want)
			}
			if p.Name == "election delay" {
				break
			}
		}
	}
}

func TestPrimaryRankDelaysTheElection(t *testing.T) {
	events := append(sample.WithTimeout("2000", "valkey", "8.1.1"), sample.At(3499, &record.Log{Node: "a2", Kind: record.LogElectionDelayed, Millis: 1100,
		Text: "Start of election delayed for 1100 milliseconds (rank #0, primary rank #1, offset 42)."}))
	f := Analyze(sample.OneFault(), events).Failovers[0]
	if got := phasesOf(f)[2]; got != "election delay 491 (1000-1700)" || !slices.Equal(f.Phases[2].Delays, []report.Delay{{At: 1100}}) {
		t.Errorf("%s: %+v", got, f.Phases[2].Delays)
	}
}

// Every cause of a slow phase has a record from which it follows. The suspicion of aFailover
// takes 300 ms too long at a timeout of 1000; late is the same with an opening that does.
func TestCausesOfSlowPhases(t *testing.T) {
	late := func(answer string, more ...record.Event) []record.Event {
		events := slices.DeleteFunc(sample.WithTimeout("1500", "redis", "7.0.15"), func(e record.Event) bool {
			p, ok := e.Data.(*record.Probe)
			return ok && p.Node == "a2"
		})
		return append(append(events, sample.At(4001, &record.Probe{Node: "a2", Answer: answer, Until: 5990, Count: 9}), sample.Ack(6000, 9000, "a2", 0)), more...)
	}
	slow := func(more ...record.Event) []record.Event {
		return append(sample.WithTimeout("1000", "redis", "7.0.15"), more...)
	}
	delayed := func(more ...record.Event) []record.Event { // the election begins 490 ms after the failure is known
		return append(slices.DeleteFunc(slow(), func(e record.Event) bool { l, ok := e.Data.(*record.Log); return ok && l.Kind == record.LogMarkedFail }),
			append(more, sample.At(1500, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "a"}))...)
	}
	fault := func(from, until record.Millis, targets ...string) (events []record.Event) {
		for _, step := range []struct {
			ms    record.Millis
			phase record.FaultPhase
		}{{from, record.FaultRequested}, {from, record.FaultEffective}, {until, record.FaultHealed}} {
			events = append(events, sample.At(step.ms, &record.Fault{Index: 1, Kind: "kill", Phase: step.phase, Targets: targets, Shards: []int{1}}))
		}
		return events
	}
	log := func(ms record.Millis, node, subject string, kind record.LogKind) record.Event {
		return sample.At(ms, &record.Log{Node: node, Subject: subject, Kind: kind, Text: "As it stands in the log.", Reason: "why"})
	}
	silent := []record.Event{sample.At(0, &record.Probe{Node: "b2", Answer: "moved", Until: 1200}), sample.At(2600, &record.Probe{Node: "b2", Answer: "moved", Until: 9000})}
	// A failover that was asked for at 2000 ms, and began its election at 3990.
	planned := func(more ...record.Event) []record.Event {
		return append(append(manual(sample.WithTimeout("2000", "redis", "7.0.15")), log(2000, "a2", "", record.LogManualFailover)), more...)
	}
	offClients := append(fault(3000, 5990, "a2"), sample.At(3000, &record.NodeEvent{Node: "a2", Action: "disconnect", Network: "client"}))
	tests := map[report.Cause]struct {
		phase    string
		names    bool
		events   []record.Event
		evidence string
	}{
		report.PhaseMasterAway:      {report.DelayPhase, false, planned(fault(1500, 3000, "a")...), "fault kill"},
		report.PhaseScheduled:       {report.DelayPhase, false, planned(sample.At(1900, &record.Log{Node: "a2", Kind: record.LogElectionDelayed, Millis: 2050})), "log election_delayed"},
		report.PhaseNoLink:          {report.DelayPhase, false, delayed(sample.At(1000, &record.MasterLink{Replica: "a2"}), sample.At(3900, &record.MasterLink{Replica: "a2", Up: true})), "link down"},
		report.PhaseClientsCutOff:   {report.OpeningPhase, false, late("timeout", offClients...), "fault disconnect"},
		report.PhaseStarved:         {report.SuspicionPhase, false, slow(sample.At(2500, &record.Starved{For: 450})), "starved"},
		report.PhaseNodesSilent:     {report.SuspicionPhase, false, slow(silent...), "probes silent"},
		report.PhaseResolver:        {report.SuspicionPhase, true, slow(silent...), "probes silent"},
		report.PhaseStillAnswering:  {report.SuspicionPhase, false, slow(sample.Ack(1200, 2400, "a", 0)), "fault starve"},
		report.PhaseNoMajority:      {report.SuspicionPhase, false, slow(fault(500, 2950, "b", "c")...), "fault kill"},
		report.PhaseReplicaDown:     {report.SuspicionPhase, false, slow(fault(1500, 2800, "a2")...), "fault kill"},
		report.PhaseStoodBefore:     {report.DelayPhase, false, delayed(log(-500, "a2", "", record.LogElectionStarted)), "log election_started"},
		report.PhaseBlocked:         {report.DelayPhase, false, delayed(log(2000, "a2", "", record.LogElectionBlocked)), "log election_blocked"},
		report.PhaseElectionExpired: {report.DelayPhase, false, delayed(log(2000, "a2", "", record.LogElectionExpired)), "log election_expired"},
		report.PhaseVotesRefused:    {report.DelayPhase, false, delayed(log(2000, "c", "a2", record.LogVoteRefused)), "log vote_refused"},
		report.PhaseSlow:            {report.SuspicionPhase, false, slow(log(2500, "b", "", record.LogSlow)), "log slow"},
		report.PhaseRefused:         {report.OpeningPhase, false, late("noreplicas"), "probes noreplicas"},
		report.PhaseCoverage:        {report.OpeningPhase, false, late("clusterdown", sample.At(3400, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "b"}), sample.At(5950, &record.NodeFlag{Observer: "c", Subject: "b", Flag: "ok"})), "probes clusterdown"},
		report.PhaseRejoining:       {report.OpeningPhase, false, late("clusterdown", fault(500, 3900, "b", "c")...), "probes clusterdown"},
		report.CauseUnknown:         {report.SuspicionPhase, false, slow(), ""},
	}
	for _, cause := range report.PhaseCauses() {
		test, ok := tests[cause]
		if !ok {
			t.Errorf("no record shows %s", cause)
			continue
		}
		s := sample.OneFault()
		s.Faults = append(s.Faults, scenarios.Fault{Kind: "kill"})
		switch cause {
		case report.PhaseClientsCutOff:
			s.Faults[1].Kind = "disconnect"
			sample.OfFault(test.events, 1, "disconnect")
		case report.PhaseStillAnswering:
			s.Faults[0].Kind = "starve"
			sample.OfFault(test.events, 0, "starve")
		}
		if test.names {
			s.Cluster.Announce = scenarios.AnnounceHostname
		}
		f := Analyze(s, test.events).Failovers[0]
		var found []report.Finding
		for _, p := range f.Phases {
			if p.Name == test.phase {
				found = p.Findings
			}
		}
		i := slices.IndexFunc(found, func(f report.Finding) bool { return f.Cause == cause })
		if i < 0 {
			t.Errorf("%s: %+v", cause, found)
			continue
		}
		got := ""
		if len(found[i].Evidence) > 0 {
			got = strings.TrimSpace(found[i].Evidence[0].Kind + " " + found[i].Evidence[0].Name)
		}
		if got != test.evidence {
			t.Errorf("%s rests on %q, want %q", cause, got, test.evidence)
		}
	}
}

// What explains most of a phase comes first.
func TestCausesOfAPhaseAreInOrder(t *testing.T) {
	events := append(sample.WithTimeout("1000", "redis", "7.0.15"), sample.At(2500, &record.Starved{For: 300}),
		sample.At(2600, &record.Log{Node: "b", Kind: record.LogSlow, Text: "Asynchronous AOF fsync is taking too long."}),
		sample.At(0, &record.Probe{Node: "b2", Answer: "moved", Until: 1200}), sample.At(2600, &record.Probe{Node: "b2", Answer: "moved", Until: 9000}))
	var got []report.Cause
	for _, f := range Analyze(sample.OneFault(), events).Failovers[0].Phases[0].Findings {
		got = append(got, f.Cause)
	}
	if want := []report.Cause{report.PhaseNodesSilent, report.PhaseStarved, report.PhaseSlow}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// An application's write may be acked between two probes: that is no disorder.
func TestAWriteBetweenTwoProbes(t *testing.T) {
	for name, test := range map[string]struct {
		at    record.Millis // of the first ack; the first probe is acked at 4004 ms
		phase string
		want  []report.Disorder
	}{
		"between two": {3997, "clients 0", nil},
		"long before": {3800, "clients 0", []report.Disorder{{Early: "client_recovery_ms", Late: "first_write_ms", By: 204, Cause: report.DisorderProbeLate}}},
	} {
		events := append(sample.WithTimeout("2000", "redis", "7.0.15"), sample.At(test.at, &record.Acks{Workload: "w", Shard: 0, Node: "a2", Until: 4400, Count: 3}))
		f := Analyze(sample.OneFault(), events).Failovers[0]
		last := f.Phases[len(f.Phases)-1]
		if got := fmt.Sprintf("%s %.0f", last.Name, last.Took); got != test.phase {
			t.Errorf("%s: %s, want %s", name, got, test.phase)
		}
		if !slices.Equal(f.Disorder, test.want) {
			t.Errorf("%s: %+v, want %+v", name, f.Disorder, test.want)
		}
	}
}

func TestPhasesOutOfOrderAreExplained(t *testing.T) {
	events := append(sample.WithTimeout("2000", "redis", "7.0.15"), sample.At(2970, &record.Log{Node: "b", Kind: record.LogMarkedFail, Subject: "a"}))
	// The suspicion is seen by asking every node in turn, and it came before that in the log.
	f := Analyze(sample.OneFault(), events).Failovers[0]
	if sample.Show(f.PFail) != "1970" || sample.Show(f.Fail) != "1970" || len(f.Disorder) > 0 {
		t.Errorf("suspected %s, failed %s: %+v", sample.Show(f.PFail), sample.Show(f.Fail), f.Disorder)
	}
	events = append(sample.WithTimeout("2000", "redis", "7.0.15"), sample.At(4400, &record.Log{Node: "a2", Kind: record.LogElectionWon}), sample.At(2000, &record.ClockStep{By: 400}))
	events = slices.DeleteFunc(events, func(e record.Event) bool {
		l, ok := e.Data.(*record.Log)
		return ok && l.Kind == record.LogElectionWon && e.At == 4000 || e.At == 4020 || e.At == 4030 || e.At == 4060
	})
	events = append(events, sample.Owner(4410, "a2", "a2", 9))
	f = Analyze(sample.OneFault(), events).Failovers[0]
	if want := (report.Disorder{Early: "first_write_ms", Late: "promoted_ms", By: 396, Cause: report.DisorderClockSet}); !slices.Contains(f.Disorder, want) {
		t.Errorf("%+v, want %+v", f.Disorder, want)
	}
}

// manual turns aFailover into one that was asked for at 3000 ms.
func manual(events []record.Event) []record.Event {
	return slices.DeleteFunc(events, func(e record.Event) bool {
		switch d := e.Data.(type) {
		case *record.Fault, *record.NodeFlag, *record.Reachable:
			return true
		case *record.Log:
			return d.Kind == record.LogMarkedFail
		}
		return false
	})
}

func TestFailoverByHand(t *testing.T) {
	events := append(manual(sample.WithTimeout("2000", "redis", "7.0.15")),
		sample.At(3980, &record.Log{Node: "a2", Kind: record.LogManualFailover, Text: "Manual failover user request accepted."}))
	f := Analyze(&scenarios.Scenario{Name: "s", Workloads: []scenarios.Workload{{Name: "w"}}}, events).Failovers[0]
	if f.Origin != report.OriginManual || f.Fault != nil || sample.Show(f.FirstWrite) != "24" || sample.Show(f.Promoted) != "20" || f.PFail != nil || f.Reasons["fail_ms"].Why != report.WhyNobodyHadToMark {
		t.Errorf("%+v", f)
	}
	if got := phasesOf(f); got[0] != "election delay 10 (0-200)" {
		t.Errorf("%q", got)
	}
}

func TestFalseFailoverIsSuspicious(t *testing.T) {
	events := append(manual(sample.WithTimeout("2000", "redis", "7.0.15")),
		sample.At(3000, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "pfail"}),
		sample.At(3990, &record.Starved{For: 2500}))
	r := Analyze(&scenarios.Scenario{Name: "s"}, events)
	f := r.Failovers[0]
	var causes []report.Cause
	for _, finding := range f.Findings {
		causes = append(causes, finding.Cause)
	}
	if want := []report.Cause{report.PhaseStarved, report.PhaseNodesSilent}; f.Origin != report.OriginNone || f.Fault != nil || f.FirstWrite != nil || !slices.Equal(causes, want) {
		t.Errorf("%q, want %q: %+v", causes, want, f)
	}
	if len(r.Notices) != 1 || r.Notices[0].Kind != report.NoticeFalseFailover {
		t.Errorf("%+v", r.Notices)
	}
}

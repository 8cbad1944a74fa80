package prose

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// told is what is made of a record, in words.
func told(s *scenarios.Scenario, events []record.Event) *report.Result {
	r := analysis.Analyze(s, events)
	Describe(r)
	return r
}

func TestWhatIsToldOfOutages(t *testing.T) {
	setting := func(name, value string) report.Evidence {
		return report.Evidence{Kind: "directive", Name: name, Value: value}
	}
	fault := func(node, past string) report.Evidence { return report.Evidence{Kind: "fault", Node: node, Past: past} }
	for _, test := range []struct {
		cause    report.Cause
		evidence []report.Evidence
		want     string
	}{
		{report.OutageMinReplicas, []report.Evidence{setting("min-replicas-to-write", "1")}, "min-replicas-to-write 1 was not met (NOREPLICAS)"},
		{report.OutageOutOfMemory, []report.Evidence{setting("maxmemory", "8mb")}, "maxmemory 8mb was reached, and nothing could be evicted (OOM)"},
		{report.OutageOutOfClients, []report.Evidence{setting("maxclients", "50")}, "its master had as many connections as maxclients 50 allows"},
		{report.OutageDisk, nil, "its master could not write to its disk (MISCONF)"},
		{report.OutageReadOnly, nil, "its master answered as a replica (READONLY)"},
		{report.OutageLoading, nil, "its master was loading its data (LOADING)"},
		{report.OutageNoPermission, []report.Evidence{{Kind: "probes", Name: "noperm"}}, "its master did not permit the probes (NOPERM)"},
		{report.OutageMasterDown, []report.Evidence{fault("a", "killed")}, "a was killed"},
		{report.OutageClientsCutOff, []report.Evidence{fault("a", "disconnected")}, "a was cut off from its clients, and not from the other nodes"},
		{report.OutageNoMajority, []report.Evidence{fault("a", "disconnected")}, "its master did not reach a majority of masters (CLUSTERDOWN): a was disconnected"},
		{report.OutageManual, []report.Evidence{fault("a2", "told to take over")}, "its master held writes back for a2, which was told to take over"},
		{report.OutageRejoining, []report.Evidence{fault("a", "killed")}, "a was back, and a master then waits for cluster-node-timeout, at most 5 s, before it serves again (CLUSTERDOWN)"},
		{report.OutageRejoining, []report.Evidence{fault("b", "killed"), fault("c", "killed")}, "most masters were back, and a master then waits for cluster-node-timeout, at most 5 s, before it serves again (CLUSTERDOWN)"},
		{report.OutageDied, []report.Evidence{{Kind: "incident", Moment: new(record.Millis(2001.0)), Name: "died"}}, "a died at 2.00 s, and no fault had ended it"},
		{report.OutageIncident, []report.Evidence{{Kind: "incident", Moment: new(record.Millis(2001.0)), Name: "paused"}}, "a was paused at 2.00 s, and no fault had done that"},
		{report.OutageCoverage, []report.Evidence{setting("cluster-require-full-coverage", "yes"), {Kind: "uncovered", Moment: new(record.Millis(1500.0)), For: new(record.Millis(7500.0)), Name: "shard 1", Value: "5461-10922"}},
			"shard 1 (slots 5461-10922) had no master from 1.50 s to 9.00 s, and with cluster-require-full-coverage yes the whole cluster stops then"},
		{report.OutageClusterDown, nil, "its master answered CLUSTERDOWN; the record does not show why"},
		{report.OutageRedirected, nil, "its master redirected to a node that did not take them (MOVED)"},
		{report.OutageStarved, []report.Evidence{{Kind: "starved", For: new(record.Millis(490.0))}}, "this program itself was not run for 490 ms"},
		{report.OutageEventLoop, []report.Evidence{{Kind: "log", Node: "a", Moment: new(record.Millis(5000.0)), Value: "Asynchronous AOF fsync is taking too long."}},
			"its master took connections in and answered nothing, and no fault had hit it: its event loop was blocked, or its machine busy (a logged at 5.00 s “Asynchronous AOF fsync is taking too long”)"},
		{report.OutageNotResponding, nil, "its master could not be reached, and no fault had hit it"},
		{report.CauseUnknown, nil, "the cause is unknown"},
	} {
		o := report.Outage{From: 2000, To: 6000, Finding: report.Finding{Cause: test.cause, Node: "a", Evidence: test.evidence}}
		if got := because(o); got != test.want {
			t.Errorf("%s: %s\nwant %s", test.cause, got, test.want)
		}
		want := []string{"Shard 0 was unavailable for writes for up to 4.00 s, from 2.00 s on: " + test.want + "."}
		switch test.cause {
		case report.OutageMasterDown:
			want = nil // which its failover tells of
		case report.OutageStarved:
			want[0] = strings.Replace(want[0], "unavailable for writes", "not seen to take writes", 1)
		}
		if got := outageSentences(&report.Result{Outages: []report.Outage{o}}); !slices.Equal(got, want) {
			t.Errorf("%s: %q\nwant %q", test.cause, got, want)
		}
	}
}

// Of an outage of several causes each is told, with how long it was one.
func TestWhatIsToldOfTheCausesOfAnOutage(t *testing.T) {
	o := report.Outage{From: 2000, To: 9000, Finding: report.Finding{Cause: report.OutageRejoining, Node: "a"}, Causes: []report.OutagePart{
		{From: 2000, To: 2700, Finding: report.Finding{Cause: report.OutageMasterDown, Node: "a", Evidence: []report.Evidence{{Kind: "fault", Past: "killed"}}}},
		{From: 2700, To: 3750, Finding: report.Finding{Cause: report.OutageLoading}},
		{From: 3750, To: 9000, Finding: report.Finding{Cause: report.OutageRejoining, Node: "a"}},
	}}
	want := "for 700 ms: a was killed; then for 1.05 s: its master was loading its data (LOADING); " +
		"then for 5.25 s: a was back, and a master then waits for cluster-node-timeout, at most 5 s, before it serves again (CLUSTERDOWN)"
	if got := OutageText(o); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestWhatIsToldOfLosses(t *testing.T) {
	for cause, want := range map[report.Cause]string{
		report.LossNotReplicated:    "not yet replicated to the new master",
		report.LossAckedWhileCutOff: "acked by a master that was cut off, and discarded when it came back",
		report.LossWinnerDropped:    "the new master had been dropped for its output buffer limit, and was not in sync",
		report.LossWinnerRestarted:  "the new master had been restarted, and was not in sync yet",
		report.LossWinnerResyncing:  "a full resynchronization of the new master was under way",
		report.LossWinnerStale:      "the new master had lost its link before, and cluster-replica-validity-factor 0 let it stand",
		report.LossWinnerNotInSync:  "the new master was not in sync",
		report.LossForcedFailover:   "a replica took over without asking its master",
		report.LossDied:             "the server died, and came back without them",
		report.LossFlushed:          "the data set was flushed",
		report.LossSlotsMoved:       "slots were given to another node by hand",
		report.LossWrongClock:       "their keys expired early, by the wrong clock of their master",
		report.RemovedEvicted:       "evicted by its master",
		report.RemovedExpired:       "expired",
		report.CauseUnknown:         "unknown",
	} {
		l := report.Loss{Finding: report.Finding{Cause: cause, Evidence: []report.Evidence{{Kind: "directive", Name: "cluster-replica-validity-factor", Value: "0"}}}}
		if got := LossText(l); got != want {
			t.Errorf("%s: %s, want %s", cause, got, want)
		}
	}
	for want, w := range map[string]report.Writes{
		"No write was acked.": {},
		"How many acked writes were lost is not known: 40 of 90 acked writes could not be read back.": {Judged: 90, Unverified: 40, LostAtLeast: new(int64)},
		"At least 2 of 90 acked writes were lost; 40 of 90 acked writes could not be read back.":      {Judged: 90, Unverified: 40, LostAtLeast: new(int64(2))},
		"No acked write was lost, of 100. 40 acked writes were evicted. 3 acked writes expired.":      {Judged: 100, Lost: new(int64), Evicted: new(int64(40)), Expired: new(int64(3))},
		"40 of 100 acked writes were lost (40.00 %), acked between 1.00 s and 3.00 s: flushed.":       {Judged: 100, Lost: new(int64(40)), LostRatio: new(0.4), LossWindow: &[2]record.Millis{1000, 3000}},
	} {
		if got := lossSentence(w, ": flushed"); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

func TestWhatIsToldOfIncidents(t *testing.T) {
	until := new(3000.0)
	for want, i := range map[string]report.Incident{
		"b died (exit status 137) at 1.01 s, and no fault of the scenario had done that; it was started again at 3.00 s.":       {Action: report.IncidentDied, Exit: "137", Until: (*record.Millis)(until)},
		"b was killed because memory ran out at 1.01 s, and no fault of the scenario had done that.":                            {Action: report.IncidentDied, Exit: "137", OutOfMemory: true},
		"b was removed at 1.01 s, and no fault of the scenario had done that.":                                                  {Action: report.IncidentRemoved},
		"b was taken off the cluster network at 1.01 s, and no fault of the scenario had done that; that was undone at 3.00 s.": {Action: report.IncidentDisconnected, Network: "cluster", Until: (*record.Millis)(until)},
	} {
		i.Node, i.At = "b", 1010
		if got := IncidentSentences(&report.Result{Incidents: []report.Incident{i}}); !slices.Equal(got, []string{want}) {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}

// A failover that comes of an incident is told with it.
func TestWhatIsToldOfAFailoverOfAnIncident(t *testing.T) {
	r := &report.Result{Incidents: []report.Incident{{Node: "a", Action: report.IncidentDied, Exit: "137"}},
		Failovers: []report.Failover{{Origin: report.OriginIncident, Incident: new(int), OldMaster: "a", NewMaster: "a2", FirstWrite: new(record.Millis(3004.0))}}}
	want := "a2 replaced a as master of shard 0: it accepted its first write 3.00 s after a died (exit status 137), which no fault of the scenario had done."
	if got := FailoverSentence(r, r.Failovers[0]); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestWhatIsToldOfHoles(t *testing.T) {
	r := &report.Result{Holes: []report.Hole{{From: 1200, To: 2990}}}
	want := "This program was not run for 1.79 s, from 1.20 s on: what it would have seen and sent then is not in the record, and figures that depend on it are not measured, or between two bounds."
	if got := Story(r)[0]; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestWhatIsToldOfApplicationsOnShardsThatAreWell(t *testing.T) {
	for want, f := range map[string]report.Finding{
		"On shard 1, applications had no write acked for up to 5.00 s longer than it was unavailable; the record does not show why.": {Cause: report.CauseUnknown},
		"On shard 1, applications had no write acked for up to 5.00 s longer than it was unavailable: all clients of workload w were waiting for shard 0 (dial_timeout, dialer_retries, read_timeout and max_redirects decide how long, clients how many can wait).": {
			Cause: report.OutageClientsOccupied, Evidence: []report.Evidence{{Kind: "occupied", Name: "shard 0", Value: "w"}}},
	} {
		r := &report.Result{Shards: []report.Shard{{Shard: 1, ClientGap: new(record.Millis(5000.0)), Findings: []report.Finding{f}}}}
		if got := clientGapSentences(r); !slices.Equal(got, []string{want}) {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}

func TestWhatIsToldOfExpectations(t *testing.T) {
	const holes = " (nothing was written for 1.79 s, while this program was not run)"
	r := &report.Result{Holes: []report.Hole{{From: 1200, To: 2990}}, Incidents: []report.Incident{{Node: "a", Action: report.IncidentDied, At: 1000}}, Failovers: []report.Failover{{Origin: report.OriginIncident}}}
	for want, e := range map[string]report.Expectation{
		"3.00 s":                             {Name: "failover_time", Got: 3004.0},
		"2.22 %":                             {Name: "workloads.w.failed_ratio", Got: 0.0222},
		"12,345":                             {Name: "duplicated", Got: int64(12_345)},
		"true":                               {Name: "recovered", Got: true},
		"none":                               {Name: "phase_causes", Got: []string{}},
		"refused, slow":                      {Name: "phase_causes", Got: []string{"refused", "slow"}},
		"2" + holes:                          {Name: "lost_writes", Got: int64(2)},
		"0 (1 more came of incidents)":       {Name: "failovers", Got: int64(0)},
		"1: a died at 1.00 s":                {Name: "incidents", Got: int64(1)},
		"not measured: no failover happened": {Name: "failover_time", Reason: &report.Reason{Why: report.WhyNoFailover}},
		"between 3.00 s and 3.50 s, because this program was not run all the time": {Name: "client_recovery", Between: &[2]record.Millis{3000, 3500}},
	} {
		if got := shown(r, e); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestWhatIsToldOfAPhase(t *testing.T) {
	r := &report.Result{Run: report.Run{Topology: report.Topology{Masters: 3}}}
	f := report.Failover{OldMaster: "a", NewMaster: "a2", Voters: []string{"c", "b"}}
	for want, p := range map[string]report.Phase{
		"b is the first seen to flag a as `fail?`":                          {Name: report.SuspicionPhase, Node: "b"},
		"c sees a majority agree and marks it as failed":                    {Name: report.AgreementPhase, Node: "c"},
		"a majority of masters suspects it":                                 {Name: report.AgreementPhase},
		"a2 waits before it stands":                                         {Name: report.DelayPhase},
		"a2 chose a delay of 480 ms at rank 0, then 1.00 s more at rank 1":  {Name: report.DelayPhase, Delays: []report.Delay{{At: 480}, {At: 1000, Rank: 1, More: true}}},
		"c and b voted for it; 2 of 3 votes needed":                         {Name: report.VotesPhase},
		"a2 acks its first write":                                           {Name: report.OpeningPhase},
		"c is the last one that can be reached to name a2 as the owner":     {Name: report.ConvergencePhase, Node: "c"},
		"the slowest workload has a write acked through the cluster client": {Name: report.ClientsPhase},
	} {
		if got := detail(r, f, p); got != want {
			t.Errorf("%s: %s, want %s", p.Name, got, want)
		}
	}
}

package prose

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// Ten of thirty masters are killed at once: what is the same is told once.
func TestManyOfAKindAreToldOnce(t *testing.T) {
	r := &report.Result{Run: report.Run{Topology: report.Topology{Masters: 30}}}
	for i := range 10 {
		r.Faults = append(r.Faults, sample.Known(report.Fault{Kind: "kill", Detail: "SIGKILL", Targets: []string{fmt.Sprintf("m%d", i)}, Requested: new(5000 + record.Millis(i)), Effective: new(record.Millis(5010.0)), Healed: new(45_000 + record.Millis(i))}))
	}
	for i := range 6 {
		f := report.Failover{Shard: i, OldMaster: fmt.Sprintf("m%d", i), NewMaster: fmt.Sprintf("r%d", i), Origin: report.OriginFault, From: 5010, FirstWrite: new(8000 + record.Millis(float64(i)*100)), ClientRecovery: new(record.Millis(9000.0))}
		f.Phases = []report.Phase{{Name: report.OpeningPhase, From: 7000, Took: 1000 + record.Millis(i), Predicted: &[2]record.Millis{0, 15}, Findings: []report.Finding{{Cause: report.PhaseCoverage, Evidence: []report.Evidence{
			{Kind: "probes", Moment: new(record.Millis(12_000.0)), For: new(record.Millis(1000.0)), Node: f.NewMaster, Name: "clusterdown"}, {Kind: "uncovered", Moment: new(record.Millis(12_000.0)), For: new(record.Millis(20_000.0)), Name: "shard 9"}, {Kind: "uncovered", Moment: new(record.Millis(12_000.0)), For: new(record.Millis(1000.0)), Name: "shard 8"},
		}}}}}
		r.Failovers = append(r.Failovers, f)
	}
	for i := 6; i < 10; i++ {
		r.Missed = append(r.Missed, report.Missed{Shard: i, Master: fmt.Sprintf("m%d", i), Fault: i, Cause: report.MissedNoReplica, Reason: "the shard has no replica"})
	}
	want := []string{
		"At 5.00 s: m0, m1, m2 and 7 more were killed (SIGKILL); healed at 45.01 s.",
		"6 shards failed over: their new masters accepted their first writes 8.00 s to 8.50 s after the fault, the slowest on shard 5 (r5); the slowest application had reached its new master after 9.00 s (shard 0)." +
			" On 6 of them a phase took longer than the configuration accounts for, most the opening on shard 5 (1.00 s, at most 15 ms predicted): it answered CLUSTERDOWN for 1.00 s, while 2 other shards had no master; the last to get one was shard 9, at 32.00 s: with cluster-require-full-coverage yes (the default) all shards wait for each other.",
		"4 masters were not replaced (shards 6, 7, 8 and 9). The first is m6: the shard has no replica.",
	}
	if got := Story(r); !slices.Equal(got, want) {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// Faults that are apart in what they do, or in time, are told apart.
func TestFaultsThatAreNotTogether(t *testing.T) {
	kill := report.Fault{Kind: "kill", Detail: "SIGKILL", Targets: []string{"a"}, Requested: new(record.Millis(1000.0)), Healed: new(record.Millis(5000.0))}
	for name, other := range map[string]report.Fault{
		"another kind": {Kind: "pause", Detail: "SIGKILL", Targets: []string{"b"}, Requested: new(record.Millis(1000.0)), Healed: new(record.Millis(5000.0))},
		"later":        {Kind: "kill", Detail: "SIGKILL", Targets: []string{"b"}, Requested: new(record.Millis(1200.0)), Healed: new(record.Millis(5000.0))},
		"not healed":   {Kind: "kill", Detail: "SIGKILL", Targets: []string{"b"}, Requested: new(record.Millis(1000.0))},
		"not reached":  {Kind: "kill"},
	} {
		if got := faultSentences([]report.Fault{kill, other}); len(got) != 2 {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestFaultsAreToldInOrderOfTime(t *testing.T) {
	got := faultSentences([]report.Fault{sample.Known(report.Fault{Kind: "kill", Detail: "SIGKILL", Targets: []string{"b"}, Requested: new(record.Millis(9000.0)), Effective: new(record.Millis(9000.0))}), {Kind: "stop"},
		sample.Known(report.Fault{Kind: "pause", Detail: "frozen", Targets: []string{"a"}, Requested: new(record.Millis(2000.0)), Effective: new(record.Millis(2000.0))})})
	want := []string{"At 2.00 s: a was paused (frozen); not seen to be healed.", "At 9.00 s: b was killed (SIGKILL); not seen to be healed.", "The fault stop was not reached."}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Nothing is told as done that is not known to be.
func TestFaultsThatFailedAreNotToldAsDone(t *testing.T) {
	for _, test := range []struct {
		fault report.Fault
		want  string
	}{
		{report.Fault{Skipped: "a is a replica by now, where a master was expected"}, "The fault kill was skipped: a is a replica by now, where a master was expected."},
		{report.Fault{Error: "no node answers"}, "The fault kill could not be injected: no node answers."},
		{report.Fault{Requested: new(record.Millis(1000.0)), Error: "kill a: no such container"}, "At 1.00 s the fault kill was injected into a (SIGKILL), which failed: kill a: no such container."},
		{report.Fault{Requested: new(record.Millis(1000.0))}, "At 1.00 s the fault kill was injected into a (SIGKILL); that it took hold was not seen."},
		{report.Fault{Requested: new(record.Millis(1000.0)), Effective: new(record.Millis(1010.0)), Error: "healing: start a: no such container"}, "At 1.00 s: a was killed (SIGKILL); healing: start a: no such container."},
	} {
		test.fault.Kind, test.fault.Detail, test.fault.Targets = "kill", "SIGKILL", []string{"a"}
		if got := FaultSentence(sample.Known(test.fault)); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// A master that was not replaced is told with what that cost.
func TestAMissedFailoverTellsTheOutage(t *testing.T) {
	r := &report.Result{Faults: []report.Fault{{Kind: "kill", Effective: new(record.Millis(1000.0)), Healed: new(record.Millis(9000.0))}}, Outages: []report.Outage{
		{Shard: 1, From: 0, To: 20_000}, {Shard: 0, From: 1001, To: 9500}, {Shard: 0, From: 9600, To: 9700},
	}}
	want := "a was not replaced as master of shard 0, which was unavailable for writes for 8.50 s: the shard has no replica."
	if got := missedSentence(r, report.Missed{Master: "a", Reason: "the shard has no replica"}); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

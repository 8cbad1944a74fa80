package analysis

import (
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Clients that all wait for a dead master starve the shards that are well; that they did is
// in the record, or it is not said.
func TestApplicationsOnShardsThatAreWell(t *testing.T) {
	// Shard 0 is hit from 1000 to 6000 ms; the clients have nothing acked on shard 1 meanwhile.
	run := func(more ...record.Event) *report.Result {
		events := append([]record.Event{
			sample.Started(), sample.Ack(5, 1000, "a", 0), sample.Ack(6010, 9000, "a", 0), sample.Ack(5, 9000, "b", 1), sample.Ack(5, 9000, "c", 2),
			sample.Kill(record.FaultRequested, 980), sample.Kill(record.FaultEffective, 1000), sample.Kill(record.FaultHealed, 6000),
			sample.At(5, &record.Acks{Workload: "w", Shard: 1, Node: "b", Until: 1100, Count: 9}), sample.At(6100, &record.Acks{Workload: "w", Shard: 1, Node: "b", Until: 9000, Count: 9}),
			sample.At(9000, &record.WorkloadDone{Name: "w", End: 9000}), sample.At(9001, &record.RunEnded{}),
		}, more...)
		return Analyze(sample.OneFault(), events)
	}
	occupied := func(from, until record.Millis, shard int) record.Event {
		return sample.At(from, &record.Occupied{Workload: "w", Shard: shard, Until: until})
	}
	for name, test := range map[string]struct {
		more []record.Event
		want []report.Cause
	}{
		"all wait":              {[]record.Event{occupied(1150, 3000, 0), occupied(3000, 6050, 0)}, []report.Cause{report.OutageClientsOccupied}},
		"they wait for a while": {[]record.Event{occupied(1150, 2000, 0)}, []report.Cause{report.CauseUnknown}},
		"for the same shard":    {[]record.Event{occupied(1150, 6050, 1)}, nil},
		"nobody waits":          {nil, nil},
	} {
		var got []report.Cause
		for _, finding := range run(test.more...).Shards[1].Findings {
			got = append(got, finding.Cause)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	s := run(occupied(1150, 3000, 0), occupied(3000, 6050, 0)).Shards[1]
	if waited := s.Findings[0].First("occupied"); *s.ClientGap != 5000 || waited.Name != "shard 0" || waited.Value != "w" || waited.Lasted() != 4900 {
		t.Errorf("%+v", s)
	}
}

// What a run that was killed does not tell of is not an outage of its applications.
func TestApplicationsAtTheEndOfACutRecord(t *testing.T) {
	events := []record.Event{sample.Started(), sample.Ack(5, 9000, "a", 0), sample.At(5, &record.Acks{Workload: "w", Shard: 0, Node: "a", Until: 8500, Count: 9})}
	if s := Analyze(&scenarios.Scenario{}, events).Shards[0]; *s.ClientGap > 0 {
		t.Errorf("nothing acked for %v ms", *s.ClientGap)
	}
	events[2].Data.(*record.Acks).Until = 5000
	if s := Analyze(&scenarios.Scenario{}, events).Shards[0]; *s.ClientGap != 3000 {
		t.Errorf("nothing acked for %v ms, want 3000 to the last second", *s.ClientGap)
	}
}

package report

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// A loss is told with the fault that took the mastership from the node that acked it.
func TestLosses(t *testing.T) {
	ms := func(ms float64) *float64 { return &ms }
	index := func(i int) *int { return &i }
	faults := []Fault{
		{Kind: "kill", Targets: []string{"a"}, EffectiveMS: ms(5000)},
		{Kind: "kill", Targets: []string{"b"}, EffectiveMS: ms(20_000)},
		{Kind: "partition", Targets: []string{"c"}, EffectiveMS: ms(30_000)},
		{Kind: "restart", Targets: []string{"d"}, EffectiveMS: ms(40_000)},
		{Kind: "restart", Targets: []string{"d"}, EffectiveMS: ms(50_000)},
	}
	failovers := []Failover{
		{Origin: OriginFault, Shard: 0, OldMaster: "a", NewMaster: "b", Fault: index(0), AtMS: ms(9000)},
		{Origin: OriginFault, Shard: 0, OldMaster: "b", NewMaster: "a", Fault: index(1), AtMS: ms(24_000)},
		{Origin: OriginFault, Shard: 1, OldMaster: "c", NewMaster: "c2", Fault: index(2), AtMS: ms(33_000), SplitBrainMS: ms(4000)},
		{Origin: OriginNone, Shard: 2, OldMaster: "x", NewMaster: "y", AtMS: ms(10_000)},
	}
	v := &record.Verified{Lost: 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9, Losses: []record.Loss{
		{Client: 0, Shard: 0, Node: "a", FirstMS: 4997, LastMS: 4999, Count: 2},     // just before the kill
		{Client: 1, Shard: 0, Node: "a", FirstMS: 4995, LastMS: 4998, Count: 3},     // by another client
		{Client: 0, Shard: 0, Node: "b", FirstMS: 19_990, LastMS: 19_999, Count: 4}, // by the next master
		{Client: 0, Shard: 1, Node: "c", FirstMS: 31_000, LastMS: 36_900, Count: 5}, // in the split brain, too
		{Client: 0, Shard: 2, Node: "x", FirstMS: 9000, LastMS: 9001, Count: 6},     // a failover that nobody asked for
		{Client: 0, Shard: 3, Node: "d", FirstMS: 39_000, LastMS: 39_900, Count: 7}, // no failover: it died
		{Client: 0, Shard: 3, Node: "d", FirstMS: 49_000, LastMS: 51_000, Count: 8}, // and once more
		{Client: 0, Shard: 4, Node: "e", FirstMS: 1, LastMS: 2, Count: 9},           // nothing happened to it
	}}
	workload := Workload{Name: "w"}
	workload.Writes.verify(v)
	h := arrange([]record.Event{
		at(0, &record.RunStarted{Config: map[string]string{"appendonly": "no", "maxmemory-policy": "allkeys-lru"}}),
		at(19_000, &record.Replication{Master: "b", Replica: "a"}),
		at(40_010, &record.NodeEvent{Node: "d", Action: "die"}), at(50_010, &record.NodeEvent{Node: "d", Action: "die"}),
		at(60_000, &record.RunEnded{}),
	})
	workload.Writes.Losses = h.lossesOf(v, failovers, faults)
	attribute(faults, []Workload{workload})
	want := [][]string{
		{"w", "4", "e", "1.00 ms", "2.00 ms", "9", "1", "no fault", "unknown; maxmemory-policy allkeys-lru may have evicted them"},
		{"w", "0", "a", "5.00 s", "5.00 s", "5", "2", "kill at 5.00 s", "not yet replicated to the new master"},
		{"w", "2", "x", "9.00 s", "9.00 s", "6", "1", "no fault", "not yet replicated to the new master"},
		{"w", "0", "b", "19.99 s", "20.00 s", "4", "1", "kill at 20.00 s", "the new master was not in sync"},
		{"w", "1", "c", "31.00 s", "36.90 s", "5", "1", "partition at 30.00 s", "acked by a master that was cut off, and discarded when it came back"},
		{"w", "3", "d", "39.00 s", "39.90 s", "7", "1", "restart at 40.00 s", "the server died, and came back without them"},
		{"w", "3", "d", "49.00 s", "51.00 s", "8", "1", "restart at 50.00 s", "the server died, and came back without them"},
	}
	got := losses(&Result{Workloads: []Workload{workload}, Faults: faults}).Rows
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i, row := range want {
		for column, cell := range row {
			if got[i][column] != cell {
				t.Errorf("got  %q\nwant %q", got[i], row)
				break
			}
		}
	}
	for i, lost := range []int64{5, 4, 5, 7, 8} {
		if faults[i].LostWrites == nil || *faults[i].LostWrites != lost {
			t.Errorf("fault %d: %v lost writes, want %d", i, faults[i].LostWrites, lost)
		}
	}
}

// Where it is not known of every lost write which one it is, no fault has a count.
func TestLossesThatAreNotKnown(t *testing.T) {
	lost, at := int64(3), 1.0
	faults := []Fault{{Kind: "kill", EffectiveMS: &at}}
	attribute(faults, []Workload{{Writes: Writes{Lost: &lost}}})
	if faults[0].LostWrites != nil {
		t.Error("lost writes that nobody can tell apart are told by fault")
	}
}

// A fault that ends no server and changes no master loses nothing.
func TestAPauseLosesNothing(t *testing.T) {
	ms := 5000.0
	h := arrange([]record.Event{at(0, &record.RunStarted{}), at(60_000, &record.RunEnded{})})
	v := &record.Verified{Lost: 1, Losses: []record.Loss{{Shard: 0, Node: "a", FirstMS: 4000, LastMS: 4001, Count: 1}}}
	got := h.lossesOf(v, nil, []Fault{{Kind: "pause", Targets: []string{"a"}, EffectiveMS: &ms}})
	if len(got) != 1 || got[0].Fault != nil || got[0].Cause != CauseUnknown {
		t.Errorf("%+v", got)
	}
}

// The losses of a shard are drawn where they were, not where another shard's were.
func TestLossWindowOfAShard(t *testing.T) {
	w := Writes{LossWindowMS: &[2]float64{10, 90}, Losses: []Loss{
		{Shard: 0, FirstMS: 10, LastMS: 20}, {Shard: 1, FirstMS: 80, LastMS: 90}, {Shard: 0, FirstMS: 15, LastMS: 30},
	}}
	if got := w.lossWindowOf(0); got == nil || *got != [2]float64{10, 30} {
		t.Errorf("shard 0: %v", got)
	}
	if got := w.lossWindowOf(2); *got != [2]float64{10, 90} {
		t.Errorf("where it is not known by shard: %v", got)
	}
}

package report

import (
	"testing"
)

// The first sentence is what a manager asks first: how long down, how much failed, what
// was lost.
func TestOutcomeComesFirst(t *testing.T) {
	ms := func(v float64) *float64 { return &v }
	count := func(n int64) *int64 { return &n }
	for want, r := range map[string]*Result{
		"Applications had no write acked on shard 1 for up to 9.36 s; 22.00 % of 1,000 operations failed. 3 of 780 acked writes were lost.": {
			Workloads: []Workload{{}}, Writes: Writes{Attempted: 1000, Acked: 780, Failed: 200, Indeterminate: 20, Lost: count(3), Judged: 780},
			Shards: []Shard{{Shard: 0, ClientGapMS: ms(200), UnavailableMS: ms(0)}, {Shard: 1, ClientGapMS: ms(9360), UnavailableMS: ms(8000)}},
		},
		// Clients that write once a second leave gaps that are none.
		"None of 30 operations failed. No acked write was lost, of 30.": {
			Workloads: []Workload{{}}, Writes: Writes{Attempted: 30, Acked: 30, Lost: count(0), Judged: 30},
			Shards: []Shard{{Shard: 0, ClientGapMS: ms(1000), UnavailableMS: ms(0)}},
		},
		"None of 9 operations failed. 5 of 9 acked writes were lost: 3 not yet replicated to the new master; 2 the server died, and came back without them.": {
			Workloads: []Workload{{Writes: Writes{Losses: []Loss{{Count: 2, Finding: Finding{Cause: LossDied}}, {Count: 1, Finding: Finding{Cause: LossNotReplicated}}}}}, {Writes: Writes{Losses: []Loss{{Count: 2, Finding: Finding{Cause: LossNotReplicated}}}}}},
			Writes:    Writes{Attempted: 9, Acked: 9, Lost: count(5), Judged: 9},
		},
		"50.00 % of 2 operations failed.": {Workloads: []Workload{{NoLoss: true}}, Writes: Writes{Attempted: 2, Acked: 1, Failed: 1}},
	} {
		if got := outcomeSentence(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if story := Story(r); story[0] != want {
			t.Errorf("it does not come first: %q", story)
		}
	}
	if got := outcomeSentence(&Result{}); got != "" {
		t.Errorf("no applications: %q", got)
	}
}

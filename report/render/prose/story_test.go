package prose

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// What the run did not get to is named all the same.
func TestAFaultThatWasNotReachedIsNamed(t *testing.T) {
	r := told(sample.OneFault(), []record.Event{sample.Started(), sample.At(500, &record.RunEnded{Interrupted: true})})
	if story := Story(r); len(story) != 2 || story[0] != "The fault kill was not reached." {
		t.Errorf("%q", story)
	}
}

func TestHeadlineCountsInWordsThatAgree(t *testing.T) {
	for want, expectations := range map[string][]report.Expectation{
		"PASS: s ran to its end; it expects nothing": nil,
		"PASS: s, the expectation held":              {{OK: true}},
		"PASS: s, all 2 expectations held":           {{OK: true}, {OK: true}},
		"FAIL: s, the expectation did not hold":      {{}},
		"FAIL: s, 1 of 2 expectations did not hold":  {{OK: true}, {}},
		"FAIL: s, 3 of 3 expectations did not hold":  {{}, {}, {}},
	} {
		r := &report.Result{Run: report.Run{Scenario: "s"}, Verdict: report.Pass, Expectations: expectations}
		if strings.HasPrefix(want, "FAIL") {
			r.Verdict = report.Fail
		}
		if got := Headline(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The first sentence is what a manager asks first: how long down, how much failed, what
// was lost.
func TestOutcomeComesFirst(t *testing.T) {
	ms := func(v record.Millis) *record.Millis { return &v }
	count := func(n int64) *int64 { return &n }
	for want, r := range map[string]*report.Result{
		"Applications had no write acked on shard 1 for up to 9.36 s; 22.00 % of 1,000 operations failed. 3 of 780 acked writes were lost.": {
			Workloads: []report.Workload{{}}, Writes: report.Writes{Attempted: 1000, Acked: 780, Failed: 200, Indeterminate: 20, Lost: count(3), Judged: 780},
			Shards: []report.Shard{{Shard: 0, ClientGap: ms(200), Unavailable: ms(0)}, {Shard: 1, ClientGap: ms(9360), Unavailable: ms(8000)}},
		},
		// Clients that write once a second leave gaps that are none.
		"None of 30 operations failed. No acked write was lost, of 30.": {
			Workloads: []report.Workload{{}}, Writes: report.Writes{Attempted: 30, Acked: 30, Lost: count(0), Judged: 30},
			Shards: []report.Shard{{Shard: 0, ClientGap: ms(1000), Unavailable: ms(0)}},
		},
		"None of 9 operations failed. 5 of 9 acked writes were lost: 3 not yet replicated to the new master; 2 the server died, and came back without them.": {
			Workloads: []report.Workload{{Writes: report.Writes{Losses: []report.Loss{{Count: 2, Finding: report.Finding{Cause: report.LossDied}}, {Count: 1, Finding: report.Finding{Cause: report.LossNotReplicated}}}}}, {Writes: report.Writes{Losses: []report.Loss{{Count: 2, Finding: report.Finding{Cause: report.LossNotReplicated}}}}}},
			Writes:    report.Writes{Attempted: 9, Acked: 9, Lost: count(5), Judged: 9},
		},
		"50.00 % of 2 operations failed.": {Workloads: []report.Workload{{NoLoss: true}}, Writes: report.Writes{Attempted: 2, Acked: 1, Failed: 1}},
	} {
		if got := outcomeSentence(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if story := Story(r); story[0] != want {
			t.Errorf("it does not come first: %q", story)
		}
	}
	if got := outcomeSentence(&report.Result{}); got != "" {
		t.Errorf("no applications: %q", got)
	}
}

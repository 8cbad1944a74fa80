package prose

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// A few occurrences are told of each by itself, many in one sentence, and a skipped one with its reason.
func TestOccurrenceSentences(t *testing.T) {
	var faults []report.Fault
	for i, target := range []string{"b2", "a2", "a10", "b2", "a2"} {
		at := record.Millis(1000 + 10_000*i)
		faults = append(faults, sample.Known(report.Fault{
			Step: &report.Step{Index: 0, Name: "flaps", Occurrence: i + 1}, Kind: "pause", Detail: "process frozen", Targets: []string{target},
			Requested: &at, Effective: &at, Healed: new(at + 500),
		}))
	}
	skipped := report.Fault{Step: &report.Step{Index: 1, Occurrence: 3}, Kind: "kill", Skipped: "the one before had not been healed"}
	for _, c := range []struct {
		faults []report.Fault
		want   []string
	}{
		{append(slices.Clone(faults), skipped), []string{
			"5 times from 1.00 s to 41.00 s: a2, b2 and a10 were paused (process frozen).",
			"The fault kill (3) was skipped: the one before had not been healed.",
		}},
		{faults[:2], []string{
			"At 1.00 s: b2 was paused (process frozen); healed at 1.50 s.",
			"At 11.00 s: a2 was paused (process frozen); healed at 11.50 s.",
		}},
	} {
		if got := faultSentences(c.faults); !slices.Equal(got, c.want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
	if got := Kind(faults[1]) + ", " + Kind(report.Fault{Kind: "stop"}); got != "pause (flaps, 2), stop" {
		t.Error(got)
	}
}

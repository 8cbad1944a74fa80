package outages

import (
	"fmt"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// That this program was not run for a moment makes no other cause.
func TestPartsOfAnOutageAreJoined(t *testing.T) {
	part := func(from, to record.Millis, cause report.Cause, node string) report.Outage {
		return report.Outage{From: from, To: to, Finding: report.Finding{Cause: cause, Node: node}}
	}
	for name, test := range map[string]struct {
		parts []report.Outage
		want  string
	}{
		"alike":              {[]report.Outage{part(0, 1, report.OutageDisk, "a"), part(1, 2, report.OutageDisk, "a")}, "0-2 disk;"},
		"of another node":    {[]report.Outage{part(0, 1, report.OutageDisk, "a"), part(1, 2, report.OutageDisk, "b")}, "0-1 disk;1-2 disk;"},
		"starved between":    {[]report.Outage{part(0, 1, report.OutageDisk, "a"), part(1, 2, report.OutageStarved, "a"), part(2, 3, report.OutageDisk, "a"), part(3, 4, report.OutageStarved, "a"), part(4, 5, report.OutageDisk, "a")}, "0-5 disk;"},
		"starved, and other": {[]report.Outage{part(0, 1, report.OutageDisk, "a"), part(1, 2, report.OutageStarved, "a"), part(2, 3, report.OutageLoading, "a")}, "0-1 disk;1-2 starved;2-3 loading;"},
		"starved at the end": {[]report.Outage{part(0, 1, report.OutageStarved, "a"), part(1, 2, report.OutageDisk, "a"), part(2, 3, report.OutageStarved, "a")}, "0-1 starved;1-2 disk;2-3 starved;"},
	} {
		got := ""
		for _, p := range joinAlike(test.parts) {
			got += fmt.Sprintf("%.0f-%.0f %s;", p.From, p.To, p.Cause)
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

package report

import (
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Part is what was found of one type of a mixed workload.
type Part struct {
	Type string `json:"type"`
	// Checked is how many acked writes were looked for.
	Checked int64 `json:"checked"`
	// Unverified is how many could not be: the figures are those of the others.
	Unverified     int64  `json:"unverified,omitempty"`
	Lost           int64  `json:"lost"`
	UnackedApplied int64  `json:"unacked_applied"`
	Duplicated     *int64 `json:"duplicated"`   // nil where the type cannot tell
	OutOfOrder     *int64 `json:"out_of_order"` // nil where the type cannot tell
}

func partsOf(v *record.Verified) []Part {
	var parts []Part
	for _, p := range v.Parts {
		parts = append(parts, Part{p.Name, p.Checked, p.Unverified, p.Lost, p.UnackedApplied, p.Duplicated, p.OutOfOrder})
	}
	return parts
}

// mixtures tells what was found of each type of mixed workloads.
func mixtures(r *Result) page.Section {
	s := page.Section{
		Title:   "Mixed workloads",
		Columns: page.Columns("workload", "type", ">acked, and looked for", ">not read back", ">lost", ">indeterminate, but applied", ">duplicated", ">out of order"),
	}
	for _, w := range r.Workloads {
		for _, p := range w.Parts {
			s.Rows = append(s.Rows, []string{w.Name, p.Type, Count(p.Checked), Count(p.Unverified), "**" + Count(p.Lost) + "**", Count(p.UnackedApplied),
				optionalCount(p.Duplicated), optionalCount(p.OutOfOrder)})
		}
	}
	return s
}

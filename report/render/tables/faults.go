package tables

import (
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// incidents lists what happened to the nodes without a fault.
func incidents(r *report.Result) page.Section {
	s := page.Section{
		Title:   "Incidents",
		Intro:   "What happened to nodes, by the word of what runs them, that no fault of the scenario had done.",
		Columns: page.Columns("node", "what", ">at", ">undone at"),
	}
	for _, i := range r.Incidents {
		s.Rows = append(s.Rows, []string{i.Node, prose.IncidentText(i), words.Duration(i.At), words.Optional(i.Until)})
	}
	return s
}

func faults(r *report.Result) page.Section {
	s := page.Section{Title: "Faults", Columns: page.Columns("fault", "", "targets", ">requested", ">took hold", ">healed")}
	told := slices.ContainsFunc(r.Faults, func(f report.Fault) bool { return f.Why != "" }) // older records do not
	if told {
		s.Columns = slices.Insert(s.Columns, 3, page.Columns("picked as")...)
	}
	for _, f := range r.Faults {
		detail := f.Detail
		if f.Mechanism != "" {
			detail += "; by " + f.Mechanism
		}
		if f.Skipped != "" {
			detail = "skipped: " + f.Skipped
		}
		row := []string{prose.Kind(f), detail, strings.Join(f.Targets, ", "), words.Optional(f.Requested), words.Optional(f.Effective), words.Optional(f.Healed)}
		if told {
			row = slices.Insert(row, 3, f.Why)
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// outcomes is what came of faults, where that is known only once they are done: what they did, as it was counted.
func outcomes(r *report.Result) page.Section {
	s := page.Section{Title: "What came of the faults", Columns: page.Columns("fault", "node", "")}
	for _, f := range r.Faults {
		for _, o := range f.Outcomes {
			s.Rows = append(s.Rows, []string{f.Kind, o.Node, o.Text})
		}
		for _, m := range f.Measured {
			s.Rows = append(s.Rows, []string{f.Kind, m.Node, prose.Measured(m)})
		}
	}
	return s
}

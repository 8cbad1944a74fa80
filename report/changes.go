package report

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report/page"
)

// changes lists the causes that were found, with what would change each.
func changes(r *Result) page.Section {
	s := page.Section{Title: "What would change it", Columns: page.Columns("what", "cause", "what would change it")}
	add := func(what string, f Finding) {
		row := []string{what, "`" + string(f.Cause) + "`", f.Change}
		if f.Change != "" && f.Cause != OutageMasterDown && !slices.ContainsFunc(s.Rows, func(other []string) bool { return slices.Equal(other, row) }) {
			s.Rows = append(s.Rows, row)
		}
	}
	for _, f := range r.Failovers {
		for _, p := range f.Phases {
			for _, finding := range p.Findings {
				add("the "+p.Name+" took longer than predicted", finding)
			}
		}
	}
	for _, m := range r.Missed {
		for _, finding := range m.Findings {
			add("a master was not replaced", finding)
		}
	}
	for _, o := range r.Outages {
		add("a shard took no writes", o.Finding)
		for _, p := range o.Causes {
			add("a shard took no writes", p.Finding)
		}
	}
	for _, shard := range r.Shards {
		for _, finding := range shard.Findings {
			add("applications had no write acked", finding)
		}
	}
	for _, w := range r.Workloads {
		for _, l := range slices.Concat(w.Writes.Losses, w.Writes.Removed) {
			add("acked writes are gone", l.Finding)
		}
	}
	return s
}

package set

import (
	"fmt"
	"html/template"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/plot"
)

// plots are the figures that matter first: those in the same unit on one axis.
func (s *Set) plots() []plot.Strips { return s.plotsOf("Figures of each run", false, headline()) }

// plotsOf draws figures that differ between runs, one plot for each unit.
func (s *Set) plotsOf(title string, fromZero bool, names []string) (all []plot.Strips) {
	for _, name := range names {
		f := s.Figure(name)
		if f == nil || !f.varies() {
			continue
		}
		unit := plot.Unit(f.Unit)
		i := slices.IndexFunc(all, func(p plot.Strips) bool { return p.Axis.Unit == unit })
		if i < 0 {
			i = len(all)
			all = append(all, plot.Strips{Title: title, Axis: plot.Axis{Unit: unit}, FromZero: fromZero})
		}
		all[i].Rows = append(all[i].Rows, s.strip(f))
	}
	return all
}

func (s *Set) strip(f *Figure) plot.Strip {
	row := plot.Strip{
		Label: f.Name, Median: f.Median, Interval: f.MedianCI, P95: f.P95,
		Note: fmt.Sprintf("median %s, %s", optional(f.Unit, f.Median), between(f.Unit, f.Min, f.Max)),
	}
	if f.Never > 0 {
		row.Note += fmt.Sprintf(", never in %d of %d", f.Never, f.N)
	}
	for _, e := range s.Expectations {
		if e.Figure == f.Name {
			row.Bounds = append(row.Bounds, plot.Bound{Value: e.Bound, Title: fmt.Sprintf("expected: %s %s", e.Name, e.Want)})
		}
	}
	for _, r := range Carried(s.Runs) {
		v, ok := r.Values[f.Name]
		if !ok {
			continue
		}
		row.Dots = append(row.Dots, plot.Dot{
			Value: v, Title: fmt.Sprintf("%s: %s", r.ID, Text(f.Unit, v)), Href: s.link(r.ID),
			Outlier: slices.ContainsFunc(f.Outliers, func(o Outlier) bool { return o.Run == r.ID }),
		})
	}
	return row
}

// drawn draws plots; the first of a page explains its marks.
func drawn(plots []plot.Strips, first bool) (all []template.HTML, err error) {
	for i, p := range plots {
		p.NoLegend = i > 0 || !first
		html, err := p.HTML()
		if err != nil {
			return nil, err
		}
		all = append(all, html)
	}
	return all, nil
}

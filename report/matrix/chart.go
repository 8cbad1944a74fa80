package matrix

import (
	"fmt"
	"path"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/plot"
	"github.com/redis-chaos/redis-chaos/report/set"
)

// chart is the picture of a matrix: a bar for each variant, of the medians of the phases, with
// the interval of the median of the whole.
func chart(m *Matrix) plot.Bars {
	c := plot.Bars{Title: "Phases of the slowest failover of a run, at the median", Axis: plot.Axis{Unit: plot.Millis}}
	for _, v := range m.Variants {
		c.Rows = append(c.Rows, v.bar())
	}
	return c
}

func (v Variant) bar() plot.Bar {
	b := plot.Bar{Label: v.Name, Href: v.link()}
	for _, phase := range phases() {
		f := v.figure(slowest(phase))
		if f == nil {
			continue
		}
		b.Parts = append(b.Parts, plot.Part{Name: phase, Value: *f.Median, Title: fmt.Sprintf("%s: %s at the median of %s", phase, set.Text(set.Millis, *f.Median), plural(f.N, "run"))})
	}
	var notes []string
	switch f := v.figure(figureFailoverTime); {
	case v.Unable != "":
		notes = append(notes, "could not be run")
	case f == nil:
		notes = append(notes, "no failover was measured")
	default:
		b.Interval = f.MedianCI
		notes = append(notes, v.median(figureFailoverTime))
	}
	if v.NotReplaced.Count > 0 {
		notes = append(notes, fmt.Sprintf("a master not replaced in %d of %s", v.NotReplaced.Count, plural(v.NotReplaced.N, "run")))
	}
	b.Note = strings.Join(notes, ", ")
	return b
}

// link is the report of a variant's set; "" if there is none.
func (v Variant) link() string {
	if len(v.Set.Runs) == 0 {
		return ""
	}
	return path.Join(v.Dir, "set.html")
}

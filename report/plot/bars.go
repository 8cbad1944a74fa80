package plot

import (
	"html/template"
	"slices"
	"strconv"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

// Bars has a bar for each row, stacked of parts, such as the phases of a failover.
type Bars struct {
	// Title says what is drawn, to who does not see it.
	Title string
	Axis  Axis // which begins at 0, and is linear
	Rows  []Bar
}

// Bar is a row.
type Bar struct {
	// Label is what the row is of, and Note what it comes to.
	Label, Note string
	// Href is where the label leads; empty is nowhere.
	Href string
	// Parts lie one after the other. Those of one name have one colour in all rows.
	Parts []Part
	// Interval is of all parts together; an end that is nil is open, and none is drawn if both are.
	Interval stats.Interval
}

// Part is a part of a bar. One that never came reaches to the lane at the end, and ends the bar.
type Part struct {
	Name  string
	Value stats.Value
	// Title is shown when it is pointed at.
	Title string
}

// bars is what the template draws.
type bars struct {
	Title  string
	Scale  scale
	Rows   []bar
	Legend []legend
}

type bar struct {
	Bar
	Parts []part
	Error *span
}

type part struct {
	Part
	Class    string
	X, Width percent
}

// HTML draws the bars.
func (b Bars) HTML() (template.HTML, error) {
	b.Axis.Log = false
	all := []stats.Value{0}
	var names []string
	for _, row := range b.Rows {
		var sum stats.Value
		for _, p := range row.Parts {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
			if p.shows() {
				sum += p.Value
				all = append(all, sum)
			}
		}
		for _, end := range row.Interval {
			if end != nil {
				all = append(all, *end)
			}
		}
	}
	drawn := bars{Title: b.Title, Scale: newScale(b.Axis, all, true)}
	class := func(name string) string { return "s" + strconv.Itoa(slices.Index(names, name)%mostSeries) }
	for _, row := range b.Rows {
		r := bar{Bar: row, Error: drawn.Scale.span(row.Interval)}
		var sum stats.Value
		for _, p := range row.Parts {
			if !p.shows() || sum.IsNever() {
				continue
			}
			from := drawn.Scale.at(float64(sum))
			sum += p.Value
			to, _ := drawn.Scale.place(sum)
			r.Parts = append(r.Parts, part{p, class(p.Name), from, max(0, to-from)})
		}
		drawn.Rows = append(drawn.Rows, r)
	}
	for _, name := range names {
		drawn.Legend = append(drawn.Legend, legend{"key " + class(name), name})
	}
	return execute("bars", drawn)
}

// shows tells whether a part has a length.
func (p Part) shows() bool { return p.Value.IsNever() || isNumber(float64(p.Value)) && p.Value >= 0 }

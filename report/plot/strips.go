package plot

import (
	"cmp"
	"html/template"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

// Strips has a row for each figure, or for each set: every run is a dot.
type Strips struct {
	// Title says what is drawn, to who does not see it.
	Title string
	Axis  Axis
	Rows  []Strip
	// FromZero has the axis begin at 0; otherwise it does where the values are not far from it.
	FromZero bool
	// NoLegend leaves out what the marks mean, where another plot on the page says it.
	NoLegend bool
}

// Strip is a row of dots.
type Strip struct {
	// Label is what the row is of, and Note what it comes to, in a few words.
	Label, Note string
	// Href is where the label leads; empty is nowhere.
	Href string
	Dots []Dot
	// Median is marked, and the interval that it is in a bar. An end that is nil is open; none is
	// drawn if both are.
	Median   *stats.Value
	Interval stats.Interval
	// P95 is the 95th percentile; nil is none.
	P95 *stats.Value
	// Bounds are what is expected. One that is far from all values is not drawn.
	Bounds []Bound
}

// Bound is a value that something is held against, and what is shown when it is pointed at.
type Bound struct {
	Value float64
	Title string
}

// Dot is one run.
type Dot struct {
	Value stats.Value
	// Title is shown when it is pointed at; Href is where it leads.
	Title, Href string
	// Outlier is one that stands out of the others.
	Outlier bool
}

const (
	laneColumns    = 7 // of dots in the lane of those that never came
	leastRowHeight = 26
)

// grain is how large the dots of a row are.
type grain struct {
	radius int // in pixels
	// pitch is how far apart two dots of a column are, in pixels, and width how far apart they must
	// be across to be in one row, in percent of a page of usual width.
	pitch  int
	width  percent
	levels int // how many of a column are above the middle, and below it
}

// grainOf makes many dots smaller.
func grainOf(dots int) grain {
	const many = 120
	if dots > many {
		return grain{radius: 3, pitch: 5, width: 0.85, levels: 5}
	}
	return grain{radius: 4, pitch: 7, width: 1.15, levels: 3}
}

// strips is what the template draws.
type strips struct {
	Title  string
	Scale  scale
	Rows   []strip
	Legend []legend
}

type strip struct {
	Strip
	Height, Middle int
	Dots           []dot
	Bar            *span
	Lines          []line
}

// Foot is where lines across the row end.
func (s strip) Foot() int { return s.Height - 2 }

type dot struct {
	Dot
	X percent
	Y int
	R int
}

// span is a bar from one end to the other, either of which may be open.
type span struct {
	X, Width        percent
	OpenLow, OpenTo bool
}

// End is where the bar ends.
func (s span) End() percent { return s.X + s.Width }

// line is one across a row.
type line struct {
	Class string
	X     percent
	Title string
}

type legend struct{ Class, Text string }

// HTML draws the strips.
func (s Strips) HTML() (template.HTML, error) {
	var all []stats.Value
	for _, row := range s.Rows {
		for _, d := range row.Dots {
			all = append(all, d.Value)
		}
		for _, v := range []*stats.Value{row.Median, row.Interval[0], row.Interval[1], row.P95} {
			if v != nil {
				all = append(all, *v)
			}
		}
	}
	drawn := strips{Title: s.Title, Scale: newScale(s.Axis, all, s.FromZero)}
	for _, row := range s.Rows {
		drawn.Rows = append(drawn.Rows, drawn.Scale.strip(row))
	}
	if !s.NoLegend {
		drawn.legend()
	}
	return execute("strips", drawn)
}

// strip lays a row out. Dots that would cover each other are moved up and down.
func (s scale) strip(row Strip) strip {
	drawn := strip{Strip: row}
	g := grainOf(len(row.Dots))
	placed, most := s.swarm(row.Dots, g), 0
	for _, p := range placed {
		most = max(most, p.level, -p.level)
	}
	drawn.Height = max(leastRowHeight, 2*(most*g.pitch+g.radius+2))
	drawn.Middle = drawn.Height / 2
	for _, p := range placed {
		drawn.Dots = append(drawn.Dots, dot{Dot: p.Dot, X: p.x, Y: drawn.Middle + p.level*g.pitch, R: g.radius})
	}
	drawn.Bar = s.span(row.Interval)
	mark := func(class string, v *stats.Value, title string) {
		if v == nil {
			return
		}
		if x, ok := s.place(*v); ok {
			drawn.Lines = append(drawn.Lines, line{class, x, title})
		}
	}
	mark("p95", row.P95, "95th percentile")
	for _, b := range row.Bounds {
		if b.Value >= s.from && b.Value <= s.to {
			mark("bound", (*stats.Value)(&b.Value), b.Title)
		}
	}
	mark("median", row.Median, "median")
	return drawn
}

// placed is a dot with where it is across, and how many dots above the middle.
type placed struct {
	Dot
	x     percent
	level int
}

// swarm finds each dot a place where it covers no other, as near to the middle as there is one.
func (s scale) swarm(dots []Dot, g grain) (all []placed) {
	sorted := slices.Clone(dots)
	slices.SortStableFunc(sorted, func(a, b Dot) int { return cmp.Compare(a.Value, b.Value) })
	rows := 2*g.levels + 1
	free := map[int]percent{} // by level: where the last dot ends
	never := 0
	for _, d := range sorted {
		x, ok := s.place(d.Value)
		switch {
		case !ok:
			continue
		case d.Value.IsNever():
			column, row := never%laneColumns, never/laneColumns
			never++
			x += percent(column-laneColumns/2) * g.width
			all = append(all, placed{d, x, alternate(row % rows)})
			continue
		}
		level := 0
		for i := range rows {
			level = alternate(i)
			if last, taken := free[level]; !taken || x >= last {
				break
			}
			level = alternate(len(all) % rows) // all are taken
		}
		free[level] = x + g.width
		all = append(all, placed{d, x, level})
	}
	return all
}

// alternate counts 0, -1, 1, -2, 2 and so on.
func alternate(i int) int {
	if i%2 == 1 {
		return -(i + 1) / 2
	}
	return i / 2
}

// span is an interval's bar; nil if it is bounded on neither side.
func (s scale) span(i stats.Interval) *span {
	low, hasLow := pointer(i[0])
	high, hasHigh := pointer(i[1])
	if !hasLow && !hasHigh {
		return nil
	}
	b := &span{OpenLow: !hasLow, OpenTo: !hasHigh}
	from, to := percent(scaleFrom), percent(s.end())
	if s.HasNever && !hasHigh {
		to = laneTo
	}
	if at, ok := s.place(stats.Value(low)); hasLow && ok {
		from = at
	}
	if at, ok := s.place(stats.Value(high)); hasHigh && ok {
		to = at
	}
	b.X, b.Width = from, max(0, to-from)
	return b
}

// legend explains the marks that occur.
func (s *strips) legend() {
	has := func(class string) bool {
		return slices.ContainsFunc(s.Rows, func(r strip) bool {
			return slices.ContainsFunc(r.Lines, func(l line) bool { return l.Class == class })
		})
	}
	some := func(f func(strip) bool) bool { return slices.ContainsFunc(s.Rows, f) }
	for _, l := range []struct {
		legend
		occurs bool
	}{
		{legend{"dot", "a run"}, true},
		{legend{"dot outlier", "stands out"}, some(func(r strip) bool { return slices.ContainsFunc(r.Dots, func(d dot) bool { return d.Outlier }) })},
		{legend{"median", "median"}, has("median")},
		{legend{"interval", "95 % interval of the median"}, some(func(r strip) bool { return r.Bar != nil })},
		{legend{"p95", "95th percentile"}, has("p95")},
		{legend{"bound", "expected"}, has("bound")},
	} {
		if l.occurs {
			s.Legend = append(s.Legend, l.legend)
		}
	}
}

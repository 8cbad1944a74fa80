package plot

import (
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
	// P95 is the 95th percentile, and Bound what is expected; each is a line if it is not nil.
	P95, Bound *stats.Value
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
	dotRadius = 4
	// dotPitch is how far apart two dots of a column are, in pixels, and how far apart they must
	// be across for one not to be above the other, in percent of a page of usual width.
	dotPitch       = 7
	dotWidth       = 1.15
	mostLevels     = 4 // above and below the middle
	laneColumns    = 7
	leastRowHeight = 26
)

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
		for _, v := range []*stats.Value{row.Median, row.Interval[0], row.Interval[1], row.P95, row.Bound} {
			if v != nil {
				all = append(all, *v)
			}
		}
	}
	drawn := strips{Title: s.Title, Scale: newScale(s.Axis, all, s.FromZero)}
	for _, row := range s.Rows {
		drawn.Rows = append(drawn.Rows, drawn.Scale.strip(row))
	}
	drawn.legend()
	return execute("strips", drawn)
}

// strip lays a row out. Dots that would cover each other are moved up and down.
func (s scale) strip(row Strip) strip {
	drawn := strip{Strip: row}
	levels := make([]int, 0, len(row.Dots))
	most := 0
	for _, level := range s.swarm(row.Dots) {
		levels = append(levels, level.level)
		most = max(most, abs(level.level))
		drawn.Dots = append(drawn.Dots, dot{Dot: level.Dot, X: level.x, R: dotRadius})
	}
	drawn.Height = max(leastRowHeight, 2*(most*dotPitch+dotRadius+2))
	drawn.Middle = drawn.Height / 2
	for i := range drawn.Dots {
		drawn.Dots[i].Y = drawn.Middle + levels[i]*dotPitch
	}
	drawn.Bar = s.span(row.Interval)
	for _, l := range []struct {
		class, title string
		at           *stats.Value
	}{{"p95", "95th percentile", row.P95}, {"bound", "expected", row.Bound}, {"median", "median", row.Median}} {
		if l.at == nil {
			continue
		}
		if x, ok := s.place(*l.at); ok {
			drawn.Lines = append(drawn.Lines, line{l.class, x, l.title})
		}
	}
	return drawn
}

// placed is a dot with where it is across, and how many dots above the middle.
type placed struct {
	Dot
	x     percent
	level int
}

// swarm finds each dot a place where it covers no other, as near to the middle as there is one.
func (s scale) swarm(dots []Dot) (all []placed) {
	sorted := slices.Clone(dots)
	slices.SortStableFunc(sorted, func(a, b Dot) int {
		switch {
		case a.Value < b.Value:
			return -1
		case a.Value > b.Value:
			return 1
		default:
			return 0
		}
	})
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
			x += percent(column-laneColumns/2) * dotWidth
			all = append(all, placed{d, x, alternate(row % (2*mostLevels + 1))})
			continue
		}
		level := 0
		for i := range 2*mostLevels + 1 {
			level = alternate(i)
			if last, taken := free[level]; !taken || x >= last {
				break
			}
			level = alternate(len(all) % (2*mostLevels + 1)) // all are taken
		}
		free[level] = x + dotWidth
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

func abs(n int) int { return max(n, -n) }

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

package plot

import (
	"html/template"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

// Scatter has points between two axes, each with its intervals, and joins those of a series.
type Scatter struct {
	// Title says what is drawn, to who does not see it.
	Title  string
	X, Y   Axis
	Series []Series
	// Band is what is predicted; nil is none.
	Band *Band
}

// Series is points that belong together.
type Series struct {
	Name   string
	Points []Point
	// Line joins the points, in their order, but for those that never came.
	Line bool
}

// Point is one of a series.
type Point struct {
	X, Y Estimate
	// Label stands beside it, and Title is shown when it is pointed at.
	Label, Title string
	// Href is where it leads; empty is nowhere.
	Href string
	// Strong is one to look at first.
	Strong bool
}

// Estimate is a value with the interval that it is in; an end that is nil is open, and no interval
// is drawn if both are.
type Estimate struct {
	Value    stats.Value
	Interval stats.Interval
}

// Band lies between two values of y along x.
type Band struct {
	Name   string
	Points []BandPoint
}

// BandPoint is what is predicted at one x.
type BandPoint struct{ X, Low, High float64 }

const (
	scatterHeight = 340
	// labelWidth is that of a character, in pixels.
	labelWidth = 6.3
	// usualWidth is that of a chart on a page, in pixels: what is laid out by it may be closer on a
	// phone.
	usualWidth = 760
	// mostSeries is how many colours there are.
	mostSeries = 8
)

// scatter is what the template draws. Down, places are in percent as well.
type scatter struct {
	Scatter
	ScaleX, ScaleY scale
	Height         int
	GutterWidth    int // of the texts of the y axis
	TicksY         []tick
	Bands          []string // polygons, in a square of 100
	Lines          []segment
	Errors         []segment
	Points         []point
	Legend         []legend
}

// segment is a straight line.
type segment struct {
	Class          string
	X1, Y1, X2, Y2 percent
}

type point struct {
	Point
	Class        string
	X, Y         percent
	Anchor       string
	TextX, TextY int // from the point, in pixels
}

// HTML draws the chart.
func (s Scatter) HTML() (template.HTML, error) { return execute("scatter", s.drawn()) }

// drawn lays the chart out.
func (s Scatter) drawn() *scatter {
	x, y := s.extent()
	drawn := &scatter{Scatter: s, ScaleX: newScale(s.X, x, false), ScaleY: newScale(s.Y, y, false), Height: scatterHeight}
	for _, t := range drawn.ScaleY.Ticks {
		drawn.TicksY = append(drawn.TicksY, tick{100 - t.At, t.Text})
		drawn.GutterWidth = max(drawn.GutterWidth, int(float64(utf8.RuneCountInString(t.Text))*labelWidth)+10)
	}
	if drawn.ScaleY.HasNever {
		drawn.TicksY = append(drawn.TicksY, tick{100 - lane, drawn.ScaleY.Never})
		drawn.GutterWidth = max(drawn.GutterWidth, int(float64(utf8.RuneCountInString(drawn.ScaleY.Never))*labelWidth)+10)
	}
	drawn.band()
	for i, series := range s.Series {
		drawn.series(series, "s"+strconv.Itoa(i%mostSeries))
	}
	drawn.labels()
	return drawn
}

// GutterText is where the texts of the y axis end, in pixels.
func (s *scatter) GutterText() int { return s.GutterWidth - 6 }

// extent is all values of both axes.
func (s Scatter) extent() (x, y []stats.Value) {
	add := func(to *[]stats.Value, e Estimate) {
		*to = append(*to, e.Value)
		for _, end := range e.Interval {
			if end != nil {
				*to = append(*to, *end)
			}
		}
	}
	for _, series := range s.Series {
		for _, p := range series.Points {
			add(&x, p.X)
			add(&y, p.Y)
		}
	}
	if s.Band != nil {
		for _, p := range s.Band.Points {
			x = append(x, stats.Value(p.X))
			y = append(y, stats.Value(p.Low), stats.Value(p.High))
		}
	}
	return x, y
}

// series draws the points of one that have a place.
func (s *scatter) series(series Series, class string) {
	var last *point
	for _, p := range series.Points {
		x, okX := s.ScaleX.place(p.X.Value)
		y, okY := s.ScaleY.place(p.Y.Value)
		if !okX || !okY {
			last = nil
			continue
		}
		drawn := point{Point: p, Class: class, X: x, Y: 100 - y}
		if series.Line && last != nil && !p.X.Value.IsNever() && !p.Y.Value.IsNever() {
			s.Lines = append(s.Lines, segment{class, last.X, last.Y, drawn.X, drawn.Y})
		}
		if b := s.ScaleX.span(p.X.Interval); b != nil {
			s.Errors = append(s.Errors, segment{class + open(b), b.X, drawn.Y, b.X + b.Width, drawn.Y})
		}
		if b := s.ScaleY.span(p.Y.Interval); b != nil {
			s.Errors = append(s.Errors, segment{class + open(b), drawn.X, 100 - b.X, drawn.X, 100 - b.X - b.Width})
		}
		s.Points = append(s.Points, drawn)
		if last = &drawn; p.X.Value.IsNever() || p.Y.Value.IsNever() {
			last = nil
		}
	}
	if series.Name != "" && len(series.Points) > 0 {
		s.Legend = append(s.Legend, legend{"key " + class, series.Name})
	}
}

// open marks an interval that has no end on one side.
func open(b *span) string {
	if b.OpenLow || b.OpenTo {
		return " open"
	}
	return ""
}

// band makes a polygon of what is predicted: along the upper edge, and back along the lower one.
func (s *scatter) band() {
	if s.Band == nil {
		return
	}
	points := slices.DeleteFunc(slices.Clone(s.Band.Points), func(p BandPoint) bool {
		return !s.ScaleX.shows(p.X) || !s.ScaleY.shows(p.Low) || !s.ScaleY.shows(p.High)
	})
	if len(points) < 2 {
		return
	}
	var corners []string
	corner := func(x, y float64) {
		corners = append(corners, strings.TrimSuffix(s.ScaleX.at(x).String(), "%")+","+strings.TrimSuffix((100-s.ScaleY.at(y)).String(), "%"))
	}
	for _, p := range points {
		corner(p.X, p.High)
	}
	for _, p := range slices.Backward(points) {
		corner(p.X, p.Low)
	}
	s.Bands = append(s.Bands, strings.Join(corners, " "))
	if s.Band.Name != "" {
		s.Legend = append(s.Legend, legend{"band", s.Band.Name})
	}
}

// box is where a text or a point is, in pixels of a page of usual width.
type box struct{ left, right, top, bottom float64 }

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

// labels finds each label a side of its point on which it covers nothing, if there is one.
func (s *scatter) labels() {
	const away, height, radius = 9, 13, 5
	var taken []box
	at := func(p point) (x, y float64) {
		return float64(p.X) / 100 * usualWidth, float64(p.Y) / 100 * scatterHeight
	}
	for _, p := range s.Points {
		x, y := at(p)
		taken = append(taken, box{x - radius, x + radius, y - radius, y + radius})
	}
	for i := range s.Points {
		p := &s.Points[i]
		x, y := at(*p)
		width := float64(utf8.RuneCountInString(p.Label)) * labelWidth
		sides := []struct {
			anchor string
			dx, dy int
		}{{"start", away, -away + 2}, {"start", away, away + 8}, {"end", -away, -away + 2}, {"end", -away, away + 8}}
		chosen := 0
		for n, side := range sides {
			b := box{left: x + float64(side.dx), bottom: y + float64(side.dy) + 3}
			if side.anchor == "end" {
				b.left -= width
			}
			b.right, b.top = b.left+width, b.bottom-height
			fits := b.left >= 0 && b.right <= usualWidth && b.top >= 0 && b.bottom <= scatterHeight
			if fits && !slices.ContainsFunc(taken, b.meets) {
				chosen = n
				taken = append(taken, b)
				break
			}
		}
		p.Anchor, p.TextX, p.TextY = sides[chosen].anchor, sides[chosen].dx, sides[chosen].dy
	}
}

package tune

import (
	"slices"
	"unicode/utf8"
)

// dot is a point with its intervals.
type dot struct {
	Class, Title string
	X            percent
	Y            int
	// Low to High is the interval of the median, and Far the 95th percentile.
	Low, High, Far int
	Beyond         bool // Far is never
	Left, Right    percent
	OpenLeft       bool // the interval has no end
	OpenRight      bool
	Lossy          bool   // writes were lost
	Best           bool   // it is recommended
	Label          string // beside which stands that it is the best
	Anchor         string
	LabelX         int // from the point, in pixels
	LabelY         int
}

// chartHeight is that of the area of the chart, in pixels.
const chartHeight = 430

// usualWidth is how wide a chart is taken to be where texts are placed, in pixels.
const usualWidth = 760

// area is a part of the drawing, in pixels.
type area struct{ left, right, top, bottom float64 }

func (a area) overlaps(b area) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

// labelled gives points their labels, that which is recommended first, each where it runs into
// no other label and no point, and none where there is no such place. The recommended point is
// drawn last, above the others.
func labelled(points []dot) []dot {
	slices.SortStableFunc(points, func(a, b dot) int { return boolean(b.Best) - boolean(a.Best) })
	var taken []area
	for _, s := range points {
		const radius = 7
		x, y := s.pixels()
		taken = append(taken, area{x - radius, x + radius, y - radius, y + radius})
	}
	for i := range points {
		s := &points[i]
		if place, ok := s.place(taken); ok {
			taken = append(taken, place)
		} else {
			s.Label = ""
		}
	}
	slices.Reverse(points)
	return points
}

func (s dot) pixels() (x, y float64) { return float64(s.X) / 100 * usualWidth, float64(s.Y) }

// place puts a label beside its point: above it to the left, where its intervals are not, or
// else at another corner.
func (s *dot) place(taken []area) (area, bool) {
	x, y := s.pixels()
	away, width := 8, float64(utf8.RuneCountInString(s.Label))*7+4
	if s.Best {
		away, width = 12, float64(utf8.RuneCountInString(s.Label+" recommended"))*8+4
	}
	for _, corner := range []struct {
		anchor   string
		dx, dy   int
		leftmost float64
	}{
		{"end", -away, -away, x - float64(away) - width}, {"start", away, away + 9, x + float64(away)},
		{"start", away, -away, x + float64(away)}, {"end", -away, away + 9, x - float64(away) - width},
	} {
		base := y + float64(corner.dy)
		at := area{corner.leftmost, corner.leftmost + width, base - 11, base + 3}
		if at.left < 0 || at.right > usualWidth || at.top < 0 || at.bottom > chartHeight || slices.ContainsFunc(taken, at.overlaps) {
			continue
		}
		s.Anchor, s.LabelX, s.LabelY = corner.anchor, corner.dx, corner.dy
		return at, true
	}
	return area{}, false
}

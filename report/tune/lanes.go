package tune

import (
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// lanes is every hiccup that was tried and every failover, by how long it lasted: across in
// percent of the width, and down in pixels.
type lanes struct {
	Height, Bottom int // with and without the texts of the axis
	Labels         []label
	Ticks          []mark
	Border         *mark // what is to be tolerated
	Tracks         []box
	Ranges         []box // predicted, and intervals
	Spots          []spot
	LeftOut        int // points for which there is no room
	Legend         []entry
}

// label names a lane, or the point that lanes are of.
type label struct {
	Class, Text string
	X, Y        int
}

// spot is one hiccup, or one failover.
type spot struct {
	Class, Title, Href string
	X                  percent
	Y                  int
}

const (
	laneHeight = 22
	lanePitch  = 25
	// mostLanes bounds the size of the page.
	mostLanes = 120
	// mostSpots is how many are drawn in one lane.
	mostSpots = 500
)

// drawer lays out the lanes from the top down.
type drawer struct {
	*lanes
	axis axis
	y    int
}

// lanes is nil where nothing was measured.
func (d *decision) lanes() *lanes {
	var times []float64
	rows := 0
	for _, c := range d.points {
		for _, s := range c.failures {
			rows++
			for _, v := range s.values {
				times = append(times, float64(v))
			}
		}
		for _, h := range c.hiccups {
			rows++
			for _, trial := range h.Trials {
				times = append(times, float64(trial.Length))
			}
			for _, end := range h.Threshold.L05CI {
				if end != nil {
					times = append(times, *end)
				}
			}
		}
	}
	if rows == 0 {
		return nil
	}
	if d.Tolerate != nil {
		times = append(times, float64(*d.Tolerate))
	}
	l := &drawer{lanes: &lanes{}, axis: newAxis(times)}
	for _, c := range d.inOrder() {
		if len(l.Tracks) > mostLanes {
			l.LeftOut++
			continue
		}
		l.point(d, c)
	}
	l.Bottom, l.Height = l.y, l.y+18
	if d.Tolerate != nil && d.untold == "" {
		l.Border = &mark{X: l.axis.x(*d.Tolerate), Text: fmt.Sprintf("%s %s", flagTolerate, flagDuration(*d.Tolerate))}
	}
	for _, t := range l.axis.ticks() {
		l.Ticks = append(l.Ticks, mark{X: l.axis.x(t.ms), Y: l.y + 13, Text: t.Text})
	}
	l.legend(d)
	return l.lanes
}

// legend explains what is drawn.
func (l *drawer) legend(d *decision) {
	drawn := func(class string) bool {
		return slices.ContainsFunc(l.Spots, func(s spot) bool { return s.Class == class }) || slices.ContainsFunc(l.Ranges, func(b box) bool { return b.Class == class })
	}
	for _, e := range []entry{
		{"survived", "hiccup without a failover"}, {"failed", "hiccup that caused one (lower)"}, {"failover", "failover " + d.where()},
		{"predicted", "predicted: when a silent node is marked as failed, and how long failovers take"},
	} {
		if drawn(e.Class) {
			l.Legend = append(l.Legend, e)
		}
	}
	l.Legend = append(l.Legend, entry{"interval", "intervals: of the length at which 5 % of hiccups cause a failover, and of the median failover"})
}

// inOrder are all points with something measured, by their values.
func (d *decision) inOrder() []candidate {
	return slices.DeleteFunc(d.sorted(), func(c candidate) bool { return len(c.failures)+len(c.hiccups) == 0 })
}

func (l *drawer) point(d *decision, c candidate) {
	point := d.Points[c.point]
	l.y += 16
	class := "value"
	if c.point == d.recommended() {
		class += " best"
	}
	l.Labels = append(l.Labels, label{class, short(c.name, 48), 0, l.y - 4})
	for _, h := range c.hiccups {
		l.lane(h.Kind, point.PredictedHiccup)
		l.interval("hiccups", h.Threshold.L05CI, fmt.Sprintf("%s: 5 %% of hiccups cause a failover at %s", c.name, h.found()))
		for _, trial := range h.Trials[:min(len(h.Trials), mostSpots)] {
			class, what := "survived", "no failover"
			if trial.Failed {
				class, what = "failed", "a failover"
			}
			title := fmt.Sprintf("%s: %s of %s: %s", c.name, h.Kind, words.Duration(trial.Length), what)
			l.spot(trial.Length, spot{Class: class, Title: title, Href: href(runOf(h.Runs, trial.Run)), Y: map[bool]int{false: 6, true: 13}[trial.Failed]})
		}
	}
	for _, f := range point.Failures {
		s := f.sample(d.figure)
		if s.N == 0 {
			continue
		}
		name := "failover"
		if f.Kind != ScenarioFailure {
			name = f.Kind
		}
		l.lane(name, point.Predicted)
		l.interval("failovers", numbers(s.MedianCI), fmt.Sprintf("%s: median %s", c.name, s.text()))
		for i, r := range f.Runs[:min(len(f.Runs), mostSpots)] {
			if v, ok := r.Values[d.figure]; ok && counts(r) {
				l.spot(record.Millis(v), spot{Class: "failover", Y: 5 + 3*(i%4), Title: fmt.Sprintf("%s, %s: %s", c.name, r.ID, exactly(v)), Href: href(&r)})
			}
		}
	}
	l.y += 4
}

// lane begins one.
func (l *drawer) lane(name string, predicted *[2]record.Millis) {
	l.Labels = append(l.Labels, label{"kind", short(name, 12), 8, l.y + 13})
	l.Tracks = append(l.Tracks, box{Width: 100, Y: l.y, Height: laneHeight})
	if predicted != nil {
		from, to := l.axis.x(predicted[0]), l.axis.x(predicted[1])
		title := fmt.Sprintf("predicted: %s to %s", brief(predicted[0]), brief(predicted[1]))
		l.Ranges = append(l.Ranges, box{Class: "predicted", X: from, Width: to - from, Y: l.y, Height: laneHeight, Title: title})
	}
	l.y += lanePitch
}

// short cuts a name to what there is room for.
func short(name string, most int) string {
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return name
}

// interval draws one in the lane that was begun last.
func (l *drawer) interval(class string, ci [2]*float64, title string) {
	if ci[0] == nil && ci[1] == nil {
		return
	}
	from, to := percent(0), percent(100)
	if ci[0] != nil {
		from = l.axis.x(record.Millis(*ci[0]))
	}
	if ci[1] != nil {
		to = l.axis.x(record.Millis(*ci[1]))
	}
	l.Ranges = append(l.Ranges, box{Class: class, X: from, Width: to - from, Y: l.y - lanePitch + laneHeight - 3, Height: 3, Title: title})
}

// spot draws one in the lane that was begun last, at its height in that.
func (l *drawer) spot(ms record.Millis, s spot) {
	s.X, s.Y = l.axis.x(ms), l.y-lanePitch+s.Y
	if math.IsInf(float64(ms), 1) {
		s.Class += " never"
	}
	l.Spots = append(l.Spots, s)
}

// exactly writes a figure in ms with all of its digits.
func exactly(v stats.Value) string {
	if v.IsNever() {
		return "it never came"
	}
	return words.Duration(record.Millis(v))
}

// found is the length at which 5 % cause a failover.
func (h Hiccup) found() string {
	if t := h.tolerance(); t != nil {
		return t.text()
	}
	return "not known"
}

func runOf(runs []set.Run, id string) *set.Run {
	if i := slices.IndexFunc(runs, func(r set.Run) bool { return r.ID == id }); i >= 0 {
		return &runs[i]
	}
	return nil
}

// place is a path that needs no escapes, whatever it is part of.
var place = regexp.MustCompile(`^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$`)

// isPlace tells whether a path leads to somewhere within the sweep's folder.
func isPlace(dir string) bool { return place.MatchString(dir) && filepath.IsLocal(dir) }

// href is where a run's report is, from the sweep's; "" if that is nowhere within its folder.
func href(r *set.Run) string {
	if r == nil || !isPlace(r.Dir) {
		return ""
	}
	return r.Dir + "/report.html"
}

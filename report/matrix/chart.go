package matrix

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// chart is the picture of a matrix: a bar for each variant, of the medians of the phases, with
// the median of the whole and its interval. It is laid out in percent of its width across, so
// that it fills whatever page it is on, and in pixels down.
type chart struct {
	Height, Bottom int // Bottom is where the bars end
	Rows           []bar
	Ticks          []tick
	Legend         []phase
}

// bar is a variant.
type bar struct {
	Label, Note string // Note is what the bar cannot show
	// NoteBad: it is of masters that were not replaced.
	NoteBad  bool
	TextY    int
	Y        int
	Height   int
	Segments []segment
	// Whole is the median of failover_time, and Low and High its interval; nil where that is
	// Never, or not known.
	Whole, Low, High *percent
	Middle           int // of the bar, down
	Title            string
}

// segment is a phase.
type segment struct {
	Class, Title string
	X, Width     percent
}

type tick struct {
	X      percent
	Text   string
	Anchor string
}

// phase is an entry of the legend.
type phase struct{ Class, Text string }

// percent is a place or a length across the chart.
type percent float64

func (p percent) String() string { return strconv.FormatFloat(float64(p), 'f', 2, 64) + "%" }

const (
	labelHeight = 20 // of the line of text above a bar, in pixels
	barHeight   = 18
	gapHeight   = 14 // below a bar
)

// draw lays the chart out; nil if no run had a failover.
func draw(m *Matrix) *chart {
	longest := 0.0
	for _, v := range m.Variants {
		longest = max(longest, v.extent())
	}
	if longest == 0 {
		return nil
	}
	c := &chart{}
	step := tickStep(longest)
	end := math.Ceil(longest/step) * step
	x := func(ms float64) percent { return percent(min(100, max(0, ms/end*100))) }
	for i := 0; float64(i)*step <= end+step/2; i++ {
		ms := float64(i) * step
		t := tick{X: x(ms), Text: seconds(ms), Anchor: "middle"}
		switch {
		case i == 0:
			t.Anchor = "start"
		case ms > end-step/2:
			t.Anchor = "end"
		}
		c.Ticks = append(c.Ticks, t)
	}
	y := 0
	for _, v := range m.Variants {
		b := v.bar(x)
		b.TextY, b.Y, b.Height = y+14, y+labelHeight, barHeight
		b.Middle = b.Y + b.Height/2
		c.Rows = append(c.Rows, b)
		y += labelHeight + barHeight + gapHeight
	}
	c.Bottom, c.Height = y, y+18
	for _, name := range phases() {
		c.Legend = append(c.Legend, phase{phaseFigure(name), name})
	}
	return c
}

// extent is how far a variant's bar reaches, in ms.
func (v Variant) extent() float64 {
	longest := 0.0
	for _, name := range phases() {
		if f := v.figure(slowestPrefix + phaseFigure(name)); f != nil {
			longest += float64(*f.Median)
		}
	}
	if f := v.figure(figureFailoverTime); f != nil {
		for _, value := range []*stats.Value{f.Median, f.MedianCI[0], f.MedianCI[1]} {
			if value != nil && !value.IsNever() {
				longest = max(longest, float64(*value))
			}
		}
	}
	return longest
}

// bar lays a variant's bar out across.
func (v Variant) bar(x func(ms float64) percent) bar {
	b := bar{Label: v.Name}
	at := 0.0
	for _, name := range phases() {
		f := v.figure(slowestPrefix + phaseFigure(name))
		if f == nil {
			continue
		}
		took := float64(*f.Median)
		b.Segments = append(b.Segments, segment{
			Class: phaseFigure(name), X: x(at), Width: x(at+took) - x(at),
			Title: fmt.Sprintf("%s: %s, %s: %s at the median of %s", v.Name, serverName(v.Set.Server), name, report.Duration(took), plural(f.N, "run")),
		})
		at += took
	}
	switch f := v.figure(figureFailoverTime); {
	case v.Unable != "":
		b.Note = "could not be run"
	case f == nil:
		b.Note = "no failover was measured"
	default:
		b.total(f, x)
	}
	if v.NotReplaced.Count > 0 {
		b.NoteBad = true
		b.Note = strings.TrimPrefix(fmt.Sprintf("%s; a master not replaced in %d of %d", b.Note, v.NotReplaced.Count, v.NotReplaced.N), "; ")
	}
	return b
}

// total marks the whole of a failover, with its interval.
func (b *bar) total(f *set.Figure, x func(ms float64) percent) {
	b.Note = shown(*f.Median, set.Millis)
	b.Title = fmt.Sprintf("failover time at the median of %s: %s", plural(f.N, "run"), b.Note)
	if between := interval(f.MedianCI, set.Millis); between != "" {
		b.Title += fmt.Sprintf(", %.0f %% interval %s", 100*stats.Confidence, between)
	}
	place := func(value *stats.Value) *percent {
		if value == nil || value.IsNever() {
			return nil
		}
		p := x(float64(*value))
		return &p
	}
	b.Whole, b.Low, b.High = place(f.Median), place(f.MedianCI[0]), place(f.MedianCI[1])
	if b.Low != nil && b.High == nil && f.MedianCI[1] != nil { // up to never
		end := percent(100)
		b.High = &end
	}
}

// tickStep is a round number of ms of which some six make up a length.
func tickStep(longest float64) float64 {
	const most = 7
	step := 1.0
	for i := 0; longest/step > most; i++ {
		step *= []float64{2, 2.5, 2}[i%3] // 1, 2, 5, 10, …
	}
	return step
}

// seconds writes a time on the axis.
func seconds(ms float64) string {
	if ms == 0 {
		return "0"
	}
	return strconv.FormatFloat(ms/1000, 'g', -1, 64) + " s"
}

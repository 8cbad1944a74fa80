// Package drawing lays out the timeline of a run.
package drawing

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// Drawing is the timeline laid out: across in percent of its width, so that it
// fills whatever page it is on, and down in pixels.
type Drawing struct {
	MinWidth, LabelWidth int
	Height, Top, Bottom  int // Top and Bottom bound the lanes
	Dense                bool

	Labels []shape // of the rows, in a column of their own
	Ticks  []shape
	Faults []shape
	Tracks []shape // what the bars of a lane lie on
	Bars   []shape
	Hits   []shape // a target's lane while the fault is in force
	Losses []shape
	Gaps   []shape // how long an application got no ack
	Marks  []shape // the moments of failovers
	Legend []state
}

// Depth is the height of the lanes.
func (d *Drawing) Depth() int { return d.Bottom - d.Top }

// shape is a bar, a line or a text, with what is shown when pointed at.
type shape struct {
	Class, Title   string
	X, Width       percent
	Y, Height      int
	Text           string
	TextX          percent
	TextY, TextGap int
	Anchor         string
}

// Length is a bar's length, in pixels where a share of the width would be too
// short to see.
func (s shape) Length() string {
	if s.Width < 0.15 {
		return "1.5"
	}
	return s.Width.String()
}

// Bottom is where the shape ends.
func (s shape) Bottom() int { return s.Y + s.Height }

// percent is a place or a length across the drawing.
type percent float64

func (p percent) String() string { return strconv.FormatFloat(float64(p), 'f', 2, 64) + "%" }

const (
	// minWidth is how narrow the drawing gets, in pixels. Its texts do not
	// overlap even then.
	minWidth = 680
	// textHeight is that of a row of text, in pixels.
	textHeight = 15
)

// painter lays out a run's timeline from the top down.
type painter struct {
	*Drawing
	end    record.Millis // of the run, in ms
	result *report.Result
	y      int // where the next row begins
	pitch  int // from one lane to the next
}

// Draw is the timeline of a run; nil if there is none.
func Draw(r *report.Result) *Drawing {
	if r.Timeline == nil {
		return nil
	}
	p := &painter{Drawing: &Drawing{MinWidth: minWidth}, end: r.Timeline.End, result: r}
	p.pitch = min(20, max(10, 700/max(1, len(r.Timeline.Lanes))))
	p.Dense = p.pitch < 15
	p.faults()
	p.Top = p.y
	for _, g := range laneGroups(r) {
		p.group(g)
	}
	p.Bottom = p.y
	p.ticks()
	p.Height = p.Bottom + textHeight + 3
	p.legend()
	return p.Drawing
}

func (p *painter) x(ms record.Millis) percent {
	return percent(min(1, max(0, float64(ms)/float64(p.end))) * 100)
}

// bar spans a time across the drawing.
func (p *painter) bar(from, to record.Millis) shape {
	return shape{X: p.x(from), Width: p.x(to) - p.x(from)}
}

// textWidth is about how wide a text is in the drawing at its narrowest.
func textWidth(text string) percent {
	return percent(float64(utf8.RuneCountInString(text))*6.3+10) / minWidth * 100
}

// band is what was so for a while: a fault, an incident, or a hole of the record.
type band struct {
	class, text, title string
	from, to           record.Millis // ms
}

// bands are all of them.
func (p *painter) bands() (all []band) {
	end := p.end
	for _, f := range p.result.Faults {
		if from, to, ok := f.InForce(end); ok {
			all = append(all, band{"fault", f.Kind + " " + shortList(f.Targets), prose.FaultSentence(f), from, to})
		}
	}
	told := prose.IncidentSentences(p.result)
	for i, incident := range p.result.Incidents {
		all = append(all, band{"incident", fmt.Sprintf("%s %s", incident.Node, incident.Action), told[i], incident.At, min(incident.Over(), end)})
	}
	for _, hole := range p.result.Holes {
		title := fmt.Sprintf("This program was not run from %s to %s.", words.Duration(hole.From), words.Duration(hole.To))
		all = append(all, band{"hole", "not observed", title, hole.From, hole.To})
	}
	return all
}

// faults draws a bar for each band above the lanes, in as many rows as their texts need.
func (p *painter) faults() {
	var rows []percent // where each is free from
	for _, b := range p.bands() {
		s := p.bar(b.from, b.to)
		s.Class, s.Text, s.Title = b.class, b.text, b.title
		left, right := p.caption(&s)
		row := slices.IndexFunc(rows, func(free percent) bool { return free <= left })
		if row < 0 {
			row, rows = len(rows), append(rows, 0)
		}
		rows[row] = right
		s.Y, s.Height = row*(textHeight+3), textHeight
		s.TextY = s.Y + 11
		p.Faults = append(p.Faults, s)
	}
	if len(rows) > 0 {
		p.label("faults", "head", 11)
		p.y = len(rows)*(textHeight+3) + 4
	}
}

// caption places a bar's text in the bar, or else beside it, and tells how far
// the two reach.
func (p *painter) caption(s *shape) (left, right percent) {
	left, right = s.X, s.X+s.Width
	width := textWidth(s.Text)
	s.Anchor, s.TextX, s.TextGap = "start", left, 5
	switch {
	case width <= s.Width:
	case right+width <= 100:
		s.TextX = right
		right += width
	default:
		s.Anchor, s.TextGap = "end", -5
		left -= width
	}
	return left, right
}

// label names a row in the column beside the drawing.
func (p *painter) label(text, class string, y int) {
	const longest = 26
	s := shape{Text: text, Class: class, TextY: y}
	if runes := []rune(text); len(runes) > longest {
		s.Text, s.Title = string(runes[:longest-1])+"…", text
	}
	p.LabelWidth = max(p.LabelWidth, utf8.RuneCountInString(s.Text)*7+8)
	p.Labels = append(p.Labels, s)
}

// group draws the lanes of a shard below the marks of its failovers.
func (p *painter) group(g laneGroup) {
	first := len(p.Marks)
	p.marks(g.shard)
	marks := p.Marks[first:]
	p.y += textHeight
	for _, m := range marks {
		p.y = max(p.y, m.Y+textHeight)
	}
	p.label(g.name, "head", p.y-4)
	for _, l := range g.lanes {
		p.lane(l)
	}
	for i := range marks {
		marks[i].Height = p.y - marks[i].Y
	}
	p.y += 6
}

func (p *painter) lane(l lane) {
	height := p.pitch - 3
	if p.Dense {
		height = p.pitch - 1
	}
	put := func(s shape) shape {
		s.Y, s.Height = p.y, height
		s.TextY = p.y + height/2 + 4
		return s
	}
	class := "node"
	client := l.Workload != ""
	if client {
		class = "client"
	}
	p.label(l.name(), class, p.y+height/2+4)
	p.Tracks = append(p.Tracks, put(shape{Width: 100}))
	for _, span := range l.Spans {
		s := put(p.bar(span.From, span.To))
		s.Class, s.Title = l.class(span), l.title(span)
		p.Bars = append(p.Bars, s)
	}
	for _, f := range p.result.Faults {
		if from, to, ok := f.InForce(p.end); ok && !client && slices.Contains(f.Targets, l.Node) {
			p.Hits = append(p.Hits, put(p.bar(from, to)))
		}
	}
	if l.lost > 0 {
		s := put(p.bar(l.window[0], l.window[1]))
		s.Y, s.Height = p.y+height-4, 4
		s.Title = fmt.Sprintf("%s: %s acked writes were lost; those lost were acked between %s and %s",
			l.Workload, words.Count(l.lost), words.Duration(l.window[0]), words.Duration(l.window[1]))
		p.Losses = append(p.Losses, s)
	}
	if client && !p.Dense {
		p.gaps(l, put)
	}
	p.y += p.pitch
}

// gaps writes into a workload's lane how long it got no ack.
func (p *painter) gaps(l lane, put func(shape) shape) {
	for _, gap := range l.silences() {
		for _, g := range report.Outside(p.result.Holes, gap[0], gap[1]) {
			s := put(p.bar(g[0], g[1]))
			s.Text = "no ack for " + words.Duration(g[1]-g[0])
			if textWidth(s.Text) <= s.Width {
				s.TextX, s.TextGap = s.X, 6
				p.Gaps = append(p.Gaps, s)
			}
		}
	}
}

// marks draws the moments of a shard's failovers, from left to right.
func (p *painter) marks(shard int) {
	var marks []shape
	for _, m := range marksOf(p.result, shard) {
		marks = append(marks, shape{X: p.x(m.at), Class: m.class, Text: m.text, Title: m.title})
	}
	slices.SortStableFunc(marks, func(a, b shape) int { return cmp.Compare(a.X, b.X) })
	ends := make([]percent, len(marks))
	for i := range marks {
		m := &marks[i]
		m.TextX, m.Anchor, m.TextGap = m.X, "start", 4
		width := textWidth(m.Text)
		left := m.X
		ends[i] = m.X + width
		if ends[i] > 100 {
			m.Anchor, m.TextGap = "end", -4
			left, ends[i] = m.X-width, m.X
		}
		// Below each text that it would run into, so that no line crosses a text.
		m.Y = p.y
		for j := range i {
			if ends[j] > left {
				m.Y = max(m.Y, marks[j].Y+textHeight-2)
			}
		}
		m.TextY = m.Y + 10
	}
	p.Marks = append(p.Marks, marks...)
}

// ticks marks the seconds of the run's clock.
func (p *painter) ticks() {
	step := record.Millis(1000)
	for i := 0; float64(p.end)/float64(step) > 10; i++ {
		step *= record.Millis([]float64{2, 2.5, 2}[i%3]) // 1, 2, 5, 10, …
	}
	for ms := record.Millis(0); ms <= p.end; ms += step {
		s := shape{X: p.x(ms), TextX: p.x(ms), TextY: p.Bottom + textHeight, Text: fmt.Sprintf("%.0f s", ms/1000), Anchor: "middle"}
		if ms == 0 {
			s.Anchor = "start"
		}
		p.Ticks = append(p.Ticks, s)
	}
}

// legend explains the colours that occur.
func (p *painter) legend() {
	p.Legend = slices.DeleteFunc(states(), func(s state) bool {
		if s.Class == "lost" {
			return len(p.Losses) == 0
		}
		return !slices.ContainsFunc(p.Bars, func(b shape) bool { return b.Class == s.Class })
	})
}

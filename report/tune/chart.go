package tune

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// chart is the trade-off: across, in percent of its width, the longest hiccup survived; upwards,
// in pixels, how long failovers take.
type chart struct {
	Height         int
	XTitle, YTitle string
	XTicks, YTicks []mark
	Regions        []box  // what the constraints exclude
	Borders        []edge // of these
	Diagonal       string // where failovers take as long as hiccups that are survived
	Band, Mean     string // as the configuration predicts them
	Curves         []curve
	Points         []dot
	Legend         []entry
	Crowded        bool     // a narrow page has no room for all labels
	LeftOut        []string // points that are not drawn, and why
}

// mark is a line or a text at one place of an axis.
type mark struct {
	X    percent
	Y    int
	Text string
}

// box is an area.
type box struct {
	Class     string
	X, Width  percent
	Y, Height int
	Title     string
}

// edge is where an area ends.
type edge struct {
	X1, X2 percent
	Y1, Y2 int
	Text   string
	TextX  percent
	TextY  int
	Anchor string
	Gap    int
}

// curve joins the points of one series. Its points are in percent across, and in pixels down.
type curve struct{ Class, Points string }

// entry explains a class of marks.
type entry struct{ Class, Text string }

// painter draws a chart.
type painter struct {
	*chart
	*decision
	x, y  axis
	drawn []candidate // that have both figures
}

// chart is nil where no point has both figures.
func (d *decision) chart() *chart {
	p := &painter{chart: &chart{Height: chartHeight}, decision: d}
	for _, c := range d.sorted() {
		switch {
		case c.own.N == 0 || c.own.Median.IsNever():
			p.LeftOut = append(p.LeftOut, fmt.Sprintf("%s: %s", c.name, c.out))
		case c.tolerance == nil:
			p.LeftOut = append(p.LeftOut, fmt.Sprintf("%s: it is not known how long hiccups it survives", c.name))
		default:
			p.drawn = append(p.drawn, c)
		}
	}
	p.Crowded = len(p.drawn) > 8
	if len(p.drawn) == 0 {
		return nil
	}
	p.scale()
	p.axes()
	p.constraints()
	p.predictions()
	p.series()
	p.chart.Points = labelled(p.chart.Points)
	p.legend()
	return p.chart
}

// scale makes the axes long enough for all that is drawn.
func (p *painter) scale() {
	var across, up []float64
	for _, c := range p.drawn {
		across = append(across, float64(c.tolerance.ms))
		for _, end := range c.tolerance.ci {
			if end != nil {
				across = append(across, *end)
			}
		}
		low, high := c.own.interval()
		up = append(up, float64(low), float64(high), float64(*c.own.P95), float64(*c.own.Median))
		point := p.pointOf(c)
		if point.PredictedL05 != nil && point.PredictedMean != nil {
			across, up = append(across, float64(*point.PredictedL05)), append(up, float64(*point.PredictedMean))
		}
	}
	if p.Tolerate != nil {
		across = append(across, float64(*p.Tolerate))
	}
	if p.MaxFailover != nil {
		up = append(up, float64(*p.MaxFailover))
	}
	p.x, p.y = newAxis(across), newAxis(up)
}

// pointOf is the point of a candidate.
func (p *painter) pointOf(c candidate) Point { return p.Tune.Points[c.point] }

// down is where a time is, in pixels from the top.
func (p *painter) down(ms record.Millis) int { return int(math.Round((1 - p.y.at(ms)) * chartHeight)) }

func (p *painter) axes() {
	p.XTitle = "longest hiccup survived (5 % of hiccups as long cause a failover)"
	p.YTitle = "failover " + p.where()
	for _, t := range p.x.ticks() {
		p.XTicks = append(p.XTicks, mark{X: p.x.x(t.ms), Text: t.Text})
	}
	for _, t := range p.y.ticks() {
		p.YTicks = append(p.YTicks, mark{Y: p.down(t.ms), Text: t.Text})
	}
	// Both axes are times: no failover takes less than the hiccups that are survived.
	from, to := max(p.x.low, p.y.low), min(p.x.high, p.y.high)
	if from < to {
		p.Diagonal = p.path([][2]float64{{from, from}, {to, to}})
	}
}

// path is points across and up, in ms, as those of a line, which may leave the drawing.
func (p *painter) path(points [][2]float64) string {
	var all []string
	for _, at := range points {
		all = append(all, fmt.Sprintf("%.2f,%.1f", p.x.share(record.Millis(at[0]))*100, (1-p.y.share(record.Millis(at[1])))*chartHeight))
	}
	return strings.Join(all, " ")
}

// constraints shade what they exclude.
func (p *painter) constraints() {
	if p.untold == "" && p.Tolerate != nil {
		x := p.x.x(*p.Tolerate)
		p.Regions = append(p.Regions, box{Width: x, Height: chartHeight, Title: fmt.Sprintf("hiccups of %s cause failovers", limit(*p.Tolerate))})
		p.Borders = append(p.Borders, edge{X1: x, X2: x, Y2: chartHeight, Text: "survives " + limit(*p.Tolerate) + " →", TextX: x, TextY: chartHeight - 8, Anchor: "start", Gap: 6})
	}
	if p.MaxFailover != nil {
		y := p.down(*p.MaxFailover)
		p.Regions = append(p.Regions, box{Width: 100, Height: y, Title: fmt.Sprintf("failovers take more than %s", limit(*p.MaxFailover))})
		p.Borders = append(p.Borders, edge{X2: 100, Y1: y, Y2: y, Text: "↓ 95 % within " + limit(*p.MaxFailover), TextX: 100, TextY: y + 14, Anchor: "end", Gap: -6})
	}
}

// predictions are drawn by the points' predictions, one for each length of hiccups.
func (p *painter) predictions() {
	type prediction struct{ hiccup, least, mean, most float64 }
	var all []prediction
	for _, point := range p.Tune.Points {
		if point.Predicted != nil && point.PredictedMean != nil && point.PredictedL05 != nil {
			all = append(all, prediction{float64(*point.PredictedL05), float64(point.Predicted[0]), float64(*point.PredictedMean), float64(point.Predicted[1])})
		}
	}
	slices.SortFunc(all, func(a, b prediction) int { return cmp.Compare(a.hiccup, b.hiccup) })
	all = slices.CompactFunc(all, func(a, b prediction) bool { return a.hiccup == b.hiccup })
	if len(all) < 2 {
		return
	}
	var band, back, mean [][2]float64
	for _, at := range all {
		mean = append(mean, [2]float64{at.hiccup, at.mean})
		band = append(band, [2]float64{at.hiccup, at.least})
		back = append(back, [2]float64{at.hiccup, at.most})
	}
	slices.Reverse(back)
	p.Band, p.Mean = p.path(append(band, back...)), p.path(mean)
}

// mostCurves is how many series have a colour of their own.
const mostCurves = 6

// series joins the points that differ in the first parameter alone.
func (p *painter) series() {
	var names []string
	byName := map[string][]candidate{}
	for _, c := range p.drawn {
		name := p.pointOf(c).series()
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], c)
	}
	for i, name := range names {
		class := "plain"
		if len(names) > 1 && len(names) <= mostCurves {
			class = fmt.Sprintf("series%d", i)
			p.Legend = append(p.Legend, entry{class, name})
		}
		var line [][2]float64
		for _, c := range byName[name] {
			if c.out == "" {
				line = append(line, [2]float64{float64(c.tolerance.ms), float64(*c.own.Median)})
			}
			p.chart.Points = append(p.chart.Points, p.dot(c, class))
		}
		p.Curves = append(p.Curves, curve{class, p.path(line)})
	}
}

func (p *painter) dot(c candidate, class string) dot {
	low, high := c.own.interval()
	s := dot{
		Class: class, Title: p.title(c), X: p.x.x(c.tolerance.ms), Y: p.down(record.Millis(*c.own.Median)),
		Low: p.down(record.Millis(low)), High: p.down(record.Millis(high)), Far: p.down(record.Millis(*c.own.P95)), Beyond: c.own.P95.IsNever(),
		Left: 0, Right: 100, OpenLeft: true, OpenRight: true, Lossy: c.ownLoss.with > 0,
	}
	if end := c.tolerance.ci[0]; end != nil {
		s.Left, s.OpenLeft = p.x.x(record.Millis(*end)), false
	}
	if end := c.tolerance.ci[1]; end != nil {
		s.Right, s.OpenRight = p.x.x(record.Millis(*end)), false
	}
	switch {
	case c.out != "":
		s.Class = "unjudged missing"
	case !c.satisfies():
		s.Class += " missing"
	}
	s.Label = c.name
	if len(p.Parameters) > 1 {
		s.Label = fmt.Sprintf("#%d", c.point+1)
	}
	if p.recommends(c) {
		s.Best = true
		s.Class += " best"
	}
	return s
}

func (p *painter) recommends(c candidate) bool {
	return c.point == p.recommended()
}

// title is a point's figures in words.
func (p *painter) title(c candidate) string {
	parts := []string{
		fmt.Sprintf("%s: median failover %s %s, %s", c.name, c.own.text(), p.where(), c.own.spread()),
		fmt.Sprintf("hiccups survived (%s): %s", c.tolerance.kind, c.tolerance.text()),
	}
	if c.ownLoss.runs > 0 {
		parts = append(parts, "writes lost: "+c.ownLoss.text())
	}
	if c.chance != nil {
		parts = append(parts, fmt.Sprintf("meets the constraints with a probability of %s", percentage(*c.chance)))
	}
	return strings.Join(parts, "\n")
}

// legend explains what is drawn.
func (p *painter) legend() {
	drawn := func(class string) bool {
		return slices.ContainsFunc(p.chart.Points, func(s dot) bool { return strings.Contains(s.Class, class) })
	}
	p.Legend = append(p.Legend, entry{"median", "median failover, with its interval (thick) and up to the 95th percentile (thin); across, the interval of the longest hiccup survived"})
	if drawn("unjudged") {
		p.Legend = append(p.Legend, entry{"unjudged", "not judged: too little was measured"})
	}
	if slices.ContainsFunc(p.drawn, func(c candidate) bool { return c.out == "" && !c.satisfies() }) {
		p.Legend = append(p.Legend, entry{"missing", "misses a constraint"})
	}
	if slices.ContainsFunc(p.chart.Points, func(s dot) bool { return s.Lossy }) {
		p.Legend = append(p.Legend, entry{"lossy", "lost acked writes in some run"})
	}
	if p.Mean != "" {
		p.Legend = append(p.Legend, entry{"mean", "predicted by the configuration, on average"}, entry{"predicted", "from the least to the most"})
	}
	if p.Diagonal != "" {
		p.Legend = append(p.Legend, entry{"diagonal", "no failover is faster than this: it takes longer than the hiccups that are survived"})
	}
	if len(p.Regions) > 0 {
		p.Legend = append(p.Legend, entry{"excluded", "excluded by the constraints"})
	}
}

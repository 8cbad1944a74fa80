package plot

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

func value(v float64) *stats.Value {
	of := stats.Value(v)
	return &of
}

// interval makes one; NaN is an open end.
func interval(low, high float64) (i stats.Interval) {
	for n, v := range []float64{low, high} {
		if !math.IsNaN(v) {
			i[n] = value(v)
		}
	}
	return i
}

// drawn is a plot, checked: it is well-formed, all that is drawn is within its SVG, and no number
// is one that nobody can draw.
func drawn(t *testing.T, p interface{ HTML() (template.HTML, error) }) string {
	t.Helper()
	html, err := p.HTML()
	if err != nil {
		t.Fatal(err)
	}
	text := string(html)
	for _, bad := range []string{"NaN", "Inf", "e+", "%!", "<script", "javascript"} {
		if strings.Contains(text, bad) {
			t.Errorf("there is %s in %s", bad, text)
		}
	}
	d := xml.NewDecoder(strings.NewReader(text))
	var heights []float64 // of the SVGs that are open
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text
		}
		if err != nil {
			t.Fatalf("it is not well-formed: %v\n%s", err, text)
		}
		switch token := token.(type) {
		case xml.StartElement:
			attributes := map[string]string{}
			for _, a := range token.Attr {
				attributes[a.Name.Local] = a.Value
			}
			if token.Name.Local == "svg" {
				height, err := strconv.ParseFloat(attributes["height"], 64)
				if err != nil && attributes["height"] != "100%" {
					t.Errorf("an SVG's height is %q", attributes["height"])
				}
				heights = append(heights, height)
				continue
			}
			if len(heights) > 0 {
				checkInside(t, token.Name.Local, attributes, heights[len(heights)-1])
			}
		case xml.EndElement:
			if token.Name.Local == "svg" {
				heights = heights[:len(heights)-1]
			}
		}
	}
}

func checkInside(t *testing.T, element string, attributes map[string]string, height float64) {
	t.Helper()
	ends := map[string]float64{}
	for name, most := range map[string]float64{"x": 100, "x1": 100, "x2": 100, "cx": 100, "width": 100, "y": height, "y1": height, "y2": height, "cy": height, "height": height} {
		text, ok := attributes[name]
		if !ok {
			continue
		}
		number, isPercent := strings.CutSuffix(text, "%")
		if isPercent {
			most = 100
		}
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || v < 0 || v > most {
			t.Errorf("<%s %s=%q>, of 0 to %v", element, name, text, most)
		}
		ends[name] = v
	}
	if sum := ends["x"] + ends["width"]; element == "rect" && sum > 100.01 {
		t.Errorf("a <rect> ends at %v %%", sum)
	}
	if element == "polygon" {
		for _, corner := range strings.Fields(attributes["points"]) {
			for _, number := range strings.Split(corner, ",") {
				if v, err := strconv.ParseFloat(number, 64); err != nil || v < 0 || v > 100 {
					t.Errorf("a corner at %q", corner)
				}
			}
		}
	}
}

func wantAll(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
}

func TestStrips(t *testing.T) {
	text := drawn(t, Strips{
		Title: "all runs", Axis: Axis{Label: "since the fault", Unit: Millis},
		Rows: []Strip{{
			Label: "failover_time", Note: "median 2.4 s <", Href: "#a", Median: value(2400), Interval: interval(2300, 2500), P95: value(2900),
			Bounds: []Bound{{2600, "expected: 2.6 s"}, {90_000, "expected: far away"}, {math.NaN(), "expected: nothing"}},
			Dots:   []Dot{{2400, "run-1: 2.4 s", "runs/run-1/report.html", false}, {2401, "run-2", "", false}, {9000, "run-3", "", true}, {stats.Never, "run-4: never", "", false}},
		}, {
			Label: "client <b>", Median: value(3000), Interval: interval(2000, math.NaN()), Dots: []Dot{{3000, "run-1", "javascript:alert(1)", false}},
		}, {Label: "nothing"}},
	})
	wantAll(t, text,
		`<a href="#a">failover_time</a>`, "median 2.4 s &lt;", `<a href="runs/run-1/report.html"><circle cx="`, "<title>run-1: 2.4 s</title>",
		"client &lt;b&gt;", `class="outlier"`, `class="interval open"`, "since the fault", `aria-label="all runs: failover_time"`,
		">never</text>", "<title>expected: 2.6 s</title>", "95 % interval of the median", "stands out", ">4 s</text>")
	for _, missing := range []string{"far away", "expected: nothing"} {
		if strings.Contains(text, missing) {
			t.Errorf("%s is drawn", missing)
		}
	}
	if n := strings.Count(text, "<circle"); n != 5 {
		t.Errorf("%d dots", n)
	}
}

// Dots do not cover each other, and a row grows no higher than it must.
func TestDotsAreApart(t *testing.T) {
	for _, n := range []int{1, 10, 40, 119, 500} {
		var row Strip
		for i := range n {
			row.Dots = append(row.Dots, Dot{Value: stats.Value(1000 + i%7)})
		}
		s := newScale(Axis{Unit: Millis}, []stats.Value{0, 2000}, true).strip(row)
		if len(s.Dots) != n || s.Height > 80 || n == 1 && s.Height != leastRowHeight {
			t.Errorf("%d dots: %d drawn, %d px high", n, len(s.Dots), s.Height)
		}
		if n > 40 {
			continue // more than there is room for
		}
		places := map[string]bool{}
		for _, d := range s.Dots {
			places[fmt.Sprint(d.X, d.Y)] = true
		}
		if n <= 7 && len(places) != n {
			t.Errorf("%d dots at %d places", n, len(places))
		}
	}
}

func TestScatter(t *testing.T) {
	estimate := func(v, low, high float64) Estimate { return Estimate{stats.Value(v), interval(low, high)} }
	nan := math.NaN()
	s := Scatter{
		Title: "the trade-off", X: Axis{Label: "longest hiccup survived", Unit: Millis, Log: true, Never: "no failover"}, Y: Axis{Label: "failover time", Unit: Millis, Log: true},
		Series: []Series{
			{Name: "kill", Line: true, Points: []Point{
				{X: estimate(400, 300, 500), Y: estimate(1500, 1400, 1900), Label: "500ms", Title: "500ms: 1.5 s", Href: "runs/500ms/set.html"},
				{X: estimate(900, 800, nan), Y: estimate(2800, nan, 3000), Label: "1s", Strong: true},
				{X: estimate(nan, nan, nan), Y: estimate(1, 1, 1), Label: "nowhere"},
				{X: estimate(-5, nan, nan), Y: estimate(1, 1, 1), Label: "below the logarithm"},
				{X: estimate(1800, nan, nan), Y: estimate(math.Inf(1), 4000, math.Inf(1)), Label: "2s"},
				{X: estimate(math.Inf(1), 5000, nan), Y: estimate(9000, nan, nan), Label: "5s"},
			}},
			{Name: "partition", Points: []Point{{X: estimate(420, nan, nan), Y: estimate(1510, nan, nan), Label: "500ms"}}},
			{Name: "empty"},
		},
		Band: &Band{"predicted", []BandPoint{{300, 1000, 2000}, {900, 1500, 3500}, {nan, 1, 2}, {5000, 5000, 20_000}}},
	}
	text := drawn(t, s)
	wantAll(t, text, "longest hiccup survived", "failover time", ">500ms</text>", ">1s</text>", "<title>500ms: 1.5 s</title>", `<a href="runs/500ms/set.html">`,
		`class="s0 strong"`, `class="s1"`, "partition", "predicted", ">never</text>", ">no failover</text>", "<polygon", `class="s0 open"`, `>1 s</text>`, `>500 ms</text>`)
	for _, missing := range []string{"nowhere", "below the logarithm", ">empty<"} {
		if strings.Contains(text, missing) {
			t.Errorf("%s is drawn", missing)
		}
	}
	if points, joined := strings.Count(text, "<circle"), strings.Count(text[strings.Index(text, `class="joined"`):strings.Index(text, `class="errors"`)], "<line"); points != 5 || joined != 1 {
		t.Errorf("%d points, %d of them joined to the last", points, joined)
	}
	var file strings.Builder
	if err := s.WriteSVG(&file); err != nil {
		t.Fatal(err)
	}
	wantAll(t, file.String(), `<svg xmlns="http://www.w3.org/2000/svg"`, "longest hiccup survived", "failover time", ">500ms</text>", ">predicted</text>", ">never</text>", "--ground:")
	if err := xml.Unmarshal([]byte(file.String()), new(struct{})); err != nil {
		t.Error(err)
	}
	s.X.Log, s.Y.Log = false, false
	drawn(t, s)
	drawn(t, Scatter{})
	drawn(t, Scatter{X: Axis{Log: true}, Y: Axis{Log: true}, Band: &Band{Points: []BandPoint{{1, 1, 1}}}, Series: []Series{{Points: []Point{{}, {X: estimate(5, nan, nan), Y: estimate(5, nan, nan)}}}}})
}

func TestBars(t *testing.T) {
	text := drawn(t, Bars{
		Title: "phases", Axis: Axis{Label: "median of each phase", Unit: Millis, Log: true},
		Rows: []Bar{
			{Label: "Redis 7.0.15", Note: "3.8 s", Href: "7/set.html", Interval: interval(3000, 4500), Parts: []Part{{"suspicion", 2500, "suspicion: 2.5 s"}, {"agreement", 400, ""}, {"opening", 5, ""}}},
			{Label: "Valkey 9.1", Parts: []Part{{"suspicion", 2500, ""}, {"election delay", stats.Never, "never elected"}, {"opening", 5, ""}, {"agreement", -3, ""}, {"votes", stats.Value(math.NaN()), ""}}},
			{Label: "nothing"},
		},
	})
	wantAll(t, text, "Redis 7.0.15", "3.8 s", `<a href="7/set.html">`, "<title>suspicion: 2.5 s</title>", "election delay", "never elected", `class="whisker"`, "median of each phase", ">2 s</text>", ">never</text>")
	if n := strings.Count(text, `height="16"`); n != 5 {
		t.Errorf("%d parts", n)
	}
	drawn(t, Bars{})
}

func TestTicks(t *testing.T) {
	for name, test := range map[string]struct {
		axis   Axis
		values []stats.Value
		zero   bool
		want   string
	}{
		"seconds":           {Axis{Unit: Millis}, []stats.Value{1970, 3030}, false, "2 s, 2.5 s, 3 s"},
		"from zero":         {Axis{Unit: Millis}, []stats.Value{1970, 3030}, true, "0, 1 s, 2 s, 3 s"},
		"zero is close":     {Axis{Unit: Millis}, []stats.Value{300, 930}, false, "0, 200 ms, 400 ms, 600 ms, 800 ms"},
		"minutes":           {Axis{Unit: Millis}, []stats.Value{0, 300_000}, false, "0, 2 min, 4 min"},
		"one value":         {Axis{Unit: Millis}, []stats.Value{5000}, false, "4.5 s, 5 s, 5.5 s"},
		"nothing":           {Axis{Unit: Millis}, nil, false, "0, 0.5 ms, 1 ms"},
		"only never":        {Axis{Unit: Millis}, []stats.Value{stats.Never}, false, "0, 0.5 ms, 1 ms"},
		"counts":            {Axis{Unit: Count}, []stats.Value{0, 2}, false, "0, 1, 2"},
		"many":              {Axis{Unit: Count}, []stats.Value{0, 41_000}, false, "0, 10k, 20k, 30k, 40k"},
		"shares":            {Axis{Unit: Ratio}, []stats.Value{0.0068, 0.014}, false, "0, 0.5 %, 1 %"},
		"negative":          {Axis{Unit: Millis}, []stats.Value{-3, 4}, false, "-2 ms, 0, 2 ms, 4 ms"},
		"rate":              {Axis{Unit: PerSecond}, []stats.Value{1958, 1987}, false, "1960, 1970, 1980"},
		"logarithmic":       {Axis{Unit: Millis, Log: true}, []stats.Value{420, 14_000}, false, "200 ms, 500 ms, 1 s, 2 s, 5 s, 10 s, 20 s"},
		"many powers":       {Axis{Unit: Millis, Log: true}, []stats.Value{0.5, 60_000}, false, "10 ms, 1 s, 100 s"},
		"logarithm of none": {Axis{Unit: Millis, Log: true}, []stats.Value{0, -1}, false, "0.1 ms, 0.2 ms, 0.5 ms, 1 ms"},
	} {
		s := newScale(test.axis, test.values, test.zero)
		var got []string
		for _, tick := range s.Ticks {
			got = append(got, tick.Text)
			if tick.At < 0 || tick.At > 100 {
				t.Errorf("%s: %s at %v", name, tick.Text, tick.At)
			}
		}
		if text := strings.Join(got, ", "); text != test.want {
			t.Errorf("%s: %s, want %s", name, text, test.want)
		}
	}
}

// Whatever the values are, each has a place on the drawing or none, and larger ones are not to the
// left of smaller ones.
func TestPlacesAreInOrder(t *testing.T) {
	all := []stats.Value{-1e300, -9e14, -5, 0, 1e-300, 0.001, 1, 1, 3, 999, 1e6, 9e14, 9e14 + 0.125, 1e300, stats.Never, stats.Value(math.NaN())}
	for n := range all {
		for _, log := range []bool{false, true} {
			values := all[n:]
			s := newScale(Axis{Unit: Millis, Log: log}, values, false)
			var places []percent
			for _, v := range values {
				if at, ok := s.place(v); ok {
					places = append(places, at)
					if !(at >= 0 && at <= 100) {
						t.Errorf("%v of %v is at %v", v, values, at)
					}
				}
			}
			if !slices.IsSorted(places) {
				t.Errorf("%v are at %v", values, places)
			}
			if len(s.Ticks) > 50 {
				t.Errorf("%v have %d ticks", values, len(s.Ticks))
			}
		}
	}
}

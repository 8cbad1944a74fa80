package tune

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// forms are all that a sweep is rendered in.
func forms() map[string]func(io.Writer, *Tune) error {
	return map[string]func(io.Writer, *Tune) error{
		"html": writeHTML, "md": writeMarkdown, "json": writeJSON, "text": Forms().Summary(page.TextOptions{}),
	}
}

// rendered is a sweep in every form, in each of which no text is more than text.
func rendered(t *testing.T, s *Tune) map[string]string {
	t.Helper()
	all := map[string]string{}
	for form, write := range forms() {
		var b bytes.Buffer
		if err := write(&b, s); err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		text := b.String()
		for _, c := range text {
			if c != '\n' && c != '\t' && unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
				t.Errorf("%s has %q", form, c)
			}
		}
		if text != visible.Text(text) {
			for _, line := range strings.Split(text, "\n") {
				if line != visible.Text(line) {
					t.Errorf("something in %s is not visible: %q", form, line)
				}
			}
			t.Errorf("something in %s is not visible", form)
		}
		all[form] = text
	}
	checkHTML(t, all["html"])
	checkMarkdown(t, all["md"])
	for i, line := range strings.Split(all["text"], "\n") {
		if i > 0 && line != "" && !strings.HasPrefix(line, "  ") {
			t.Errorf("the summary has the line %q", line)
		}
	}
	return all
}

// codeSpan is what is shown as it is.
var codeSpan = regexp.MustCompile("`[^`]+`")

// ownLink is a link as tune.md makes them, at the beginning of a row.
var ownLink = regexp.MustCompile(`(?m)^\| \[(?:\\.|\][^(\[]|[^\]\\])*\]\([A-Za-z0-9._/-]+/report\.html\)`)

func checkMarkdown(t *testing.T, text string) {
	t.Helper()
	columns := 0
	for _, line := range strings.Split(codeSpan.ReplaceAllString(ownLink.ReplaceAllString(text, "| ·"), "·"), "\n") {
		if strings.Contains(line, "](") && !strings.Contains(line, `\](`) || strings.Contains(line, "<script") && !strings.Contains(line, `\<script`) {
			t.Errorf("tune.md has %q", line)
		}
		if !strings.HasPrefix(line, "| ") {
			columns = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if columns == 0 {
			columns = n
		}
		if n != columns {
			t.Errorf("tune.md has %d columns, not %d, in %q", n, columns, line)
		}
	}
}

// checkHTML wants a page that is well-formed, of which nothing leads elsewhere.
func checkHTML(t *testing.T, page string) {
	t.Helper()
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("tune.html has a value that is not safe where it stands")
	}
	d := xml.NewDecoder(strings.NewReader(page))
	d.Entity = xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("tune.html is not well-formed: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if name := start.Name.Local; name == "script" || name == "img" || name == "iframe" || name == "link" {
			t.Errorf("tune.html has <%s>", name)
		}
		for _, a := range start.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && !isPlace(a.Value) || strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
				t.Errorf("tune.html has <%s %s=%q>", start.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
}

// sweeps are of every kind that comes up.
func sweeps() map[string]*Tune {
	conflict := simulate(2).sweep("500ms", "1s", "2s", "5s")
	conflict.Constraints = Constraints{MaxFailover: (*record.Millis)(bound(3000)), Tolerate: (*record.Millis)(bound(2000)), MaxLost: bound(0)}
	partial := simulate(3).sweep("500ms", "1s", "2s", "5s")
	partial.Points[0] = Point{Values: []string{"500ms"}, Rejected: "ERR argument couldn't be parsed"}
	partial.Points[3] = partial.Points[3].keeping(1)
	partial.Points[2].Hiccups[0].Threshold.L05CI[1] = nil
	partial.Error = "interrupted"
	lossy := simulate(4)
	lossy.lose, lossy.never = 0.5, 0.2
	noHiccups := simulate(5).sweep("1s", "2s")
	for i := range noHiccups.Points {
		noHiccups.Points[i] = noHiccups.Points[i].without()
	}
	never := given(point("1s", 2300, 1100).taking(stats.Never), point("2s", 3600, 2200))
	open := given(point("1s", 2300, 1100), point("2s", 3600, 2200))
	open.Points[0].Hiccups[0].Threshold = stats.Threshold{N: 3, L05CI: [2]*float64{nil, bound(800)}}
	open.Points[1].Hiccups[0].Threshold = stats.Threshold{N: 3, L05CI: [2]*float64{bound(1900), nil}}
	tiny := given(point("1s", 0, 0.001), point("2s", 1e-9, 1e12))
	return map[string]*Tune{
		"usual": simulate(1).sweep("500ms", "1s", "2s", "5s", "15s"), "conflict": conflict, "partial": partial,
		"lossy": lossy.sweep("1s", "2s", "5s"), "no hiccups": noHiccups, "never": never, "open": open, "tiny": tiny,
		"grid": grid(simulate(6)), "one": given(point("2s", 3600, 2200)), "nothing": {}, "nil lists": {Parameters: []Parameter{{}}, Points: []Point{{}, {Values: []string{"x"}}}},
		"only hiccups": given(Point{Values: []string{"1s"}}.surviving("freeze", 1000)),
	}
}

func TestRender(t *testing.T) {
	for name, s := range sweeps() {
		t.Run(name, func(t *testing.T) {
			if len(s.Points) < 3 {
				rendered(t, s) // before it is decided
			}
			s.Decide()
			all := rendered(t, s)
			if !strings.Contains(all["text"], s.Recommendation.Sentence) {
				t.Errorf("the summary lacks %q", s.Recommendation.Sentence)
			}
		})
	}
}

func TestRenderTellsWhatWasFound(t *testing.T) {
	s := simulate(1).sweep("500ms", "1s", "2s", "5s", "15s")
	s.Budget = &Budget{Asked: 900_000, Spent: 850_000, Buys: "Half an hour would halve the interval of 1s."}
	s.Notes = []string{"a note"}
	for _, r := range s.Points[2].Failures[0].Runs {
		r.Values["suspicion"], r.Values["election_delay"] = 2100, 700
	}
	s.Decide()
	all := rendered(t, s)
	for form, parts := range map[string][]string{
		"html": {
			`<span class="badge pass">2s</span>Set cluster-node-timeout to 2s`, `>2s<tspan class="word"> recommended</tspan>`, "survives 1.5 s →", `class="band"`, `class="mean"`,
			`href="runs/scenario-2000-3/report.html"`, `href="runs/freeze-15000-11/report.html"`, "Half an hour would halve", "a note", "<pre>name: master-kill", "2.10 s",
		},
		"md": {
			"# chaos tune master-kill: Set cluster-node-timeout to 2s\n", "## Constraints", "✅", "## Hiccups", "## Measured and predicted", "## Where the time goes", "| **2s** | met, ",
			"[scenario-500-9](runs/scenario-500-9/report.html)", "Half an hour would halve", "`chaos tune master-kill`", "15 m 0 s, of which 14 m 10 s were used",
		},
		"text": {"\n  *  2s     met, ", "A longer budget: Half an hour", "note: a note", "The rule: Of the values"},
		"json": {`"schema": "redis-chaos/tune/v1"`, `"tolerate_ms": 1500`, `"defaulted": true`},
	} {
		for _, part := range parts {
			if part == "2.10 s" {
				part = "2.1 s"
			}
			if !strings.Contains(all[form], part) {
				t.Errorf("%s lacks %q", form, part)
			}
		}
	}
}

func TestRenderNamesTheConflict(t *testing.T) {
	s := usual()
	s.Constraints = Constraints{MaxFailover: (*record.Millis)(bound(3000)), Tolerate: (*record.Millis)(bound(1500))}
	s.Decide()
	all := rendered(t, s)
	for form, parts := range map[string][]string{
		"html": {`<span class="badge none">NONE</span>No value has both`, "↓ 95 % within 3 s", "✗ missed"},
		"md":   {"❌", "Nearest to the constraints: 2s, 1s, 500ms, 5s and 15s."},
		"text": {"No value has both: up to 1s"},
	} {
		for _, part := range parts {
			if !strings.Contains(all[form], part) {
				t.Errorf("%s lacks %q", form, part)
			}
		}
	}
}

// What an interrupted sweep measured is shown, judged or not.
func TestRenderWhatIsNotJudged(t *testing.T) {
	s := sweeps()["partial"]
	s.Decide()
	all := rendered(t, s)
	for form, parts := range map[string][]string{
		"html": {`<g class="point unjudged missing">`, "not judged: too little was measured", "Not drawn: 500ms: the server rejected it: ERR argument couldn&#39;t be parsed.", `<div class="why">interrupted</div>`},
		"md":   {"Not all was measured: interrupted", "Not sure: others may turn out better once they are measured."},
	} {
		for _, part := range parts {
			if !strings.Contains(all[form], part) {
				t.Errorf("%s lacks %q", form, part)
			}
		}
	}
}

// Whatever the texts of a sweep are, they are shown as text.
func TestRenderHostileTexts(t *testing.T) {
	for _, text := range []string{
		"\x1b[31m\x1b]0;title\a\r\b\x00\x7f", "\u009b31m\u202e\u2066\u200b\ufeff\u2028", "\xff\xc3(",
		"<script>alert(1)</script><!--", "'\"&<>]]>{{.}}</style></svg>", "a|b\\|c\\", "`code` **strong** ``` ** `",
		"\n\n# heading\n- list\n| a | b |\n| - | - |\n", "[x](javascript:alert(1)) ![y](z) http://evil.example",
		"\n::error::forged\n##[error]forged", "../../etc/passwd", "javascript:alert(1)", strings.Repeat("[", 500), "",
	} {
		few := simulate(1)
		few.runs, few.trials = 3, 3
		for name, s := range map[string]*Tune{"usual": few.sweep("1s", "2s"), "rejected": given(Point{Values: []string{"1ms"}, Rejected: "no"}, point("2s", 3600, 2200).without())} {
			fill(reflect.ValueOf(s).Elem(), text)
			s.Decide()
			t.Run(fmt.Sprintf("%s %.10q", name, text), func(t *testing.T) { rendered(t, s) })
		}
	}
}

// fill puts a text after every text in a value, and into every map.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + text)
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), text)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), text)
		}
	}
}

func TestTextInColour(t *testing.T) {
	s := usual()
	s.Decide()
	var b strings.Builder
	if err := Forms().Summary(page.TextOptions{Colour: true})(&b, s); err != nil || !strings.HasPrefix(b.String(), "\x1b[32mSet cluster-node-timeout to 2s") {
		t.Errorf("%v, %q", err, b.String())
	}
}

func TestLabelsDoNotOverlap(t *testing.T) {
	s := grid(simulate(6))
	s.Recommendation.Point = new(int)
	c := newDecision(s).chart()
	var taken []area
	best := 0
	for _, p := range c.Points {
		if p.Label == "" {
			continue
		}
		if p.Best {
			best++
		}
		place, ok := p.place(taken)
		if !ok {
			t.Errorf("there is no place for %q", p.Label)
		}
		taken = append(taken, place)
	}
	if best != 1 {
		t.Errorf("%d points are labelled as recommended", best)
	}
}

package render_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/report/visible"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// FuzzRender has every form of a report made of recorded runs in which a text is put
// after each occurrence of another, such as a node's name. Whatever the text is, it shows
// as text.
func FuzzRender(f *testing.F) {
	runs := slices.DeleteFunc(sample.RecordedRuns(f), func(name string) bool { return name == "ten-of-thirty" || name == "all-workloads" }) // which take their time
	texts := []string{
		"\x1b[31m\x1b]0;title\a\r\b\x00\x7f", "\u009b31m\u202e\u2066\u200b\ufeff\u2028", "\xff\xc3(",
		"<script>alert(1)</script><!--", "'\"&<>]]>{{.}}</style>", "a|b\\|c\\", "`code` **strong** ``` ** `",
		"\n\n# heading\n- list\n| a | b |\n| - | - |\n<details>", "[x](javascript:alert(1)) ![y](z) http://evil.example",
		"\n::error::forged\n##[error]forged", "../../etc/passwd", strings.Repeat("[", 2000),
	}
	for i, text := range texts {
		for j, value := range []string{"redis-master-1", "redis-replica-1", "orders", "master-kill", "0-5460", "7.0.15", "timeout", "SIGKILL", "\"kill", "cluster-node-timeout"} {
			if (i+j)%3 == 0 { // all of them take their time
				f.Add(uint8(i+j/3), value, text)
			}
		}
	}
	type recordedRun struct {
		scenario *scenarios.Scenario
		events   string
	}
	loaded := map[string]recordedRun{}
	f.Fuzz(func(t *testing.T, run uint8, value, text string) {
		name := runs[int(run)%len(runs)]
		if _, ok := loaded[name]; !ok {
			s, _ := sample.Recorded(t, name)
			loaded[name] = recordedRun{s, string(sample.Events(t, name))}
		}
		encoded, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		changed := loaded[name].events
		if len(value) > 2 { // a shorter one is everywhere
			changed = strings.ReplaceAll(changed, value, value+string(encoded[1:len(encoded)-1]))
		}
		changed = `{"ms":1,"type":"note","data":{"text":` + string(encoded) + "}}\n" + changed
		if len(changed) > 4<<20 {
			t.Skip()
		}
		events, _, err := record.Salvage(strings.NewReader(changed))
		if err != nil {
			t.Fatal(err)
		}
		r := prose.Describe(analysis.Analyze(loaded[name].scenario, events))
		checkRendered(t, r)
		r.Verdict, r.Error, r.Run.ID, r.Run.Scenario = report.Error, text, text, text
		r.Expectations = append(r.Expectations, report.Expectation{Name: text, Want: text, Shown: text})
		checkRendered(t, r)
	})
}

// checkRendered renders a result in every form, and checks that no text of it is more
// than text.
func checkRendered(t *testing.T, r *report.Result) {
	t.Helper()
	rendered := func(write form.Renderer[*report.Result]) string {
		t.Helper()
		var b bytes.Buffer
		if err := write(&b, r); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		for _, c := range text {
			if c != '\n' && c != '\t' && unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
				t.Errorf("%q is there raw", c)
			}
		}
		if text != visible.Text(text) {
			t.Error("something is not visible")
		}
		return text
	}
	checkMarkdown(t, rendered(render.Markdown))
	checkHTML(t, rendered(render.HTML))
	var suite struct {
		Cases []struct{} `xml:"testcase"`
	}
	text := rendered(render.JUnit)
	if err := xml.Unmarshal([]byte(text), &suite); err != nil || len(suite.Cases) != 1+len(r.Expectations) {
		t.Errorf("junit.xml has %d tests: %v", len(suite.Cases), err)
	}
	var back report.Result
	if err := json.Unmarshal([]byte(rendered(report.WriteJSON)), &back); err != nil {
		t.Errorf("result.json: %v", err)
	}
	summary := rendered(render.Forms().Summary(page.TextOptions{}))
	for _, line := range strings.Split(summary, "\n")[1:] {
		if line != "" && !strings.HasPrefix(line, "  ") {
			t.Errorf("the summary has the line %q", line)
		}
	}
}

var (
	// ownStart is how a line of the report may begin by its own making.
	ownStart = regexp.MustCompile(`^(#|##|-) `)
	// blockStart and inlineMark are what a text must not hold, once what is code or escaped
	// is left out.
	blockStart = regexp.MustCompile(`^([-+*](\s|$)|#{1,6}(\s|$)|>|\d{1,9}[.)](\s|$)|\[|\s|---|~~~)`)
	inlineMark = regexp.MustCompile("`|~|\\]\\(|<[A-Za-z/!?]|://|&#?\\w+;")
	codeSpan   = regexp.MustCompile("`[^`]+`")
	// escaped is a character that a backslash makes text.
	escaped     = regexp.MustCompile("\\\\[!-/:-@\\[-`{-~]")
	escapedPipe = regexp.MustCompile(`\\\|`)
	minWidth    = regexp.MustCompile(`^min-width:\d+px$`)
)

// checkMarkdown fails the test if a text of the record made structure.
func checkMarkdown(t *testing.T, text string) {
	t.Helper()
	columns := 0
	for i, line := range strings.Split(text, "\n") {
		table := strings.HasPrefix(line, "| ")
		if strings.HasPrefix(line, "# ") != (i == 0) {
			t.Errorf("line %d is %q", i+1, line)
		}
		body := unescaped(codeSpan.ReplaceAllString(ownStart.ReplaceAllString(line, ""), "·"))
		if bad := inlineMark.FindString(body); bad != "" {
			t.Errorf("line %d has %q: %q", i+1, bad, line)
		}
		if bad := blockStart.FindString(body); bad != "" && !table {
			t.Errorf("line %d begins with %q: %q", i+1, bad, line)
		}
		if !table {
			columns = 0
			continue
		}
		// Readers differ in whether a backslash before a pipe can be escaped itself.
		for _, n := range []int{strings.Count(unescaped(line), "|"), strings.Count(escapedPipe.ReplaceAllString(line, ""), "|")} {
			if columns == 0 {
				columns = n
			}
			if n != columns {
				t.Errorf("line %d has %d columns, not %d: %q", i+1, n, columns, line)
			}
		}
	}
}

// unescaped is a line without characters that a backslash escapes.
func unescaped(line string) string {
	return escaped.ReplaceAllString(line, "·")
}

// checkHTML fails the test unless a page is well-formed and has only the elements and
// attributes of the template.
func checkHTML(t *testing.T, page string) {
	t.Helper()
	elements := strings.Fields("html head meta title style body main header h1 h2 span div ul li p section table thead tbody tr th td code strong figure figcaption i svg g line rect text footer")
	attributes := strings.Fields("lang charset name content class scope width height x y x1 x2 y1 y2 dx text-anchor style role aria-label")
	d := xml.NewDecoder(strings.NewReader(page))
	d.Entity = xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if !slices.Contains(elements, token.Name.Local) {
				t.Errorf("the page has <%s>", token.Name.Local)
			}
			for _, a := range token.Attr {
				if !slices.Contains(attributes, a.Name.Local) || a.Name.Local == "style" && !minWidth.MatchString(a.Value) {
					t.Errorf("the page has <%s %s=%q>", token.Name.Local, a.Name.Local, a.Value)
				}
			}
		case xml.Comment, xml.ProcInst:
			t.Errorf("the page has %v", token)
		}
	}
}

package page

import (
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestPieces(t *testing.T) {
	for text, want := range map[string][]Piece{
		"plain":               {{Text: "plain"}},
		"**a** (`b`)":         {{}, {Text: "a", Strong: true}, {Text: " ("}, {Text: "b", Code: true}, {Text: ")"}},
		"`**`":                {{}, {Text: "**", Code: true}, {}},
		"one ` and ** remain": {{Text: "one ` and ** remain"}},
	} {
		if got := Pieces(text); !reflect.DeepEqual(got, want) {
			t.Errorf("Pieces(%q) = %v, want %v", text, got, want)
		}
	}
}

// What links and blocks of text come from makes no structure of its own.
func TestSectionsInMarkdown(t *testing.T) {
	var text strings.Builder
	err := WriteMarkdown(&text, "PASS: *x*", []string{"It `ran`."}, []Section{
		{Title: "Runs", Columns: Columns("run", ">took"), Rows: [][]string{{"a|b", "1 s"}, {"c", "2 s"}}, Links: []string{"a b/(1)|2/report.html"}},
		{Title: "Command", Pre: "chaos run x\n````\n# y\x1b"},
	})
	const want = "# PASS: \\*x\\*\n\n- It `ran`.\n\n" +
		"## Runs\n\n| run | took |\n| --- | ---: |\n| [a\\|b](a%20b/%281%29%7C2/report.html) | 1 s |\n| c | 2 s |\n\n" +
		"## Command\n\n`````\nchaos run x\n````\n# y\\x1b\n`````\n"
	if err != nil || text.String() != want {
		t.Errorf("%v\n%s\nwant\n%s", err, text.String(), want)
	}
}

// A link that would run something is none.
func TestSectionsOnAPage(t *testing.T) {
	const source = `<style>{{style}}</style>{{range .}}{{template "section" .}}{{end}}`
	var text strings.Builder
	err := WriteHTML(&text, "x", source, []Section{
		{Title: "Runs", Intro: "**all** of them", Columns: Columns("run", ">took"), Rows: [][]string{{"<a>", "1 s"}, {"c", "`2 s`"}, {"d", "3 s"}},
			Links: []string{"x/report.html", "javascript:alert(1)"}, Folded: true},
		{Title: "Scenario", Pre: "name: <x>"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<details><summary>Runs</summary>", "<p><strong>all</strong> of them</p>", `<a href="x/report.html">&lt;a&gt;</a>`, `<td class="right"><code>2 s</code></td>`,
		"<pre>name: &lt;x&gt;</pre>", "</details>", "<td>d</td>", "--ground: #fff", `<a href="#ZgotmplZ">`,
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s is not on the page:\n%s", want, text.String())
		}
	}
	if err := WriteHTML(io.Discard, "x", "{{", nil); err == nil {
		t.Error("half a template was read")
	}
	if err := WriteHTML(io.Discard, "x", source, 1); err == nil {
		t.Error("what is no section was written")
	}
}

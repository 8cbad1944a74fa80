package compare

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// Forms are those of a comparison.
func Forms() form.Forms[*Comparison] {
	return form.Forms[*Comparison]{
		Files: []form.Form[*Comparison]{
			form.File("compare.json", form.JSON[*Comparison]),
			form.Page("compare.md", writeMarkdown),
		},
		Summary: form.Summary("comparison", (*Comparison).summary),
	}
}

func writeMarkdown(w io.Writer, c *Comparison) error {
	sections := []page.Section{c.checks(), c.table(), c.same(), c.subjects(), c.differences(), {Title: "Notes", Lists: [][]string{c.Notes}}}
	return page.WriteMarkdown(w, Headline(c), Story(c), slices.DeleteFunc(sections, page.Section.IsEmpty))
}

// checks are the bounds that were asked for.
func (c *Comparison) checks() page.Section {
	s := page.Section{Title: "Bounds", Columns: page.Columns("", "fails if", "found"),
		Intro: "The figures with bounds are tested by themselves, with a correction for their own number. A bound is broken by a change that is sure, and beyond it."}
	for _, check := range c.Checks {
		sign := "✅"
		switch {
		case !check.OK:
			sign = "❌"
		case !check.Decided:
			sign = "❔"
		}
		s.Rows = append(s.Rows, []string{sign, page.Code(check.Bound), check.Shown})
	}
	return s
}

// table is all figures that differ between runs.
func (c *Comparison) table() page.Section {
	s := page.Section{Title: "Figures", Columns: page.Columns("figure", ">n", ">A", ">95 % interval", ">B", ">95 % interval", ">change", ">95 % interval", ">of A", ">95 % interval", ">p", "verdict"),
		Intro: "A and B are medians. The change is the median of all differences between a run of B and one of A, and p the probability of such a change, or a clearer one, between sets that are alike, by the Mann-Whitney U test with Holm's correction for the number of figures. A change is sure if p is 0.05 or less. What never came counts as longer than any number."}
	for _, f := range c.varying() {
		s.Rows = append(s.Rows, f.row())
	}
	return s
}

// varying is the figures that differ between any two runs.
func (c *Comparison) varying() (figures []*Figure) {
	for i := range c.Figures {
		if f := &c.Figures[i]; f.Verdict != Same && f.Verdict != Unmeasured {
			figures = append(figures, f)
		}
	}
	return figures
}

// row is the cells of a figure in the table.
func (f *Figure) row() []string {
	shift, shiftCI := f.shift()
	relative, relativeCI := f.relative()
	cells := []string{page.Code(f.Name), f.counts(), middle(f.Unit, f.A), medianInterval(f.Unit, f.A), middle(f.Unit, f.B), medianInterval(f.Unit, f.B),
		shift, shiftCI, relative, relativeCI, f.p(), f.certainty()}
	for i, text := range cells {
		if text == "" {
			cells[i] = "–"
		}
	}
	return cells
}

// counts is how many runs of A and B measured the figure.
func (f *Figure) counts() string {
	if f.A.N == f.B.N {
		return fmt.Sprint(f.A.N)
	}
	return fmt.Sprintf("%d, %d", f.A.N, f.B.N)
}

// p is the corrected p-value; "" of a figure that was not tested.
func (f *Figure) p() string {
	if f.Corrected == nil {
		return ""
	}
	return probability(*f.Corrected)
}

// same is what there is no table of.
func (c *Comparison) same() page.Section {
	var same, unmeasured []string
	for i := range c.Figures {
		switch f := &c.Figures[i]; f.Verdict {
		case Same:
			same = append(same, fmt.Sprintf("%s %s", page.Code(f.Name), middle(f.Unit, f.A)))
		case Unmeasured:
			unmeasured = append(unmeasured, fmt.Sprintf("%s was not measured in %s: %s.", page.Code(f.Name), f.lacking(), strings.TrimRight(f.Reason, ".")))
		}
	}
	s := page.Section{Title: "What did not differ, or is not known"}
	if len(same) > 0 {
		s.Lists = append(s.Lists, []string{"The same in every run: " + strings.Join(same, ", ") + "."})
	}
	s.Lists = append(s.Lists, unmeasured)
	return s
}

// lacking is the sets without the figure.
func (f *Figure) lacking() string {
	switch {
	case f.A.N > 0:
		return "B"
	case f.B.N > 0:
		return "A"
	default:
		return "either"
	}
}

// subjects are the two sets.
func (c *Comparison) subjects() page.Section {
	s := page.Section{Title: "The sets", Columns: page.Columns("", "set", "scenario", ">runs", "server", "runtime", "started")}
	for _, of := range c.sides() {
		side := of.side
		started := ""
		if !side.Started.IsZero() {
			started = side.Started.Format("2006-01-02 15:04 MST")
		}
		s.Rows = append(s.Rows, []string{of.letter, page.Code(side.Name), side.Scenario, fmt.Sprint(side.Runs), side.server(), side.Runtime, started})
	}
	return s
}

type lettered struct {
	letter string
	side   Side
}

func (c *Comparison) sides() []lettered { return []lettered{{"A", c.A}, {"B", c.B}} }

func (s Side) server() string { return strings.TrimSpace(s.Server.Name + " " + s.Server.Version) }

func (c *Comparison) differences() page.Section {
	s := page.Section{Title: "What was run differently", Columns: page.Columns("setting", "A", "B")}
	for _, d := range c.Differences {
		s.Rows = append(s.Rows, []string{page.Code(d.Path), shown(d.A), shown(d.B)})
	}
	return s
}

// summary is the comparison for a terminal.
func (c *Comparison) summary(o page.TextOptions) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", c.colour().Paint(visible.Line(Headline(c)), o.Colour))
	for _, of := range c.sides() {
		fmt.Fprintf(&b, "  %s  %s\n", of.letter, visible.Line(fmt.Sprintf("%s: %s of %s, %s", of.side.Name, runsText(of.side.Runs), of.side.Scenario, of.side.server())))
	}
	for _, d := range c.Differences {
		fmt.Fprintf(&b, "     %s\n", visible.Line(fmt.Sprintf("%s: %s → %s", d.Path, shown(d.A), shown(d.B))))
	}
	if story := Story(c); len(story) > 0 {
		b.WriteString("\n")
		for _, sentence := range story {
			fmt.Fprintf(&b, "  %s\n", visible.Line(page.Plain(sentence)))
		}
	}
	c.writeChecks(&b, o.Colour)
	c.writeTable(&b, o.Colour)
	if same := c.same(); !same.IsEmpty() {
		b.WriteString("\n")
		for _, line := range slices.Concat(same.Lists...) {
			fmt.Fprintf(&b, "  %s\n", visible.Line(page.Plain(line)))
		}
	}
	for i, n := range c.Notes {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "  note: %s\n", visible.Line(n))
	}
	return b.String()
}

// colour is that of the headline.
func (c *Comparison) colour() page.Colour {
	if c.Failed() {
		return page.Red
	}
	return map[Verdict]page.Colour{Worse: page.Red, Better: page.Green, Changed: page.Yellow, Undecided: page.Yellow}[c.Verdict]
}

func (c *Comparison) writeChecks(b *strings.Builder, colour bool) {
	if len(c.Checks) > 0 {
		b.WriteString("\n")
	}
	width := 0
	for _, check := range c.Checks {
		width = max(width, len([]rune(visible.Line(check.Bound))))
	}
	for _, check := range c.Checks {
		sign := page.Green.Paint("ok  ", colour)
		switch {
		case !check.OK:
			sign = page.Red.Paint("FAIL", colour)
		case !check.Decided:
			sign = page.Yellow.Paint("?   ", colour)
		}
		fmt.Fprintf(b, "  %s  fails if %-*s  got %s\n", sign, width, visible.Line(check.Bound), visible.Line(check.Shown))
	}
}

// writeTable is the figures that changed for sure, and those that matter first, without the
// intervals of the medians.
func (c *Comparison) writeTable(b *strings.Builder, colour bool) {
	s := page.Section{Columns: page.Columns("figure", ">n", ">A", ">B", ">change", ">of A", ">95 % interval", ">p", "verdict")}
	var shown []Verdict
	others := 0
	for _, f := range c.varying() {
		if !f.Verdict.Sure() && rank(f.Name) == len(primaryFigures()) && !slices.Contains(figures.Phases(), f.Name) {
			others++
			continue
		}
		row := f.row()
		s.Rows, shown = append(s.Rows, []string{row[0], row[1], row[2], row[4], row[6], row[8], row[9], row[10], row[11]}), append(shown, f.Verdict)
	}
	if len(s.Rows) > 0 {
		lines := strings.Split(strings.TrimRight(page.Table(s), "\n"), "\n")
		b.WriteString("\n" + lines[0] + "\n")
		for i, line := range lines[1:] {
			b.WriteString(map[Verdict]page.Colour{Worse: page.Red, Better: page.Green, Changed: page.Yellow}[shown[i]].Paint(line, colour) + "\n")
		}
	}
	if others > 0 {
		fmt.Fprintf(b, "\n  %d more %s no sure change.\n", others, plural(others, "figure has", "figures have"))
	}
}

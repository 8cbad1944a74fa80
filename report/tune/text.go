package tune

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// summary ends a sweep on a terminal.
func (t *Tune) summary(o page.TextOptions) string {
	d := newDecision(t)
	var b strings.Builder
	headline := visible.Line(t.Recommendation.Sentence)
	colour := page.Yellow
	if t.recommended() >= 0 {
		colour = page.Green
	}
	headline = colour.Paint(headline, o.Colour)
	fmt.Fprintf(&b, "%s\n\n", headline)
	for _, text := range d.beside() {
		fmt.Fprintf(&b, "  %s\n", visible.Line(text))
	}
	if t.Recommendation.Rule != "" {
		fmt.Fprintf(&b, "  The rule: %s\n", visible.Line(t.Recommendation.Rule))
	}
	d.textTable(&b)
	for _, text := range t.Recommendation.Moved {
		fmt.Fprintf(&b, "  %s\n", visible.Line(text))
	}
	if t.Budget != nil && t.Budget.Buys != "" {
		fmt.Fprintf(&b, "  A longer budget: %s\n", visible.Line(t.Budget.Buys))
	}
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "  note: %s\n", visible.Line(n))
	}
	if t.Error != "" && !o.OmitError {
		fmt.Fprintf(&b, "  %s\n", visible.Line(t.Error))
	}
	return b.String()
}

// textTable is the figures of all points, the recommended one with an asterisk.
func (d *decision) textTable(b *strings.Builder) {
	rows := [][]string{{"", "value", "constraints", "hiccup survived", "failover " + d.where(), "p95", "writes lost"}}
	for _, c := range d.sorted() {
		sign, survived, p95 := " ", "–", "–"
		if c.point == d.recommended() {
			sign = "*"
		}
		if c.tolerance != nil {
			survived = c.tolerance.text()
		}
		if c.own.N > 0 {
			p95 = value(*c.own.P95)
		}
		rows = append(rows, []string{sign, visible.Line(c.name), c.verdict(), survived, c.own.text(), p95, c.ownLoss.text()})
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	b.WriteString("\n")
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		fmt.Fprintf(b, "  %s\n", strings.TrimRight(line.String(), " "))
	}
	b.WriteString("\n")
}

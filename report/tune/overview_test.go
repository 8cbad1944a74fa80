package tune

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// sweptOn is a sweep of a version.
func sweptOn(version string, seed uint64, values ...string) *Tune {
	t := simulate(seed).sweep(values...)
	t.ID, t.Server.Version = version, version
	t.Decide()
	return t
}

func TestOverview(t *testing.T) {
	values := []string{"500ms", "2s", "5s"}
	o, err := NewOverview([]*Tune{sweptOn("7.0", 1, values...), sweptOn("7.0", 2, values...), sweptOn("8|0\x1b[31m", 3, values...)})
	if err != nil {
		t.Fatal(err)
	}
	var sections, drawing strings.Builder
	if err := page.WriteMarkdownSections(&sections, o.Sections()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"## By what has to be survived", "| hiccups of | Redis 7.0 |", "| 1.5 s | **2s**: ", "| 10 s | none |",
		"## Longest hiccup survived", "\n| 5s | ", "## The same sweep again", "| Redis 7.0 | 2s | 2s | 3 of 3 |", "## How the sweeps were made",
	} {
		if !strings.Contains(sections.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, sections.String())
		}
	}
	if n := strings.Count(sections.String(), "| Redis 7.0 | 2026-01-01 00:00 UTC | "); n != 2 {
		t.Errorf("%d sweeps of 2:\n%s", n, sections.String())
	}
	if answers := o.Answers(); len(answers) != 2 || !strings.HasPrefix(answers[0], "**Redis 7.0**: Set cluster-node-timeout to 2s") {
		t.Errorf("%q", answers)
	}
	if err := o.WriteSVG(&drawing); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal([]byte(drawing.String()), new(struct{})); err != nil || strings.Count(drawing.String(), "<circle") != 6 {
		t.Errorf("%d points, %v", strings.Count(drawing.String(), "<circle"), err)
	}
	for _, text := range []string{sections.String(), drawing.String()} {
		if text != visible.Text(text) {
			t.Error("something is not visible")
		}
	}
}

// A sweep of which little or nothing is known has its place, too.
func TestOverviewOfLittle(t *testing.T) {
	rejected := sweptOn("8.0", 1, "500ms", "2s")
	rejected.Points[0] = Point{Values: []string{"500ms"}, Rejected: "no"}
	rejected.Points[1].Hiccups = nil
	rejected.Decide()
	never := simulate(4)
	never.never, never.trials = 1, 0
	all := never.sweep("500ms", "2s")
	all.Decide()
	o, err := NewOverview([]*Tune{all, rejected, sweptOn("8.0", 2, "500ms", "2s")})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := page.WriteMarkdownSections(&text, o.Sections()); err != nil || !strings.Contains(text.String(), "never") || !strings.Contains(text.String(), "not known") {
		t.Errorf("%v:\n%s", err, text.String())
	}
	if err := o.WriteSVG(&text); err != nil {
		t.Error(err)
	}
}

func TestOverviewOfWhatDoesNotBelongTogether(t *testing.T) {
	first := sweptOn("7.0", 1, "1s", "2s")
	other := sweptOn("8.0", 1, "1s", "2s")
	other.Scenario = "another"
	unknown := sweptOn("", 1, "1s", "2s")
	grid := sweptOn("8.0", 1, "1s", "2s")
	grid.Parameters = append(grid.Parameters, Parameter{Path: "cluster.replicas", Values: []string{"1"}})
	for want, sweeps := range map[string][]*Tune{
		"no sweep": nil, "other values": {first, sweptOn("8.0", 1, "1s", "5s")}, "of another": {first, other}, "tells the server": {unknown}, "over 2 parameters": {first, grid},
	} {
		if _, err := NewOverview(sweeps); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, and not %q", err, want)
		}
	}
}

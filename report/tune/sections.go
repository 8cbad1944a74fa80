package tune

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// sections are the details of a sweep below the figures of all values. Those with nothing to tell
// are left out.
func (d *decision) sections() []page.Section {
	all := []page.Section{
		d.movedSection(), d.failures(), d.hiccups(), d.predicted(), d.phases(), d.made(),
		{Title: "Notes", Lists: [][]string{d.Notes}}, d.runs(), {Title: "The scenario", Pre: d.Source, Folded: true},
	}
	return slices.DeleteFunc(all, page.Section.IsEmpty)
}

// row is one of a table: the values of a point, and cells.
func (d *decision) row(c candidate, cells ...string) []string {
	names := make([]string, len(d.Parameters))
	copy(names, d.Points[c.point].Values)
	if len(d.Parameters) > 1 {
		names = append([]string{fmt.Sprintf("#%d", c.point+1)}, names...)
	}
	if c.point == d.recommended() {
		for i, name := range names {
			names[i] = "**" + name + "**"
		}
	}
	return append(names, cells...)
}

// columns are those of the parameters, and more.
func (d *decision) columns(more ...string) []page.Column {
	var names []string
	if len(d.Parameters) > 1 {
		names = append(names, "")
	}
	for _, p := range d.Parameters {
		names = append(names, p.Name())
	}
	return append(page.Columns(names...), page.Columns(more...)...)
}

func (d *decision) values() page.Section {
	s := page.Section{
		Title: "Values",
		Columns: d.columns(">constraints", ">hiccup survived", ">failover at the client", ">p95", ">on the server", ">unavailable", ">operations failed",
			">writes lost", ">failovers"),
		Outro: "Medians with 95 % intervals in brackets; … is an end that so few runs do not bound; p95 is that of nearest rank. Hiccup survived: the length at which 5 % of hiccups cause a failover, of the kind that is survived least. The percentage is how probable it is that all constraints are met. All else is of the scenario's own failure.",
	}
	for _, c := range d.sorted() {
		point := d.Points[c.point]
		if len(c.failures) == 0 && c.tolerance == nil {
			s.Rows = append(s.Rows, d.row(c, "not judged", "–", "–", "–", "–", "–", "–", "–", "0"))
			continue
		}
		own := point.own()
		survived := "not known"
		if c.tolerance != nil {
			survived = c.tolerance.text()
		}
		client := own.sample(figureClient)
		p95 := "–"
		if main := own.sample(d.figure); main.N > 0 {
			p95 = value(*main.P95)
		}
		s.Rows = append(s.Rows, d.row(c, c.verdict(), survived, client.text(), p95, own.sample(figureServer).text(),
			own.sample("unavailable").text(), ratio(own.sample("failed_ratio")), c.ownLoss.text(), fmt.Sprint(c.own.N)))
	}
	if missed := d.misses(); len(missed) > 0 {
		s.Lists = [][]string{missed}
	}
	return s
}

func ratio(s sample) string {
	if s.N == 0 || s.Median.IsNever() {
		return "–"
	}
	return words.Percent(float64(*s.Median))
}

// verdict says in a word or two how a point does by the constraints.
func (c candidate) verdict() string {
	text := "missed"
	switch {
	case c.out != "":
		return "not judged"
	case len(c.outcomes) == 0:
		return "–"
	case c.satisfies():
		text = "met"
	}
	if c.chance != nil {
		text += fmt.Sprintf(", %s", briefly(*c.chance))
	}
	return text
}

// misses say which points miss each constraint, and why some are not judged.
func (d *decision) misses() (all []string) {
	for i, r := range d.requirements {
		var those []string
		for _, c := range d.missing(i) {
			those = append(those, fmt.Sprintf("%s (%s)", c.name, c.outcomes[i].found))
		}
		if len(those) > 0 {
			all = append(all, fmt.Sprintf("%s with %s.", capital(r.wrong), enumerate(those)))
		}
	}
	if out := d.unfinished(); out != "" {
		all = append(all, out)
	}
	return all
}

// failures tells of each kind of real failure, where there is more than the scenario's.
func (d *decision) failures() page.Section {
	s := page.Section{Title: "Kinds of failures", Columns: d.columns("failure", ">failovers", ">median", ">p95", ">writes lost")}
	several := false
	for _, c := range d.sorted() {
		for _, f := range d.Points[c.point].Failures {
			several = several || f.Kind != ScenarioFailure
			times := f.sample(d.figure)
			var lost loss
			lost.add(f)
			p95 := "–"
			if times.N > 0 {
				p95 = value(*times.P95)
			}
			s.Rows = append(s.Rows, d.row(c, f.Kind, fmt.Sprint(times.N), times.text(), p95, lost.text()))
		}
	}
	if !several {
		return page.Section{}
	}
	return s
}

func (d *decision) hiccups() page.Section {
	s := page.Section{
		Title:   "Hiccups",
		Intro:   "Disturbances that must not cause a failover, of lengths about the threshold.",
		Columns: d.columns("hiccup", ">trials", ">caused a failover", ">5 % do at", ">50 % do at", ""),
	}
	for _, c := range d.sorted() {
		for _, h := range d.Points[c.point].Hiccups {
			if h.Unable != "" {
				s.Rows = append(s.Rows, d.row(c, h.Kind, "0", "–", "–", "–", "not tried: "+h.Unable))
				continue
			}
			half := "–"
			if h.Threshold.L50 != nil {
				half = withInterval(*h.Threshold.L50, h.Threshold.L50CI)
			}
			s.Rows = append(s.Rows, d.row(c, h.Kind, fmt.Sprint(len(h.Trials)), fmt.Sprint(h.FalseFailovers), h.found(), half, ""))
		}
	}
	return s
}

// predicted puts what was measured beside what the configuration predicts.
func (d *decision) predicted() page.Section {
	s := page.Section{
		Title:   "Measured and predicted",
		Intro:   "What the configuration and the server's fixed times let a failover take, up to the new master's first write, and how long a silent master goes unmarked. Client libraries and busy machines are not in it.",
		Columns: d.columns(">failover predicted", ">on average", ">measured on the server", ">5 % of hiccups fail over, predicted", ">measured"),
	}
	for _, c := range d.sorted() {
		p := d.Points[c.point]
		if p.Predicted == nil || len(c.failures) == 0 {
			continue
		}
		mean, early, survived := "–", "–", "–"
		if p.PredictedMean != nil {
			mean = brief(*p.PredictedMean)
		}
		if p.PredictedL05 != nil {
			early = brief(*p.PredictedL05)
		}
		if c.tolerance != nil {
			survived = c.tolerance.text()
		}
		s.Rows = append(s.Rows, d.row(c, fmt.Sprintf("%s – %s", brief(p.Predicted[0]), brief(p.Predicted[1])), mean, p.own().sample(figureServer).text(), early, survived))
	}
	return s
}

func (d *decision) phases() page.Section {
	s := page.Section{Title: "Where the time goes", Intro: "Medians of the phases of a failover on the server.", Columns: d.columns()}
	for _, name := range figures.Phases() {
		s.Columns = append(s.Columns, page.Columns(">"+strings.ReplaceAll(name, "_", " "))...)
	}
	for _, c := range d.sorted() {
		var cells []string
		known := false
		for _, name := range figures.Phases() {
			phase := d.Points[c.point].own().sample(name)
			known = known || phase.N > 0
			cells = append(cells, phase.text())
		}
		if known {
			s.Rows = append(s.Rows, d.row(c, cells...))
		}
	}
	return s
}

func (d *decision) movedSection() page.Section {
	return page.Section{
		Title: "What moved the results",
		Intro: "Each parameter over all values of the others. Only differences that chance makes in less than 5 % of sweeps are called so, all comparisons taken together.",
		Lists: [][]string{d.Recommendation.Moved},
	}
}

// made is how the sweep was made.
func (d *decision) made() page.Section {
	s := page.Section{Title: "How it was made", Columns: page.Columns("", "")}
	add := func(name, text string) {
		if text != "" {
			s.Rows = append(s.Rows, []string{name, text})
		}
	}
	server := strings.TrimSpace(d.Server.Name + " " + d.Server.Version)
	for _, from := range []string{d.Server.Image, d.Server.Binary} {
		if from != "" {
			server += " (" + page.Code(from) + ")"
			break
		}
	}
	runs, trials := 0, 0
	for _, p := range d.Points {
		for _, f := range p.Failures {
			runs += len(f.Runs)
		}
		for _, h := range p.Hiccups {
			trials += len(h.Trials)
		}
	}
	add("again", page.Code(d.Command))
	add("scenario", d.Scenario)
	add("server", server)
	add("runtime", strings.TrimSpace(fmt.Sprintf("%s (%s)", d.Runtime, d.Engine)))
	for _, p := range d.Parameters {
		add(page.Code(p.Path), strings.Join(p.Values, ", "))
	}
	add("runs", fmt.Sprintf("%s with failures, and %s in %s", plural(runs, "run", "runs"), plural(trials, "hiccup", "hiccups"), plural(d.hiccupRuns(), "run", "runs")))
	add("at once", atOnce(d.How))
	add("clusters", clusters(d.How))
	if !d.Started.IsZero() {
		add("started", d.Started.Format("2006-01-02 15:04:05 MST"))
	}
	add("took", words.Duration(d.Duration))
	if b := d.Budget; b != nil {
		add("budget", fmt.Sprintf("%s, of which %s were used", words.Duration(b.Asked), words.Duration(b.Spent)))
		add("a longer one", b.Buys)
	}
	add("seed", fmt.Sprint(d.Seed))
	add("tool", d.Tool)
	return s
}

func (d *decision) hiccupRuns() int {
	ids := map[string]bool{}
	for _, p := range d.Points {
		for _, h := range p.Hiccups {
			for _, r := range h.Runs {
				ids[r.ID] = true
			}
		}
	}
	return len(slices.Collect(maps.Keys(ids)))
}

func atOnce(how set.How) string {
	if how.Parallel == 0 {
		return ""
	}
	return strings.TrimSuffix(fmt.Sprintf("up to %d: %s", how.Parallel, how.Why), ": ")
}

func clusters(how set.How) string {
	if how.Clusters == 0 {
		return ""
	}
	return strings.TrimSuffix(fmt.Sprintf("%d: %s", how.Clusters, how.ReuseWhy), ": ")
}

// runs lists every run.
func (d *decision) runs() page.Section {
	s := page.Section{Title: "Runs", Folded: true, Columns: append(page.Columns("run"), d.columns("", ">failover "+d.where(), ">writes lost", "what was wrong")...)}
	for _, c := range d.sorted() {
		point := d.Points[c.point]
		for _, f := range point.Failures {
			for _, r := range f.Runs {
				d.run(&s, c, f.Kind, d.figureOf(r), r)
			}
		}
		for _, h := range point.Hiccups {
			for _, r := range h.Runs {
				d.run(&s, c, h.Kind, "–", r) // which was to have no failover
			}
		}
	}
	return s
}

// figureOf is how long the failover of a run took.
func (d *decision) figureOf(r set.Run) string {
	if v, ok := r.Values[d.figure]; ok {
		return exactly(v)
	}
	return "–"
}

func (d *decision) run(s *page.Section, c candidate, kind, took string, r set.Run) {
	lost := "–"
	if v, ok := r.Values[figureLost]; ok {
		lost = count(float64(v))
	}
	s.Rows = append(s.Rows, append([]string{r.ID}, d.row(c, kind, took, lost, r.Error)...))
	s.Links = append(s.Links, href(&r))
}

package set

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// expectations are those about the set, and those of each run.
func (s *Set) expectations() page.Section {
	section := page.Section{Title: "Expectations", Columns: page.Columns("", "expectation", ">want", ">got")}
	for _, e := range s.Expectations {
		section.Rows = append(section.Rows, []string{mark(e.OK), e.Label(), e.Want, e.Shown})
	}
	for _, e := range s.Each {
		sign := mark(e.Held == e.Of)
		if s.ByShare() && e.Held < e.Of {
			sign = ""
		}
		section.Rows = append(section.Rows, []string{sign, page.Code(e.Name), e.Want, e.Shown()})
	}
	return section
}

// Label is the expectation's name with its figure as code.
func (e Expectation) Label() string {
	if e.passedShare() {
		return "runs that " + e.Name
	}
	return strings.Replace(e.Name, e.Figure, page.Code(e.Figure), 1)
}

func mark(ok bool) string {
	if ok {
		return "✅"
	}
	return "❌"
}

// varies tells whether there is more to tell of a figure than one value.
func (f Figure) varies() bool { return f.N > 1 && *f.Min != *f.Max }

// table is that of some figures.
func (s *Set) table(title, intro string, names []string) page.Section {
	section := page.Section{Title: title, Intro: intro,
		Columns: page.Columns("figure", ">n", ">median", ">95 % interval", ">p95", ">95 % interval", ">min – max", ">never")}
	never := false
	for _, name := range names {
		f := s.Figure(name)
		if f == nil || f.N == 0 {
			continue
		}
		never = never || f.Never > 0
		row := []string{page.Code(f.Name), fmt.Sprint(f.N), "**" + optional(f.Unit, f.Median) + "**", rangeText(f.Unit, f.MedianCI),
			optional(f.Unit, f.P95), rangeText(f.Unit, f.P95CI), between(f.Unit, f.Min, f.Max), countOrDash(f.Never)}
		if f.N > 1 && !f.varies() {
			row[3], row[5], row[6] = "–", "–", "the same in all"
		}
		section.Rows = append(section.Rows, row)
	}
	if !never {
		section.Columns = section.Columns[:len(section.Columns)-1]
		for i := range section.Rows {
			section.Rows[i] = section.Rows[i][:len(section.Columns)]
		}
	}
	return section
}

// rangeText is an interval for a table.
func rangeText(unit Unit, i stats.Interval) string {
	switch {
	case i[0] == nil && i[1] == nil:
		return "–"
	case i[1] == nil && i[0].IsNever():
		return Text(unit, *i[0])
	case i[1] == nil:
		return "≥ " + Text(unit, *i[0])
	case i[0] == nil:
		return "≤ " + Text(unit, *i[1])
	default:
		return between(unit, i[0], i[1])
	}
}

func countOrDash(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

// figures are those that matter first.
func (s *Set) figures() page.Section {
	section := s.table("Figures", "What each comes to over the runs that measured it, by the worst of a run.", headline())
	section.Outro = s.method()
	return section
}

// runsForP95 is how many runs it takes for the 95th percentile to be bounded from above.
func runsForP95() int {
	return int(math.Ceil(math.Log((1-stats.Confidence)/2) / math.Log(0.95)))
}

// method says what the intervals are.
func (s *Set) method() string {
	text := "An interval holds the median, or the 95th percentile, of all runs that could be made like these, with 95 % confidence; it takes the runs to be independent, and nothing of how they are distributed. A figure that never came counts as longer than any other."
	if n := len(Carried(s.Runs)); n < runsForP95() {
		text += fmt.Sprintf(" %s bound the 95th percentile from below alone; it takes %d to bound it from above.", upperFirst(runsText(n)), runsForP95())
	}
	return text
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// phases is where the time of failovers went.
func (s *Set) phases() page.Section {
	return s.table("Where the time goes", "The phases of the failover follow each other; each run has its longest.", figures.Phases())
}

// others are the figures that are in no other table: those that differ between runs, then the
// others.
func (s *Set) others() page.Section {
	told := slices.Concat(headline(), figures.Phases())
	var names, constant, lines, reasons []string
	missing := map[string][]string{} // by the reason
	for _, f := range s.Figures {
		switch {
		case slices.Contains(told, f.Name) && f.N > 0:
		case f.N == 0:
			reason := trimStop(f.Reason)
			if missing[reason] == nil {
				reasons = append(reasons, reason)
			}
			missing[reason] = append(missing[reason], page.Code(f.Name))
		case !f.varies():
			constant = append(constant, fmt.Sprintf("%s %s", page.Code(f.Name), Text(f.Unit, *f.Median)))
		case f.Unit == Bool:
			yes := values(s.Runs, f.Name, func(v stats.Value) bool { return v == 1 })
			lines = append(lines, fmt.Sprintf("%s is true in %d of %s.", page.Code(f.Name), len(yes), runsText(f.N)))
		default:
			names = append(names, f.Name)
		}
	}
	section := s.table("All other figures", "", names)
	if len(constant) > 0 {
		lines = append(lines, "The same in every run that measured it: "+strings.Join(constant, ", ")+".")
	}
	for _, reason := range reasons {
		lines = append(lines, fmt.Sprintf("Not measured in any run: %s (%s).", strings.Join(missing[reason], ", "), reason))
	}
	section.Lists = [][]string{lines}
	section.Folded = true
	return section
}

// outlierTable lists the runs that stand out by a figure of headline or a phase.
func (s *Set) outlierTable() page.Section {
	section := page.Section{Title: "Outliers", Columns: page.Columns("run", "figure", ">value", ">median of all"),
		Intro: fmt.Sprintf("Beyond the quartiles of a figure by more than %v times their distance.", fence)}
	for _, name := range slices.Concat(headline(), figures.Phases()) {
		f := s.Figure(name)
		if f == nil {
			continue
		}
		for _, o := range f.Outliers {
			section.Rows = append(section.Rows, []string{s.short(o.Run), page.Code(name), Text(f.Unit, o.Value), Text(f.Unit, *f.Median)})
			section.Links = append(section.Links, s.link(o.Run))
		}
	}
	return section
}

// link is where the report of a run is, from the set's folder; "" if that is not known.
func (s *Set) link(id string) string {
	i := slices.IndexFunc(s.Runs, func(r Run) bool { return r.ID == id })
	if i < 0 || s.Runs[i].Dir == "" {
		return ""
	}
	return s.Runs[i].Dir + "/report.html"
}

// shownRuns is how many runs are listed without being asked for.
const shownRuns = 25

// runs lists every run.
func (s *Set) runs() page.Section {
	section := page.Section{Title: "Runs", Columns: page.Columns("run", "verdict"), Folded: len(s.Runs) > shownRuns}
	var names []string
	for _, name := range headline() {
		if f := s.Figure(name); f != nil && f.N > 0 {
			names = append(names, name)
			section.Columns = append(section.Columns, page.Column{Name: name, Right: true})
		}
	}
	section.Columns = append(section.Columns, page.Columns(">seed", ">cluster")...)
	wrong := slices.ContainsFunc(s.Runs, func(r Run) bool { return r.wrong() != "" })
	if wrong {
		section.Columns = append(section.Columns, page.Columns("what was wrong")...)
	}
	for _, r := range s.Runs {
		row := []string{s.short(r.ID), string(r.Verdict)}
		for _, name := range names {
			text := "–"
			if v, ok := r.Values[name]; ok {
				text = Text(unitOf(name), v)
			}
			row = append(row, text)
		}
		if row = append(row, fmt.Sprint(r.Seed), r.cluster()); wrong {
			row = append(row, r.wrong())
		}
		section.Rows = append(section.Rows, row)
		section.Links = append(section.Links, s.link(r.ID))
	}
	return section
}

// cluster is which one the run was on, and its how many-th run that was.
func (r Run) cluster() string {
	switch {
	case r.Cluster == 0:
		return "–"
	case r.Served == 0:
		return fmt.Sprint(r.Cluster)
	default:
		return fmt.Sprintf("%d, run %d", r.Cluster, r.Served+1)
	}
}

// wrong is what did not hold, or why the run was not carried out.
func (r Run) wrong() string {
	if r.Error != "" {
		return firstLine(r.Error)
	}
	var names []string
	for _, name := range r.Failed {
		names = append(names, page.Code(name))
	}
	return strings.Join(names, ", ")
}

// made tells how the runs were made.
func (s *Set) made() page.Section {
	section := page.Section{Title: "How it was made", Columns: page.Columns("", "")}
	add := func(name, value string, known bool) {
		if known {
			section.Rows = append(section.Rows, []string{name, value})
		}
	}
	asked := fmt.Sprintf("%d of %d", len(s.Runs), s.How.Asked)
	if s.How.Until != "" {
		asked += ", until: " + s.How.Until
	}
	add("runs", asked, s.How.Asked > 0)
	add("at once", withReason(fmt.Sprint(s.How.Parallel), s.How.Why), s.How.Parallel > 0)
	add("clusters", withReason(fmt.Sprint(s.How.Clusters), s.How.ReuseWhy), s.How.Clusters > 0)
	add("seeds", fmt.Sprintf("derived from %d", s.Seed), true)
	add("started", s.Started.Format("2006-01-02 15:04:05 MST"), !s.Started.IsZero())
	add("took", words.Duration(s.Duration), s.Duration > 0)
	section.Pre = s.Command
	return section
}

func withReason(text, reason string) string {
	if reason == "" {
		return text
	}
	return text + ": " + reason
}

// subject is what was run, on what.
func (s *Set) subject() page.Section {
	section := page.Section{Title: "What was run, on what", Columns: page.Columns("", "")}
	add := func(name, value string, known bool) {
		if known {
			section.Rows = append(section.Rows, []string{name, value})
		}
	}
	server := fmt.Sprintf("%s %s (image %s)", s.Server.Name, s.Server.Version, page.Code(s.Server.Image))
	if s.Server.Binary != "" {
		server = fmt.Sprintf("%s %s (%s)", s.Server.Name, s.Server.Version, page.Code(s.Server.Binary))
	}
	var config []string
	for _, name := range slices.Sorted(maps.Keys(s.Config)) {
		config = append(config, page.Code(name+" "+s.Config[name]))
	}
	add("scenario", s.Scenario, true)
	add("server", server, s.Server.Name != "")
	add("topology", words.Masters(s.Topology.Masters, s.Topology.Replicas, s.Topology.ReplicasOf), s.Topology.Masters > 0)
	add("redis.conf", strings.Join(config, ", "), len(config) > 0)
	add("runtime", withEngine(s.Runtime, s.Engine), s.Runtime != "")
	add("tool", s.Tool, s.Tool != "")
	return section
}

func withEngine(runtime, engine string) string {
	if engine == "" {
		return runtime
	}
	return fmt.Sprintf("%s (%s)", runtime, engine)
}

func (s *Set) scenario() page.Section {
	return page.Section{Title: "The scenario", Pre: s.Source, Folded: true}
}

func (s *Set) notes() page.Section {
	return page.Section{Title: "Notes", Lists: [][]string{s.Notes}}
}

// whole drops sections with nothing to tell.
func whole(sections ...page.Section) []page.Section {
	return slices.DeleteFunc(sections, page.Section.IsEmpty)
}

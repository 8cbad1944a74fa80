package matrix

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// sections are the details, in the order of a report.
func sections(m *Matrix) []page.Section {
	all := []page.Section{m.failovers(), m.phases(), m.damage()}
	if m.knows(loads()...) {
		all = append(all, m.load())
	}
	for _, v := range m.Variants {
		if len(v.Set.Runs) > 0 {
			all = append(all, v.runs())
		}
	}
	all = append(all, m.how())
	if len(m.Notes) > 0 {
		all = append(all, page.Section{Title: "Notes", Lists: [][]string{m.Notes}})
	}
	return append(all, page.Section{Title: "The same again", Pre: m.Command})
}

// failovers is the times of each variant.
func (m *Matrix) failovers() page.Section {
	s := page.Section{
		Title:   "Failover time",
		Intro:   fmt.Sprintf("`failover_time` is that of the slowest failover of a run, on the server, and `client_recovery` the same as applications see it, with the %.0f %% interval of the median in brackets. A run in which a master was not replaced counts as never.", 100*stats.Confidence),
		Columns: page.Columns("variant", "server", ">runs", ">failover time: median", ">p95", ">"+m.versus(), ">client recovery: median", ">p95", ">"+m.versus()),
	}
	for _, v := range m.Variants {
		row := []string{v.Name, serverName(v.Set.Server), fmt.Sprint(len(v.ran()))}
		for _, name := range []string{figureFailoverTime, figureClientRecovery} {
			row = append(row, v.median(name), v.p95(name), v.differs(name))
		}
		s.Rows, s.Links = append(s.Rows, row), append(s.Links, v.link())
	}
	if first := m.baseline(); first >= 0 {
		s.Outro = fmt.Sprintf("p is how likely variants that are alike differ from %s as much: the two-sided Mann-Whitney U test, with the p-values of all comparisons corrected together (Holm). Bold is significant at %.0f %%. The test assumes that the runs are independent, and nothing of how the times are distributed.", m.Variants[first].Name, 100-100*stats.Confidence)
	}
	return s
}

// versus heads the columns of differences.
func (m *Matrix) versus() string {
	first := m.baseline()
	if first < 0 {
		return "difference"
	}
	return "vs " + m.Variants[first].Name
}

// phases is where the time goes.
func (m *Matrix) phases() page.Section {
	s := page.Section{
		Title:   "Phases",
		Intro:   "What each phase of the slowest failover that came about in a run took, at the median. These do not sum up to the median of the whole exactly. Bold differs significantly from the first variant.",
		Columns: page.Columns("variant"),
	}
	for _, phase := range phases() {
		s.Columns = append(s.Columns, page.Columns(">"+phase)...)
	}
	for _, v := range m.Variants {
		row := []string{v.Name}
		for _, phase := range phases() {
			text := v.medianOf(slowest(phase))
			if d := v.difference(slowest(phase)); d != nil && d.Significant {
				text = "**" + text + "**"
			}
			row = append(row, text)
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// damage is what came of it.
func (m *Matrix) damage() page.Section {
	s := page.Section{
		Title:   "Damage",
		Intro:   fmt.Sprintf("Acked writes that were lost; for how long the worst shard took no writes; in how many runs a master was not replaced, with the %.0f %% interval of the share, and how many masters that were in all; and in how many runs all expectations of the scenario held.", 100*stats.Confidence),
		Columns: page.Columns("variant", ">lost: median", ">most", ">"+m.versus(), ">unavailable: median", ">most", ">"+m.versus(), ">not replaced", ">masters", ">held"),
	}
	for _, v := range m.Variants {
		row := []string{v.Name}
		for _, name := range []string{figureLostWrites, figureUnavailable} {
			row = append(row, v.median(name), v.most(name), v.differs(name))
		}
		missed, masters := "–", "–"
		if v.NotReplaced.N > 0 {
			missed = fmt.Sprintf("%d of %d (%s)", v.NotReplaced.Count, v.NotReplaced.N, v.NotReplaced.between())
			sum := stats.Value(0)
			for _, n := range v.values(figureNotReplaced) {
				sum += n
			}
			masters = set.Text(set.Count, sum)
		}
		s.Rows = append(s.Rows, append(row, missed, masters, v.held()))
	}
	return s
}

// knows tells whether a run of any variant has measured one of some figures.
func (m *Matrix) knows(names ...string) bool {
	return slices.ContainsFunc(m.Variants, func(v Variant) bool {
		return slices.ContainsFunc(names, func(name string) bool { return v.figure(name) != nil })
	})
}

// load is how many writes were acked, and how fast.
func (m *Matrix) load() page.Section {
	s := page.Section{
		Title:   "Throughput and latency",
		Intro:   "Acked writes a second, of all workloads together, over the whole run with its outages; and how long acked operations took, those of the slowest workload.",
		Columns: page.Columns("variant", ">acked/s: median", ">least", ">"+m.versus(), ">p50: median", ">most", ">"+m.versus(), ">p99: median", ">most", ">"+m.versus()),
	}
	for _, v := range m.Variants {
		row := []string{v.Name, v.median(figures.Throughput), v.least(figures.Throughput), v.differs(figures.Throughput)}
		for _, name := range []string{figureLatencyP50, figureLatencyP99} {
			row = append(row, v.median(name), v.most(name), v.differs(name))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// runs lists the runs of a variant.
func (v Variant) runs() page.Section {
	s := page.Section{
		Title:   "Runs of " + v.Name,
		Columns: page.Columns("run", "verdict", ">failover time", ">client recovery", ">lost", ">not replaced", "what did not hold"),
		Folded:  true,
	}
	for _, r := range v.Set.Runs {
		row := []string{r.ID, string(r.Verdict)}
		for _, f := range []set.Figure{{Name: figureFailoverTime, Unit: set.Millis}, {Name: figureClientRecovery, Unit: set.Millis}, {Name: figureLostWrites}, {Name: figureNotReplaced}} {
			text := "–"
			if value, ok := r.Values[f.Name]; ok && r.Error == "" {
				text = set.Text(f.Unit, value)
			}
			row = append(row, text)
		}
		why := strings.Join(r.Failed, ", ")
		if r.Error != "" {
			why = inline(r.Error)
		}
		s.Rows = append(s.Rows, append(row, why))
		link := ""
		if r.Dir != "" {
			link = path.Join(v.Dir, r.Dir, "report.html")
		}
		s.Links = append(s.Links, link)
	}
	return s
}

// how is how the runs were made.
func (m *Matrix) how() page.Section {
	s := page.Section{Title: "How it was measured", Columns: page.Columns("", "")}
	add := func(name, value string) { s.Rows = append(s.Rows, []string{name, value}) }
	made := 0
	for _, v := range m.Variants {
		made += len(v.Set.Runs)
	}
	add("runs", fmt.Sprintf("%d of %d: each variant once in each round, in random order", made, m.How.Asked))
	add("at once", fmt.Sprintf("%d: %s", m.How.Parallel, m.How.Why))
	add("clusters", fmt.Sprintf("%d: %s", m.How.Clusters, m.How.ReuseWhy))
	add("seed", fmt.Sprint(m.Seed))
	add("took", words.Duration(m.Duration))
	if first := m.baseline(); first >= 0 {
		of := m.Variants[first].Set
		add("runtime", fmt.Sprintf("%s: %s", of.Runtime, of.Engine))
		add("topology", words.Masters(of.Topology.Masters, of.Topology.Replicas, of.Topology.ReplicasOf))
	}
	add("tool", m.Tool)
	return s
}

// held is in how many runs all expectations did.
func (v Variant) held() string {
	if len(v.ran()) == 0 {
		return "–"
	}
	return fmt.Sprintf("%d of %d", v.Passed, len(v.ran()))
}

// serverName is what ran.
func serverName(s record.Server) string {
	if s.Name == "" {
		return "–"
	}
	return strings.ToUpper(s.Name[:1]) + s.Name[1:] + " " + s.Version
}

// median writes that of a figure, with its interval.
func (v Variant) median(name string) string {
	f, text := v.figure(name), v.medianOf(name)
	if f != nil && f.Unit == set.Millis {
		if between := interval(f.MedianCI, f.Unit); between != "" {
			text += " [" + between + "]"
		}
	}
	return text
}

func (v Variant) p95(name string) string {
	if f := v.figure(name); f != nil {
		return set.Text(f.Unit, *f.P95)
	}
	return "–"
}

func (v Variant) most(name string) string {
	if f := v.figure(name); f != nil {
		return set.Text(f.Unit, *f.Max)
	}
	return "–"
}

func (v Variant) least(name string) string {
	if f := v.figure(name); f != nil {
		return set.Text(f.Unit, *f.Min)
	}
	return "–"
}

// differs says whether a figure differs from that of the first variant.
func (v Variant) differs(name string) string {
	d := v.difference(name)
	switch {
	case d == nil:
		return "–"
	case d.Significant:
		return "**" + probability(d.Adjusted) + "**"
	case d.TooFew:
		return "too few runs"
	default:
		return probability(d.Adjusted)
	}
}

package tune

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/plot"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// Overview is sweeps over the same values, on different servers.
type Overview struct {
	// servers have the sweeps of each, in the order in which they were given.
	servers []swept
	values  []string
}

// swept is a server with its sweeps. What is told of the server is of the first one.
type swept struct {
	name   string
	sweeps []*decision
}

// NewOverview puts sweeps of one parameter beside each other, which has to have the same values
// in all of them.
func NewOverview(sweeps []*Tune) (*Overview, error) {
	if len(sweeps) == 0 {
		return nil, errors.New("no sweep")
	}
	o := &Overview{}
	for _, t := range sweeps {
		switch first := sweeps[0]; {
		case len(t.Parameters) != 1:
			return nil, fmt.Errorf("%s: it is over %d parameters, and an overview is over one", t.ID, len(t.Parameters))
		case !reflect.DeepEqual(t.Parameters, first.Parameters):
			return nil, fmt.Errorf("%s: it is over other values than %s", t.ID, first.ID)
		case t.Scenario != first.Scenario:
			return nil, fmt.Errorf("%s: it is of %s, and %s of %s", t.ID, t.Scenario, first.ID, first.Scenario)
		case t.Server.Version == "":
			return nil, fmt.Errorf("%s: no run of it tells the server", t.ID)
		}
		name := capital(t.Server.Name) + " " + t.Server.Version
		at := slices.IndexFunc(o.servers, func(s swept) bool { return s.name == name })
		if at < 0 {
			at = len(o.servers)
			o.servers = append(o.servers, swept{name: name})
		}
		o.servers[at].sweeps = append(o.servers[at].sweeps, newDecision(t))
	}
	for _, c := range o.servers[0].sweeps[0].sorted() {
		o.values = append(o.values, c.name)
	}
	return o, nil
}

// by is the candidate with a value.
func (d *decision) by(value string) candidate {
	for _, c := range d.points {
		if c.name == value {
			return c
		}
	}
	return candidate{}
}

// given is what a sweep recommends if hiccups of a length are to be survived.
func (d *decision) given(survives record.Millis) (value, failover string) {
	decided := *d.Tune
	decided.Constraints = Constraints{Tolerate: &survives}
	decided.Decide()
	i := decided.recommended()
	if i < 0 {
		return "none", ""
	}
	return decided.Points[i].name(), decided.Points[i].own().sample(d.figure).text()
}

// Sections are the tables of the overview.
func (o *Overview) Sections() []page.Section {
	first := o.servers[0].sweeps[0]
	figure := func(name string) func(*decision, candidate) string {
		return func(d *decision, c candidate) string { return d.Points[c.point].own().sample(name).text() }
	}
	all := []page.Section{
		o.answers(),
		o.table("How long failovers take "+first.where(), "Medians, with 95 % intervals, from the fault on.", func(_ *decision, c candidate) string { return c.own.text() }),
		o.table("The slowest failover "+first.where(), "Of all runs with the value.", func(_ *decision, c candidate) string {
			if c.own.N == 0 {
				return "–"
			}
			return value(*c.own.Max)
		}),
		o.table("Longest hiccup survived", "The length at which 5 % of freezes cause a failover, with 95 % intervals.", func(_ *decision, c candidate) string {
			if c.tolerance == nil {
				return "not known"
			}
			return c.tolerance.text()
		}),
		o.table("On the server alone", "Medians of `failover_time`: up to the new master's first write.", figure(figureServer)),
		o.table("Before votes are asked for", "Medians of `election_delay`: from the old master's being marked as failed until a replica asks for votes.", figure("election_delay")),
		o.table("Writes lost", "Acknowledged, and gone, of all runs with a failure.", func(_ *decision, c candidate) string { return c.loss.text() }),
		o.again(),
		o.made(),
	}
	return slices.DeleteFunc(all, page.Section.IsEmpty)
}

// Answers are what each server's first sweep recommends, and how sure that is.
func (o *Overview) Answers() (all []string) {
	for _, s := range o.servers {
		r := s.sweeps[0].Recommendation
		sure, _, _ := strings.Cut(r.Certainty, ". ")
		all = append(all, fmt.Sprintf("**%s**: %s %s.", s.name, r.Sentence, strings.TrimSuffix(sure, ".")))
	}
	return all
}

// tolerated are lengths of hiccups that somebody may have to survive, in ms.
func tolerated() []float64 { return []float64{250, 500, 1000, 1500, 2000, 3000, 5000, 10_000} }

// answers say which value to take, by what has to be survived.
func (o *Overview) answers() page.Section {
	s := page.Section{
		Title:   "By what has to be survived",
		Intro:   fmt.Sprintf("The value of `%s` to take, so that hiccups of a length cause a failover in at most 5 %% of cases, and how long failovers then take.", o.servers[0].sweeps[0].Parameters[0].Name()),
		Columns: o.columns("hiccups of"),
	}
	for _, ms := range tolerated() {
		row := []string{limit(record.Millis(ms))}
		for _, server := range o.servers {
			value, failover := server.sweeps[0].given(record.Millis(ms))
			if failover == "" {
				row = append(row, value)
				continue
			}
			row = append(row, fmt.Sprintf("**%s**: %s", value, failover))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// columns are one for what the rows are of, and one for each server.
func (o *Overview) columns(first string) []page.Column {
	all := page.Columns(first)
	for _, s := range o.servers {
		all = append(all, page.Columns(">"+s.name)...)
	}
	return all
}

// table has a row for each value.
func (o *Overview) table(title, intro string, cell func(*decision, candidate) string) page.Section {
	s := page.Section{Title: title, Intro: intro, Columns: o.columns(o.servers[0].sweeps[0].Parameters[0].Name())}
	for _, value := range o.values {
		row := []string{value}
		for _, server := range o.servers {
			d := server.sweeps[0]
			row = append(row, cell(d, d.by(value)))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// again puts sweeps of the same server beside each other.
func (o *Overview) again() page.Section {
	s := page.Section{
		Title: "The same sweep again",
		Intro: "Sweeps that were made twice, with different seeds: what they recommend, and for how many values their intervals overlap.",
		Columns: page.Columns("server", ">recommended", ">by the other one", ">intervals of failovers that overlap", ">of hiccups survived",
			">furthest apart: failovers", ">hiccups survived"),
	}
	for _, server := range o.servers {
		for _, other := range server.sweeps[1:] {
			a, b := server.sweeps[0], other
			var failovers, hiccups agreement
			for _, value := range o.values {
				x, y := a.by(value), b.by(value)
				if x.own.N > 0 && y.own.N > 0 && !x.own.Median.IsNever() && !y.own.Median.IsNever() {
					failovers.add(x.own.overlaps(y.own), float64(*x.own.Median), float64(*y.own.Median))
				}
				if x.tolerance != nil && y.tolerance != nil {
					hiccups.add(x.tolerance.overlaps(*y.tolerance), float64(x.tolerance.ms), float64(y.tolerance.ms))
				}
			}
			s.Rows = append(s.Rows, []string{server.name, a.choice(), b.choice(), failovers.share(), hiccups.share(), failovers.furthest(), hiccups.furthest()})
		}
	}
	return s
}

// choice is the value that is recommended.
func (d *decision) choice() string {
	if i := d.recommended(); i >= 0 {
		return d.Points[i].name()
	}
	return "none"
}

// overlaps tells whether two intervals do.
func (t tolerance) overlaps(o tolerance) bool {
	above := func(low, high *float64) bool { return low != nil && high != nil && *low > *high }
	return !above(t.ci[0], o.ci[1]) && !above(o.ci[0], t.ci[1])
}

// agreement counts figures of two sweeps whose intervals overlap.
type agreement struct {
	overlap, of int
	most        float64 // how far two figures are apart, as a share of the lesser one
}

func (a *agreement) add(overlap bool, x, y float64) {
	a.of++
	if overlap {
		a.overlap++
	}
	if least := min(x, y); least > 0 {
		a.most = max(a.most, max(x, y)/least-1)
	}
}

func (a agreement) share() string { return fmt.Sprintf("%d of %d", a.overlap, a.of) }

func (a agreement) furthest() string {
	if a.of == 0 {
		return "–"
	}
	return words.Percent(a.most)
}

// made is how each sweep was made.
func (o *Overview) made() page.Section {
	s := page.Section{Title: "How the sweeps were made", Columns: page.Columns("server", "sweep", ">took", ">at once", ">failovers of each value", ">hiccups", "seed")}
	for _, server := range o.servers {
		for _, t := range server.sweeps {
			s.Rows = append(s.Rows, []string{
				server.name, t.Started.UTC().Format("2006-01-02 15:04 MST"), words.Duration(t.Duration), fmt.Sprint(t.How.Parallel),
				fmt.Sprint(t.Wanted.Failovers + t.Wanted.Partitions), fmt.Sprint(t.Wanted.Trials), fmt.Sprint(t.Seed),
			})
		}
	}
	return s
}

// WriteSVG draws the trade-off of all servers.
func (o *Overview) WriteSVG(w io.Writer) error {
	first := o.servers[0].sweeps[0]
	scatter := plot.Scatter{
		Title: "failover time against the longest hiccup survived",
		X:     plot.Axis{Label: "longest hiccup survived: 5 % of freezes as long cause a failover", Unit: plot.Millis, Log: true},
		Y:     plot.Axis{Label: "failover " + first.where() + ", median", Unit: plot.Millis, Log: true},
	}
	for i, server := range o.servers {
		series := plot.Series{Name: server.name, Line: true}
		d := server.sweeps[0]
		for _, value := range o.values {
			c := d.by(value)
			if c.tolerance == nil || c.own.N == 0 {
				continue
			}
			p := plot.Point{
				X:     plot.Estimate{Value: stats.Value(c.tolerance.ms), Interval: intervalOf(c.tolerance.ci)},
				Y:     plot.Estimate{Value: *c.own.Median, Interval: c.own.MedianCI},
				Title: fmt.Sprintf("%s, %s: failover %s, hiccups of %s survived", server.name, value, c.own.text(), c.tolerance.text()),
			}
			if i == 0 {
				p.Label = value
			}
			series.Points = append(series.Points, p)
		}
		scatter.Series = append(scatter.Series, series)
	}
	if err := scatter.WriteSVG(w); err != nil {
		return fmt.Errorf("drawing the overview: %w", err)
	}
	return nil
}

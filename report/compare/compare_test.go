package compare

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

var never = float64(stats.Never)

// setOf is a set with one figure: a run for each value.
func setOf(figure string, unit set.Unit, values ...float64) *set.Set {
	s := &set.Set{Schema: set.Schema, Scenario: "x", Source: "name: x\n", Figures: []set.Figure{{Name: figure, Unit: unit}}}
	for i, v := range values {
		s.Runs = append(s.Runs, set.Run{ID: fmt.Sprint("run-", i), Verdict: report.Pass, Values: map[string]stats.Value{figure: stats.Value(v)}})
	}
	return s
}

func around(middle float64, n int) (values []float64) {
	for i := range n {
		values = append(values, middle+float64(i-n/2))
	}
	return values
}

func TestVerdicts(t *testing.T) {
	ten := around(1000, 10)
	for name, test := range map[string]struct {
		figure string
		unit   set.Unit
		a, b   []float64
		want   Verdict
	}{
		"slower":                {"failover_time", set.Millis, ten, around(1300, 10), Worse},
		"faster":                {"failover_time", set.Millis, ten, around(700, 10), Better},
		"fewer acked":           {"availability", set.Ratio, []float64{.99, .98, .97, .96, .95}, []float64{.89, .88, .87, .86, .85}, Worse},
		"more throughput":       {"throughput", set.PerSecond, ten, around(1300, 10), Better},
		"of a workload":         {"workloads.orders.availability", set.Ratio, []float64{.89, .88, .87, .86, .85}, []float64{.99, .98, .97, .96, .95}, Better},
		"neither is better":     {"failovers", set.Count, []float64{1, 1, 1, 1, 1}, []float64{2, 2, 2, 2, 2}, Changed},
		"no longer recovers":    {"recovered", set.Bool, []float64{1, 1, 1, 1, 1}, []float64{0, 0, 0, 0, 0}, Worse},
		"never comes":           {"failover_time", set.Millis, ten, []float64{never, never, never, never, never}, Worse},
		"comes now":             {"failover_time", set.Millis, []float64{never, never, never, never, never}, ten, Better},
		"alike":                 {"failover_time", set.Millis, ten, around(1000.5, 10), Unchanged},
		"four, far apart":       {"failover_time", set.Millis, around(1000, 4), around(2000, 4), Worse},
		"three, far apart":      {"failover_time", set.Millis, around(1000, 3), around(2000, 3), Undecided},
		"one each":              {"failover_time", set.Millis, []float64{1}, []float64{99}, Undecided},
		"wide":                  {"failover_time", set.Millis, []float64{1, 200, 400, 900}, []float64{2, 210, 380, 1000}, Undecided},
		"equal":                 {"lost_writes", set.Count, []float64{0, 0, 0}, []float64{0, 0}, Same},
		"one loss among ten":    {"lost_writes", set.Count, make([]float64, 10), append(make([]float64, 9), 7), Unchanged},
		"one loss among three":  {"lost_writes", set.Count, make([]float64, 3), []float64{0, 0, 7}, Undecided},
		"losses in most":        {"lost_writes", set.Count, make([]float64, 10), []float64{1, 2, 3, 4, 5, 6, 7, 8, 0, 0}, Worse},
		"none in b":             {"failover_time", set.Millis, ten, nil, Unmeasured},
		"never in half of each": {"failover_time", set.Millis, []float64{1, 2, 3, never, never, never}, []float64{1, 2, 4, never, never, never}, Undecided},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := setOf(test.figure, test.unit, test.a...), setOf(test.figure, test.unit, test.b...)
			if len(test.b) == 0 { // a run that does not know it
				b.Runs = []set.Run{{ID: "run", Verdict: report.Pass, Unmeasured: map[string]string{test.figure: "nobody looked"}}}
			}
			c, err := Compare(a, b, Options{A: "a", B: "b"})
			if err != nil {
				t.Fatal(err)
			}
			f := c.Figures[0]
			if f.Verdict != test.want {
				t.Errorf("%s (p %v, needed %v), want %s", f.Verdict, f.Corrected, f.Needed, test.want)
			}
			if test.want == Unmeasured && f.Reason != "nobody looked" {
				t.Errorf("reason %q", f.Reason)
			}
			if test.want != Same && test.want != Unmeasured && c.Verdict != test.want {
				t.Errorf("overall %s, want %s", c.Verdict, test.want)
			}
		})
	}
}

// The more figures there are, the surer each has to be, but for those that say the same.
func TestFiguresAreCorrectedForTheirNumber(t *testing.T) {
	a, b := setOf("failover_time", set.Millis, around(1000, 5)...), setOf("failover_time", set.Millis, around(2000, 5)...)
	alone := *compared(t, a, b).Figures[0].Corrected
	for _, s := range []*set.Set{a, b} {
		s.Figures = append(s.Figures, set.Figure{Name: "client_recovery", Unit: set.Millis}, set.Figure{Name: "lost_writes", Unit: set.Count})
		for _, r := range s.Runs {
			r.Values["client_recovery"] = 2*r.Values["failover_time"] + 5 // a copy
			r.Values["lost_writes"] = 3                                   // a constant
		}
	}
	if c := compared(t, a, b); *c.Figures[0].Corrected != alone || *c.Figures[1].Corrected != alone || c.Figures[2].Corrected != nil {
		t.Errorf("with a copy and a constant, p is %v and %v, not %v", *c.Figures[0].Corrected, *c.Figures[1].Corrected, alone)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, s := range []*set.Set{a, b} {
		s.Figures = append(s.Figures, set.Figure{Name: "election_delay", Unit: set.Millis}, set.Figure{Name: "latency_p50", Unit: set.Millis})
		for _, r := range s.Runs {
			r.Values["election_delay"], r.Values["latency_p50"] = stats.Value(rnd.Float64()), stats.Value(rnd.Float64())
		}
	}
	c := compared(t, a, b)
	i := slices.IndexFunc(c.Figures, func(f Figure) bool { return f.Name == "failover_time" })
	if want := alone * 2 / primaryShare; *c.Figures[i].Corrected < want*0.999 || *c.Figures[i].Corrected > want*1.001 {
		t.Errorf("with another primary figure and one that is none, p is %v, not %v", *c.Figures[i].Corrected, want)
	}
}

func compared(t *testing.T, a, b *set.Set) *Comparison {
	t.Helper()
	c, err := Compare(a, b, Options{A: "old", B: "new"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRunsThatWereNotCarriedOutCountInNothing(t *testing.T) {
	a := setOf("failover_time", set.Millis, around(1000, 5)...)
	a.Runs[0].Verdict, a.Runs[0].Error = report.Error, "the engine went away"
	a.Error = "interrupted"
	c := compared(t, a, setOf("failover_time", set.Millis, around(1000, 5)...))
	if c.A.Runs != 4 || c.A.NotCarriedOut != 1 || c.Figures[0].A.N != 4 {
		t.Errorf("%+v", c.A)
	}
	notes := strings.Join(c.Notes, "\n")
	if notes != "1 of 5 runs of old was not carried out to the end, and counts in no figure.\nold has fewer runs than were asked for: interrupted." {
		t.Error(notes)
	}
}

func TestSetsThatCannotBeCompared(t *testing.T) {
	good := func() *set.Set { return setOf("failover_time", set.Millis, 1, 2, 3) }
	for name, test := range map[string]struct {
		spoil func(*set.Set)
		want  string
	}{
		"another schema":    {func(s *set.Set) { s.Schema = "x/v9" }, `new: its schema is "x/v9", not "redis-chaos/set/v1"; name the folder of a set or of a run`},
		"no runs":           {func(s *set.Set) { s.Runs = nil }, "new has no run that was carried out to its end, and so no figures to compare"},
		"only errors":       {func(s *set.Set) { s.Runs = []set.Run{{Verdict: report.Error, Error: "no engine"}} }, "no figures to compare: no engine"},
		"negative":          {func(s *set.Set) { s.Runs[1].Values["failover_time"] = -3 }, `new: failover_time of run run-1 is -3; a figure is a number from 0 to 1e+15, or "never"`},
		"huge":              {func(s *set.Set) { s.Runs[1].Values["failover_time"] = 1e300 }, "is 1e+300; a figure is"},
		"too many runs":     {func(s *set.Set) { s.Runs = make([]set.Run, 10_001) }, "new has 10001 runs; up to 10000 are compared"},
		"too many figures":  {func(s *set.Set) { s.Figures = make([]set.Figure, 301) }, "new has 301 figures; up to 300 are compared"},
		"an unknown unit":   {func(s *set.Set) { s.Figures[0].Unit = "furlong" }, `new: the unit of failover_time is "furlong", which is unknown`},
		"another unit":      {func(s *set.Set) { s.Figures[0].Unit = set.Count }, "failover_time is in ms in one of the sets and in count in the other"},
		"no scenario":       {func(s *set.Set) { s.Source = "" }, "reading the scenarios of old and new: "},
		"a broken scenario": {func(s *set.Set) { s.Source = "a: [" }, "reading the scenarios of old and new: "},
	} {
		t.Run(name, func(t *testing.T) {
			b := good()
			test.spoil(b)
			if _, err := Compare(good(), b, Options{A: "old", B: "new"}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

const scenario = `name: master-kill
cluster:
  masters: 3
  image: redis:7-alpine
  config:
    cluster-node-timeout: 5000
workloads:
  - name: orders
    type: set
    client:
      dial_timeout: 500ms
duration: 30s
observe:
  probes: 5ms
faults:
  - at: 6s
    kill:
      role: master
expect:
  lost_writes: 0
`

func TestDifferences(t *testing.T) {
	for name, test := range map[string]struct {
		old, new  string
		want      string
		different bool
	}{
		"nothing":          {"", "", "", false},
		"expectations":     {"lost_writes: 0", "lost_writes: 5", "", false},
		"a directive":      {"5000", "2000", "cluster.config.cluster-node-timeout: 5000 → 2000", false},
		"the image":        {"redis:7-alpine", "valkey:9", "cluster.image: redis:7-alpine → valkey:9", false},
		"a client":         {"500ms", "1s", "workloads.orders.client.dial_timeout: 500ms → 1s", false},
		"how it is seen":   {"probes: 5ms", "probes: 9ms", "observe.probes: 5ms → 9ms", false},
		"the name":         {"master-kill", "master-stop", "name: master-kill → master-stop", true},
		"how long":         {"30s", "40s", "duration: 30s → 40s", true},
		"a fault":          {"at: 6s", "at: 7s", "faults[0].at: 6s → 7s", true},
		"another workload": {"type: set", "type: list", "workloads.orders.type: set → list", true},
		"the shape":        {"masters: 3", "masters: 5", "cluster.masters: 3 → 5", true},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := setOf("failover_time", set.Millis, 1), setOf("failover_time", set.Millis, 1)
			a.Source, b.Source = scenario, strings.Replace(scenario, test.old, test.new, 1)
			c, err := Compare(a, b, Options{A: "old", B: "new"})
			var different *DifferentError
			if errors.As(err, &different) != test.different {
				t.Fatalf("%v", err)
			}
			if test.different {
				want := "old and new are of different scenarios, so that their figures do not compare: " + test.want + "; compare sets of one scenario, or give --force"
				if err.Error() != want {
					t.Errorf("%v\nwant %s", err, want)
				}
				if c, err = Compare(a, b, Options{A: "old", B: "new", Force: true}); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, d := range c.Differences {
				got = append(got, fmt.Sprintf("%s: %s → %s", d.Path, d.A, d.B))
			}
			if strings.Join(got, "; ") != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestDifferencesOfTheSubject(t *testing.T) {
	a, b := setOf("failover_time", set.Millis, 1), setOf("failover_time", set.Millis, 1)
	a.Source, b.Source = scenario, strings.Replace(scenario, "5000", "2000", 1)
	a.Server.Name, a.Server.Version, b.Server.Name, b.Server.Version = "redis", "7.0.15", "valkey", "9.1.2"
	a.Config = map[string]string{"cluster-node-timeout": "5000", "hz": "10"}
	b.Config = map[string]string{"cluster-node-timeout": "2000"}
	a.Runtime, b.Runtime, b.Tool = "local", "docker", "chaos v2"
	var got []string
	for _, d := range compared(t, a, b).Differences {
		got = append(got, d.Path)
	}
	if want := []string{"cluster.config.cluster-node-timeout", "server.name", "server.version", "config.hz", "runtime", "tool"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestText(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	a, b := simulatedSet(rnd, 10, 5000, 0), simulatedSet(rnd, 10, 5000, 400)
	b.Server.Version = "8.0.2"
	var text, coloured strings.Builder
	c := compared(t, a, b)
	if err := errors.Join(Forms().Summary(page.TextOptions{})(&text, c), Forms().Summary(page.TextOptions{Colour: true})(&coloured, c)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"WORSE: new is worse in election_delay\n",
		"  A  old: 10 runs of master-kill, redis 7.0.15\n  B  new: 10 runs of master-kill, redis 8.0.2\n     server.version: 7.0.15 → 8.0.2\n",
		"  election_delay is worse: 879 ms → 1.16 s (+300 ms, +34 %; 95 % interval +22 % to +56 %); p = ",
		"Of the failover's phases, election_delay (+300 ms) changed; no change was found in suspicion, agreement, votes and opening.",
		"  figure            n        A        B",
		"worse, sure\n",
		"The same in every run: failovers 1, split_brain 0 ms, recovered 10 of 10.",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "\x1b") || !strings.Contains(coloured.String(), "\x1b[31m") {
		t.Errorf("colours:\n%q\n%q", text.String(), coloured.String())
	}
}

func TestTextOfSingleRuns(t *testing.T) {
	var text strings.Builder
	c := compared(t, setOf("failover_time", set.Millis, 1000), setOf("failover_time", set.Millis, 5000))
	if err := Forms().Summary(page.TextOptions{})(&text, c); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"TOO FEW RUNS to tell whether new differs from old\n", "1 run in each set cannot tell any change from chance: it takes at least 4 in each."} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, text.String())
		}
	}
}

// Text from elsewhere shows as text, in every form.
func TestHostileText(t *testing.T) {
	const hostile = "\x1b[31m\u202e::error::x | <script> `code` ![x](http://y)\n# h"
	a, b := setOf(hostile, set.Millis, around(1000, 10)...), setOf(hostile, set.Millis, around(1300, 10)...)
	for _, s := range []*set.Set{a, b} {
		s.Scenario, s.ID, s.Server.Name, s.Runtime, s.Error = hostile, hostile, hostile, hostile, hostile
		s.Figures = append(s.Figures, set.Figure{Name: "lost_writes", Unit: set.Count})
		s.Runs[0].Unmeasured = map[string]string{"lost_writes": hostile}
	}
	b.Config = map[string]string{hostile: hostile}
	c, err := Compare(a, b, Options{A: hostile, B: "b" + hostile})
	if err != nil {
		t.Fatal(err)
	}
	var text, markdown, encoded bytes.Buffer
	if err := errors.Join(Forms().Summary(page.TextOptions{})(&text, c), writeMarkdown(&markdown, c), Forms().JSON()(&encoded, c)); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"text": text.String(), "Markdown": markdown.String(), "JSON": encoded.String()} {
		if strings.ContainsAny(out, "\x1b\u202e") {
			t.Errorf("%s drives a terminal:\n%s", name, out)
		}
	}
	if out := regexp.MustCompile("`[^`]*`").ReplaceAllString(markdown.String(), ""); strings.Contains(out, "\n# h") || strings.Contains(out, "![x](") {
		t.Errorf("it makes a structure of its own:\n%s", out)
	}
	var back struct{ A Side }
	if err := json.Unmarshal(encoded.Bytes(), &back); err != nil || back.A.Name != hostile {
		t.Errorf("%q, %v", back.A.Name, err)
	}
}

func TestJSON(t *testing.T) {
	c := compared(t, setOf("failover_time", set.Millis, around(1000, 10)...), setOf("failover_time", set.Millis, never, never, never, never, never))
	var text strings.Builder
	if err := Forms().JSON()(&text, c); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"schema": "redis-chaos/compare/v1"`, `"shift": "never"`, `"relative": null`, `"verdict": "worse"`, `"checks": []`, `"notes": []`, `"differences": []`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s is missing in:\n%s", want, text.String())
		}
	}
}

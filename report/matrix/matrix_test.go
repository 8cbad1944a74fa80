package matrix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// variant is one with a run for each failover time in ms; an infinite one is of a master that
// was not replaced.
func variant(name string, times ...float64) Variant {
	var runs []set.Run
	for i, ms := range times {
		r := set.Run{ID: fmt.Sprintf("%s-%d", name, i), Dir: fmt.Sprintf("%s-%d", name, i), Verdict: report.Pass, Values: map[string]stats.Value{
			figureFailoverTime: stats.Value(ms), figureClientRecovery: stats.Value(ms + 200), figureLostWrites: stats.Value(i % 2), figureUnavailable: stats.Value(ms), figureNotReplaced: 0,
		}}
		if math.IsInf(ms, 1) {
			r.Verdict, r.Failed, r.Values[figureNotReplaced] = report.Fail, []string{"failovers"}, 1
			ms = 8000
		}
		for _, phase := range phases() {
			r.Values[slowest(phase)] = stats.Value(ms / 5)
		}
		runs = append(runs, r)
	}
	return Variant{Name: name, Dir: name, Set: *set.Aggregate(set.Set{Server: record.Server{Name: "redis", Version: "7.0.15"}, Runtime: "local"}, runs, scenario())}
}

func scenario() *scenarios.Scenario { return &scenarios.Scenario{Name: "third-of-masters"} }

func times(from, step float64, n int) (all []float64) {
	for i := range n {
		all = append(all, from+float64(i)*step)
	}
	return all
}

// sample has a variant that is slower, one that is much faster, one that is like the first, one
// with a master that is not replaced, and one that cannot be run.
func sample() *Matrix {
	never := math.Inf(1)
	m := &Matrix{
		Schema: Schema, ID: "matrix-third-of-masters-20260101-000000-0000", Scenario: "third-of-masters", Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Seed: 7, Tool: "redis-chaos test", Command: "chaos matrix third-of-masters --redis-server a,b", How: set.How{Asked: 50, Parallel: 2, Why: "as asked for", Clusters: 40},
		Variants: []Variant{
			variant("redis-7.0", times(8000, 50, 10)...),
			variant("valkey-9.1", times(6900, 40, 10)...),
			variant("redis-8.0", times(8010, 50, 10)...),
			variant("redis-7.2", append(times(8000, 50, 7), never, never, never)...),
			{Name: "redis-broken", RedisServer: "/broken", Dir: "redis-broken", Unable: "it is <b>no</b> server | at all",
				Set: *set.Aggregate(set.Set{}, []set.Run{{ID: "x", Dir: "x", Verdict: report.Error, Error: "it is no server"}}, scenario())},
		},
	}
	m.Sum()
	return m
}

func TestSum(t *testing.T) {
	m := sample()
	if m.Verdict != report.Fail || m.Variants[0].Set.Verdict != report.Pass || m.Variants[4].Set.Verdict != report.Error {
		t.Errorf("verdicts %s, %s, %s", m.Verdict, m.Variants[0].Set.Verdict, m.Variants[4].Set.Verdict)
	}
	if f := m.Variants[0].figure(figureFailoverTime); *f.Median != 8225 || f.N != 10 {
		t.Errorf("%+v", f)
	}
	if share := m.Variants[3].NotReplaced; share.Count != 3 || share.N != 10 || math.Abs(share.CI[0]-0.0667) > 0.001 || math.Abs(share.CI[1]-0.6525) > 0.001 {
		t.Errorf("%+v", share)
	}
	if f := m.Variants[3].figure(figureFailoverTime); f.Never != 3 || !f.P95.IsNever() {
		t.Errorf("%+v", f)
	}
	for i, want := range []struct{ significant, none bool }{{none: true}, {significant: true}, {}, {}, {none: true}} {
		d := m.Variants[i].difference(figureFailoverTime)
		if (d == nil) != want.none || d != nil && (d.Significant != want.significant || d.TooFew) {
			t.Errorf("%s: %+v", m.Variants[i].Name, d)
		}
	}
	m.Variants = m.Variants[4:]
	if m.Sum(); m.Verdict != report.Error || Headline(m) != "ERROR: third-of-masters on 1 variant, no run was carried out" {
		t.Errorf("%s, %s", m.Verdict, Headline(m))
	}
}

// With as few runs, no difference could be told, and the report says how many it takes.
func TestTooFewRuns(t *testing.T) {
	m := &Matrix{Scenario: "s", Variants: []Variant{variant("a", 1000, 1001, 1002), variant("b", 9000, 9001, 9002)}}
	m.Sum()
	d := m.Variants[1].difference(figureFailoverTime)
	if d.Significant || !d.TooFew {
		t.Errorf("%+v", d)
	}
	if story := strings.Join(Story(m), "\n"); !strings.Contains(story, "at least 5 of each variant are needed") {
		t.Error(story)
	}
}

// Without a failover, what was lost and how many writes were acked are all that there is to compare.
func TestLoads(t *testing.T) {
	fsync := func(name string, lost, acked, p99 float64) Variant {
		var runs []set.Run
		for i := range 3 {
			more := stats.Value(i)
			runs = append(runs, set.Run{ID: fmt.Sprintf("%s-%d", name, i), Verdict: report.Pass, Values: map[string]stats.Value{
				figureLostWrites: stats.Value(lost) * (more + 1), figures.Throughput: stats.Value(acked) + more, figureLatencyP50: 1, figureLatencyP99: stats.Value(p99) + more,
			}})
		}
		return Variant{Name: name, Dir: name, Set: *set.Aggregate(set.Set{Server: record.Server{Name: "redis", Version: "7.0.15"}}, runs, scenario())}
	}
	m := &Matrix{Scenario: "s", Variants: []Variant{fsync("appendfsync=always", 0, 370, 80), fsync("appendfsync=no", 10_000, 900, 4)}}
	m.Sum()
	for _, test := range []struct {
		section page.Section
		row     int
		want    []string
	}{
		{m.overview(), 0, []string{"appendfsync=always", "Redis 7.0.15", "3", "0", "0", "371/s", "1.00 ms", "81 ms", "3 of 3"}},
		{m.overview(), 1, []string{"appendfsync=no", "Redis 7.0.15", "3", "20,000", "30,000", "901/s", "1.00 ms", "5.00 ms", "3 of 3"}},
		{m.load(), 1, []string{"appendfsync=no", "901/s", "900/s", "too few runs", "1.00 ms", "1.00 ms", "too few runs", "5.00 ms", "6.00 ms", "too few runs"}},
	} {
		if got := test.section.Rows[test.row]; !slices.Equal(got, test.want) {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestStory(t *testing.T) {
	story := strings.Join(Story(sample()), "\n")
	for _, want := range []string{
		"Failover time at the median: valkey-9.1 7.08 s, redis-7.0 8.22 s, redis-7.2 8.22 s, redis-8.0 8.23 s.",
		"valkey-9.1 was 1.15 s (14 %) faster than redis-7.0 (95 % interval: 1.00 s – 1.29 s, p = 0.0002): suspicion 1.42 s instead of 1.65 s, agreement ",
		"No significant difference in failover time from redis-7.0: redis-8.0 (p = ",
		"redis-7.2 left a shard without a new master in 3 of 10 runs (95 % interval: 7 – 65 %).",
		"redis-7.0, valkey-9.1, redis-8.0 did not: 31 % of runs at most, by the interval.",
		"Acked writes lost in a run: redis-7.0 up to 1 (median 0.5)",
		"redis-broken could not be run: it is <b>no</b> server | at all",
	} {
		if !strings.Contains(story, want) {
			t.Errorf("no %q in:\n%s", want, story)
		}
	}
}

// Every form shows every variant, links every run, and makes no more than text of what comes
// from elsewhere.
func TestForms(t *testing.T) {
	m := sample()
	m.Variants[0].Name = "redis\x1b[31m<script>"
	m.Sum()
	for _, f := range append(Forms().Files, form.File("summary", Forms().Summary(page.TextOptions{}))) {
		t.Run(f.Name, func(t *testing.T) {
			var b bytes.Buffer
			if err := f.Render(&b, m); err != nil {
				t.Fatal(err)
			}
			out := b.String()
			for _, want := range []string{"valkey-9.1", "redis-broken", "7.0.15"} {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			if strings.Contains(out, "\x1b") || f.Name == "matrix.html" && strings.Contains(out, "<script>") {
				t.Errorf("a control character or markup in\n%s", out)
			}
			for _, v := range m.Variants {
				for _, r := range v.Set.Runs {
					if link := v.Dir + "/" + r.Dir + "/report.html"; (f.Name == "matrix.md" || f.Name == "matrix.html") && !strings.Contains(out, link) {
						t.Errorf("no link to %s", link)
					}
				}
			}
		})
	}
	var b bytes.Buffer
	if err := Forms().JSON()(&b, m); err != nil {
		t.Fatal(err)
	}
	var again Matrix
	if err := json.Unmarshal(b.Bytes(), &again); err != nil {
		t.Fatal(err)
	}
	again.Sum()
	if Headline(&again) != Headline(m) {
		t.Errorf("%s, read again %s", Headline(m), Headline(&again))
	}
}

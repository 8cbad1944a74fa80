//go:build linux

package attack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// recorded is a run that was recorded on a real cluster.
type recorded struct {
	name     string
	source   string // of the scenario
	scenario *scenarios.Scenario
	lines    []string // of its events.ndjson, with their ends
}

// readRecorded reads a run from the test data of report.
func readRecorded(t *testing.T, name string) recorded {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "report", "testdata", name)
	source, err := os.ReadFile(filepath.Join(dir, "scenario.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := parse.Scenario("scenario.yaml", source, experiment.Catalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
	// The end of the run counts the events, which those of the test data are too old for.
	for i, line := range lines {
		if typeOf(line) == "run_ended" {
			lines[i] = strings.Replace(line, `"data":{`, fmt.Sprintf(`"data":{"events":%d`, i), 1)
			lines[i] = strings.Replace(lines[i], `,}`, `}`, 1)
		}
	}
	return recorded{name, string(source), s, lines}
}

// typeOf is the type of the event in a line.
func typeOf(line string) string {
	var e struct{ Type string }
	_ = json.Unmarshal([]byte(line), &e) // what is no event has no type
	return e.Type
}

// without is the record without the lines that match.
func (r recorded) without(match func(i int, line string) bool) string {
	var b strings.Builder
	for i, line := range r.lines {
		if !match(i, line) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// tampered is a record that somebody has changed.
type tampered struct {
	what string
	text string
}

// told is what is told of a record, after it was checked for what holds of any.
func told(t *testing.T, s *scenarios.Scenario, v tampered) (r *report.Result) {
	t.Helper()
	defer func() {
		if err := recover(); err != nil {
			t.Errorf("%s: it panics: %v\n%s", v.what, err, debug.Stack())
		}
	}()
	began := time.Now()
	events, damage, err := record.Salvage(strings.NewReader(v.text))
	if err != nil {
		t.Fatal(err)
	}
	for _, note := range damage.Notes() {
		events = append(events, record.Event{Data: &record.Note{Text: note}})
	}
	result := prose.Describe(analysis.Analyze(s, events))
	var markdown, html, junit, latency, asJSON bytes.Buffer
	err = errors.Join(render.Markdown(&markdown, result), render.HTML(&html, result),
		render.JUnit(&junit, result), record.WriteLatencyLog(&latency, events), report.WriteJSON(&asJSON, result))
	if err != nil {
		t.Errorf("%s: it cannot be rendered: %v", v.what, err)
	}
	for name, out := range map[string]string{"report.md": markdown.String(), "report.html": html.String(), "junit.xml": junit.String(), "latency.hlog": latency.String()} {
		if c, found := control(out); found {
			i := strings.IndexRune(out, c)
			t.Errorf("%s: the %s holds %q: %q", v.what, name, c, out[max(0, i-40):min(len(out), i+40)])
		}
	}
	if html := html.String(); strings.Contains(html, "<script>alert") || strings.Contains(html, "<img src=x") {
		t.Errorf("%s: the page has its markup", v.what)
	}
	if took := time.Since(began); took > bound {
		t.Errorf("%s: it took %s", v.what, took)
	}
	return result
}

// strict is a scenario none of whose expectations holds for the record: each asks for a bit
// more than what is in there. If one of them holds once evidence is gone, a figure looks
// better for it.
func strict(t *testing.T, run recorded) *scenarios.Scenario {
	t.Helper()
	s := *run.scenario
	s.Expect = nil
	for _, m := range expect.Metrics() {
		if m.Unit != expect.UnitCauses && m.Unit != expect.UnitBool {
			s.Expect = append(s.Expect, expect.Expectation{Metric: m, Op: "<=", Value: math.Inf(1), Want: "anything"})
		}
	}
	measured := told(t, &s, tampered{"nothing is changed", strings.Join(run.lines, "")})
	s.Expect = nil
	for i, e := range measured.Expectations {
		m, err := expect.Parse(e.Name, "0")
		if err != nil {
			t.Fatal(err)
		}
		bound := expect.Expectation{Metric: m.Metric, Op: "<=", Want: "better than it was"}
		var got float64
		switch v := e.Got.(type) {
		case nil: // not measured: once it is, it looks better
			bound.Value = math.Inf(1)
			s.Expect = append(s.Expect, bound)
			continue
		case float64:
			got = v
		case int64:
			got = float64(v)
		default:
			t.Fatalf("expectation %d has %T", i, v)
		}
		switch {
		case m.Metric.MoreIsBetter:
			bound.Op, bound.Value = ">=", got+(1-got)/2
		case m.Metric.Unit == expect.UnitCount:
			bound.Value = got - 1
		default:
			bound.Value = got * 0.9
		}
		if best := m.Metric.MoreIsBetter && got == 1 || !m.Metric.MoreIsBetter && got == 0; !best {
			s.Expect = append(s.Expect, bound)
		}
	}
	return &s
}

// notBetter fails the test if a record from which evidence was taken is told as better than
// before: an error may not be a verdict, and a figure that nothing shows any more is not one.
func notBetter(t *testing.T, s *scenarios.Scenario, v tampered) {
	t.Helper()
	r := told(t, s, v)
	if r == nil || r.Verdict == report.Error {
		return
	}
	for _, e := range r.Expectations {
		if e.OK {
			t.Errorf("%s: %s is better for it: %s, and %s was wanted (the verdict is %s)", v.what, e.Name, e.Shown, e.Want, r.Verdict)
		}
	}
}

// removed are records from which evidence was taken.
func removed(run recorded) (all []tampered) {
	types := map[string]bool{}
	for _, line := range run.lines {
		types[typeOf(line)] = true
	}
	for _, typ := range slices.Sorted(maps.Keys(types)) {
		all = append(all, tampered{"without " + typ, run.without(func(_ int, line string) bool { return typeOf(line) == typ })})
	}
	for _, phase := range []string{"requested", "effective", "heal_requested", "healed"} {
		all = append(all, tampered{"without faults " + phase, run.without(func(_ int, line string) bool {
			return typeOf(line) == "fault" && strings.Contains(line, `"phase":"`+phase+`"`)
		})})
	}
	for _, answer := range []string{"ack", "refused", "timeout", "clusterdown", "moved"} {
		all = append(all, tampered{"without probes answered by " + answer, run.without(func(_ int, line string) bool {
			return typeOf(line) == "probe" && strings.Contains(line, `"answer":"`+answer+`"`)
		})})
	}
	for _, node := range []string{"redis-master-1", "redis-replica-1", "redis-master-2"} {
		all = append(all, tampered{"without " + node, run.without(func(i int, line string) bool {
			return typeOf(line) != "run_started" && strings.Contains(line, node)
		})})
	}
	for i, line := range run.lines {
		if i%run.stride() != 0 {
			continue
		}
		all = append(all, tampered{fmt.Sprintf("without line %d (%s)", i+1, typeOf(line)), run.without(func(j int, _ string) bool { return i == j })})
	}
	for _, from := range []int{1, 2, 4, 8} { // holes
		i, n := from*len(run.lines)/10, len(run.lines)/10
		all = append(all, tampered{fmt.Sprintf("without lines %d to %d", i+1, i+n), run.without(func(j int, _ string) bool { return j >= i && j < i+n })})
	}
	return all
}

// stride is by how many lines of a record one goes on that tampers with each: by more in
// the quick part, and in long records.
func (r recorded) stride() int {
	if long() {
		return 1 + len(r.lines)/100
	}
	return 8
}

// recordedNames are the runs of which records are tampered with; the quick part takes the
// first ones.
func recordedNames() []string {
	return []string{"master-partition", "master-kill", "double-master-kill", "manual-failover", "false-failover", "stale-replica", "two-shards"}
}

// Evidence that is taken from a record makes no figure better: what it does not show is not
// measured, and what is not measured meets no expectation.
func TestRemovedEvidenceMakesNothingBetter(t *testing.T) {
	for _, name := range quick(recordedNames(), 1) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := readRecorded(t, name)
			s := strict(t, run)
			for _, v := range removed(run) {
				notBetter(t, s, v)
			}
		})
	}
}

// A line that is there twice, or a record in another order, makes no figure better either.
func TestRepeatedEvidenceMakesNothingBetter(t *testing.T) {
	for _, name := range quick(recordedNames(), 1) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := readRecorded(t, name)
			s := strict(t, run)
			whole := strings.Join(run.lines, "")
			notBetter(t, s, tampered{"twice the whole", whole + whole})
			for i := 0; i < len(run.lines); i += run.stride() {
				twice := slices.Insert(slices.Clone(run.lines), i, run.lines[i])
				notBetter(t, s, tampered{fmt.Sprintf("line %d twice", i+1), strings.Join(twice, "")})
			}
			dice := rand.New(rand.NewPCG(1, 2))
			for n := range 80 / run.stride() {
				shuffled := slices.Clone(run.lines)
				dice.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				notBetter(t, s, tampered{fmt.Sprintf("shuffled, %d", n), strings.Join(shuffled, "")})
			}
		})
	}
}

// A record that ends anywhere is an error, never a verdict.
func TestARecordCutAnywhereIsNoVerdict(t *testing.T) {
	for _, name := range quick(recordedNames(), 1) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := readRecorded(t, name)
			whole := strings.Join(run.lines, "")
			// In each of the first lines at every byte, and then at a byte of every line.
			var cuts []int
			for i := 0; i < min(300, len(whole)); i += run.stride() {
				cuts = append(cuts, i)
			}
			at := 0
			for i, line := range run.lines {
				if i%run.stride() == 0 {
					cuts = append(cuts, at+(i*7)%len(line))
				}
				at += len(line)
			}
			for _, cut := range cuts {
				v := tampered{fmt.Sprintf("cut after %d of %d bytes", cut, len(whole)), whole[:cut]}
				if r := told(t, run.scenario, v); r != nil && r.Verdict != report.Error {
					t.Errorf("%s: the verdict is %s", v.what, r.Verdict)
				}
			}
		})
	}
}

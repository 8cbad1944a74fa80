package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func html(t *testing.T, r *Result) string {
	t.Helper()
	var page strings.Builder
	if err := WriteHTML(&page, r); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, page.String())
	return page.String()
}

// wellFormed fails the test unless every tag of a page is closed where it must be.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Entity = xml.HTMLEntity
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
	}
}

func TestHTMLTellsWhatHappened(t *testing.T) {
	r := told(oneFault(), aFailover())
	r.Expectations = []Expectation{
		{Name: "failover_time", Want: "<= 8s", Got: 3004.0, OK: true, Shown: "3.00 s"},
		{Name: "lost_writes", Want: "== 0", Got: 2, Shown: "2"},
	}
	r.Verdict = Fail
	page := html(t, r)
	for _, want := range []string{
		`<span class="badge fail">FAIL</span>s, 1 of 2 expectations did not hold`,
		"a was killed",
		"✓ held", "✗ missed", "&lt;= 8s",
		"kill a", // in the timeline
		"marked failed &#43;2.50 s", "promoted &#43;3.00 s", "first write &#43;3.00 s", "client recovered &#43;3.50 s",
		"a: ack × 10, 5.00 ms – 1.00 s",
		"w: acked by a2 × 50, 4.50 s – 8.00 s",
		"no ack for 3.50 s",
		"<strong>first write acked by the new master</strong> (<code>first_write_ms</code>)",
		"10923-16383",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, s := range details(r) {
		if !strings.Contains(page, "<h2>"+s.Title+"</h2>") {
			t.Errorf("the page lacks the section %q", s.Title)
		}
	}
	for _, unwanted := range []string{"<script", "http:", "https:", "ZgotmplZ"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page holds %q", unwanted)
		}
	}
}

func TestHTMLOfRunsThatDidNotStart(t *testing.T) {
	reason := "deploying the cluster: no such image\nand more"
	for name, r := range map[string]*Result{
		"nothing at all":    {},
		"failed deployment": {Verdict: Error, Error: reason, Run: Run{ID: "s-1", Scenario: "s"}},
	} {
		page := html(t, r)
		if !strings.Contains(page, `class="badge error">ERROR`) || strings.Contains(page, "<svg") {
			t.Errorf("%s: want an error and no timeline:\n%s", name, page)
		}
		if !strings.Contains(page, r.Error) {
			t.Errorf("%s: the page does not tell why", name)
		}
	}
}

func TestHTMLEscapes(t *testing.T) {
	const hostile = "<script>alert(`1`)</script>\"'&\x00"
	events := []record.Event{
		at(0, &record.RunStarted{
			ID: hostile, Scenario: hostile, Masters: 1, Server: record.Server{Name: hostile, Built: hostile}, Config: map[string]string{hostile: hostile},
			Nodes: []record.Node{{Name: hostile, Address: hostile}}, Shards: []record.Shard{{Slots: hostile, Master: hostile}},
		}),
		at(1, &record.Probe{Node: hostile, Answer: hostile, To: hostile, UntilMS: 900, Count: 3}),
		at(1, &record.Acks{Workload: hostile, Node: hostile, UntilMS: 900, Count: 3}),
		at(2, &record.Fault{Kind: hostile, Phase: record.FaultRequested, Targets: []string{hostile}, Detail: hostile}),
		at(3, &record.Fault{Kind: hostile, Phase: record.FaultEffective}),
		at(950, &record.WorkloadDone{Name: hostile, Kind: hostile, Errors: []record.ErrorCount{{Kind: hostile, Example: hostile}}}),
		at(960, &record.Note{Text: hostile}),
		at(999, &record.RunEnded{Error: hostile}),
	}
	r := told(oneFault(), events)
	r.Expectations = []Expectation{{Name: hostile, Want: hostile, Shown: hostile}}
	r.Failovers = []Failover{{OldMaster: hostile, NewMaster: hostile, Unmeasured: map[string]string{hostile: hostile}}}
	page := html(t, r)
	if strings.Contains(page, "<script") || strings.ContainsRune(page, 0) {
		t.Error("a hostile name is not escaped")
	}
	if !strings.Contains(page, "&lt;script&gt;") {
		t.Error("the hostile name is not shown")
	}
}

// flapping is a record of a large cluster of which every node gives another
// answer to nearly every probe.
func flapping(masters, replicas int) []record.Event {
	start := &record.RunStarted{ID: "big-1", Scenario: "big", Masters: masters, Replicas: replicas}
	events := []record.Event{at(0, start)}
	answers := []string{record.ProbeAck, "moved", "clusterdown", "timeout", "loading", "readonly"}
	for shard := range masters {
		s := record.Shard{Shard: shard, Slots: "0-1", Master: fmt.Sprintf("redis-master-%d", shard+1)}
		for i := range replicas {
			s.Replicas = append(s.Replicas, fmt.Sprintf("redis-replica-%d", shard*replicas+i+1))
		}
		start.Shards = append(start.Shards, s)
		for _, node := range append([]string{s.Master}, s.Replicas...) {
			for i := range 1000 {
				ms := float64(i * 60)
				events = append(events, at(ms, &record.Probe{Node: node, Shard: shard, Answer: answers[i%len(answers)], UntilMS: ms + 50, Count: 10}))
			}
		}
		events = append(events, at(5, &record.Acks{Workload: "orders", Shard: shard, Node: s.Master, UntilMS: 60000, Count: 1000}))
	}
	return append(events, at(60100, &record.RunEnded{}))
}

func TestHTMLOfManyNodesStaysSmall(t *testing.T) {
	events := flapping(20, 2)
	page := html(t, told(&scenarios.Scenario{}, events))
	if len(page) > 1<<20 {
		t.Errorf("the page of 60 nodes takes %d bytes", len(page))
	}
	for _, node := range []string{"redis-master-20", "redis-replica-40"} {
		if !strings.Contains(page, ">"+node+"</text>") {
			t.Errorf("the timeline lacks %s", node)
		}
	}
}

func TestShortSpansAreJoined(t *testing.T) {
	of := func(answer string, from, to float64, count int64) Span {
		return Span{from, to, map[string]int64{answer: count}}
	}
	spans := []Span{of("ack", 0, 100, 20), of("reset", 101, 101, 1), of("clusterdown", 102, 103, 2), of("reset", 104, 104, 1), of("ack", 105, 300, 40)}
	got := joined(spans, 5)
	want := []Span{spans[0], {101, 104, map[string]int64{"reset": 2, "clusterdown": 2}}, spans[4]}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if all := joined(spans, 0); len(all) != 5 {
		t.Errorf("where none is too short, %d spans are left of 5", len(all))
	}
}

func TestTheGravestAnswerColoursABar(t *testing.T) {
	if class := (lane{}).class(Span{Answers: map[string]int64{"moved to b": 9, "reset": 1, "clusterdown": 2}}); class != "silent" {
		t.Errorf("it is %s", class)
	}
}

func TestTextsOfTheTimelineDoNotOverlap(t *testing.T) {
	for name, after := range map[string][4]float64{
		"apart":       {1000, 3000, 5000, 7000},
		"close":       {2900, 3980, 3985, 8270},
		"at once":     {3000, 3000, 3000, 3000},
		"at the end":  {8500, 8600, 8700, 8990},
		"at the side": {100, 200, 8000, 8990},
	} {
		first := 0
		r := &Result{Faults: []Fault{{EffectiveMS: new(1000.0)}}, Failovers: []Failover{{
			Fault: &first, FailMS: &after[0], PromotedMS: &after[1], FirstWriteMS: &after[2], ClientRecoveryMS: &after[3],
		}}}
		p := &painter{drawing: &drawing{}, end: 10_000, result: r}
		p.marks(0)
		if len(p.Marks) != 4 {
			t.Fatalf("%s: %d marks", name, len(p.Marks))
		}
		for i, a := range p.Marks {
			for _, b := range p.Marks[:i] {
				from, to := extent(a)
				otherFrom, otherTo := extent(b)
				if a.TextY == b.TextY && from < otherTo && otherFrom < to {
					t.Errorf("%s: %q and %q overlap", name, a.Text, b.Text)
				}
			}
		}
	}
}

func extent(s shape) (from, to percent) {
	if s.Anchor == "end" {
		return s.X - textWidth(s.Text), s.X
	}
	return s.X, s.X + textWidth(s.Text)
}

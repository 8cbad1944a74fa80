package render

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/tables"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func html(t *testing.T, r *report.Result) string {
	t.Helper()
	var page strings.Builder
	if err := HTML(&page, r); err != nil {
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
	r := told(sample.OneFault(), sample.AFailover())
	r.Expectations = []report.Expectation{
		{Name: "failover_time", Want: "<= 8s", Got: 3004.0, OK: true, Shown: "3.00 s"},
		{Name: "lost_writes", Want: "== 0", Got: 2, Shown: "2"},
	}
	r.Verdict = report.Fail
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
	for _, s := range tables.Sections(r) {
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
	for name, r := range map[string]*report.Result{
		"nothing at all":    {},
		"failed deployment": {Verdict: report.Error, Error: reason, Run: report.Run{ID: "s-1", Scenario: "s"}},
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
		sample.At(0, &record.RunStarted{
			ID: hostile, Scenario: hostile, Masters: 1, Server: record.Server{Name: hostile, Built: hostile}, Config: map[string]string{hostile: hostile},
			Nodes: []record.Node{{Name: hostile, Address: hostile}}, Shards: []record.Shard{{Slots: hostile, Master: hostile}},
		}),
		sample.At(1, &record.Probe{Node: hostile, Answer: hostile, To: hostile, Until: 900, Count: 3}),
		sample.At(1, &record.Acks{Workload: hostile, Node: hostile, Until: 900, Count: 3}),
		sample.At(2, &record.Fault{Kind: hostile, Phase: record.FaultRequested, Targets: []string{hostile}, Detail: hostile}),
		sample.At(3, &record.Fault{Kind: hostile, Phase: record.FaultEffective}),
		sample.At(950, &record.WorkloadDone{Name: hostile, Kind: hostile, Errors: []record.ErrorCount{{Kind: hostile, Example: hostile}}}),
		sample.At(960, &record.Note{Text: hostile}),
		sample.At(999, &record.RunEnded{Error: hostile}),
	}
	r := told(sample.OneFault(), events)
	r.Expectations = []report.Expectation{{Name: hostile, Want: hostile, Shown: hostile}}
	r.Failovers = []report.Failover{{OldMaster: hostile, NewMaster: hostile, Unmeasured: map[string]string{hostile: hostile}}}
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
	events := []record.Event{sample.At(0, start)}
	answers := []string{record.ProbeAck, "moved", "clusterdown", "timeout", "loading", "readonly"}
	for shard := range masters {
		s := record.Shard{Shard: shard, Slots: "0-1", Master: fmt.Sprintf("redis-master-%d", shard+1)}
		for i := range replicas {
			s.Replicas = append(s.Replicas, fmt.Sprintf("redis-replica-%d", shard*replicas+i+1))
		}
		start.Shards = append(start.Shards, s)
		for _, node := range append([]string{s.Master}, s.Replicas...) {
			for i := range 1000 {
				ms := record.Millis(i * 60)
				events = append(events, sample.At(ms, &record.Probe{Node: node, Shard: shard, Answer: answers[i%len(answers)], Until: ms + 50, Count: 10}))
			}
		}
		events = append(events, sample.At(5, &record.Acks{Workload: "orders", Shard: shard, Node: s.Master, Until: 60000, Count: 1000}))
	}
	return append(events, sample.At(60100, &record.RunEnded{}))
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

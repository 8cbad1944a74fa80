package render

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// judged is the expectations that hold, and what is shown of the others.
func judged(r *report.Result) string {
	var all []string
	for _, e := range r.Expectations {
		if e.OK {
			all = append(all, e.Name)
		} else {
			all = append(all, e.Name+"? "+e.Shown)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

func TestContentionIsTold(t *testing.T) {
	r := told(sample.Contended(sample.DoubleLocks(), sample.ViolatedHistory()))
	if got, want := judged(r), "double_held? 1.42 s; double_holds? 3; linearizable? false"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var out strings.Builder
	if err := Markdown(&out, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"- Lock workload leases: 3 times two clients held one lock at once, for up to 1.42 s; 3.10 s in all. 8 locks were lost while held.\n",
		"- Workload registers is not linearizable: no order explains what the clients were answered on 3 of 156 keys, first at 5.00 s (read: 1.2 (a2)).\n",
		"| leases | 60 | 200 | 190 | **3** | 1.42 s | 3.10 s | 5.00 s – 6.00 s | 8 | 6.00 s – 7.00 s |\n",
		"- leases: granted by a and then by a2: 3 times, for up to 1.42 s.\n",
		"- leases: 5 locks gone at the release and 3 another client's, by shard: 0 (8).\n",
		"- leases: 2 releases failed or not answered; their locks are left to the ttl of 20.00 s.\n",
		"| registers | **violated** | 300 | 150 | 148 | 2 | 156 | 3 | 0 | 35 ms |\n",
		"- registers: first violated: key `{run-1:registers:7}:4` of shard 0, used from 900 ms to 6.00 s, on which a, then a2 answered.\n",
		"of client 7, from 5.00 s to 5.00 s: `read: 1.2 (a2)`.\n",
		"- registers: `linearizable-registers.html`, beside this report, shows",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestContentionIsWell(t *testing.T) {
	well := &record.Locks{Name: "leases", Locks: 60, TTL: 20_000, Hold: 12_000, Acquired: 1, Denied: 399, Released: 1}
	r := told(sample.Contended(well, &record.Linearizability{Name: "registers", Verdict: record.LinearizabilityOK, Reads: 300, Generations: 4, Operations: 600}))
	if got, want := judged(r), "double_held; double_holds; linearizable"; got != want || r.Verdict != report.Pass {
		t.Errorf("got %s, want %s", got, want)
	}
	story := strings.Join(prose.Story(r), "\n")
	for _, want := range []string{
		"Lock workload leases: no two clients held one lock at once, in 1 acquisition.",
		"Workload registers is linearizable: 600 operations on 4 keys.",
	} {
		if !strings.Contains(story, want) {
			t.Errorf("no %q in\n%s", want, story)
		}
	}
}

// What is not known meets no bound, and the report says why.
func TestContentionIsUnknown(t *testing.T) {
	r := told(sample.Contended(nil, &record.Linearizability{Name: "registers", Verdict: record.LinearizabilityUnknown, Unknown: 1, Generations: 4, Reason: "it took too long"}))
	if got, want := judged(r), "double_held? not measured: the locks were not judged; double_holds? not measured: the locks were not judged; "+
		"linearizable? not measured: workload registers: it took too long"; got != want || r.Verdict != report.Fail {
		t.Errorf("got %s, want %s", got, want)
	}
	if story := strings.Join(prose.Story(r), "\n"); !strings.Contains(story, "Whether workload registers is linearizable is not known: it took too long.") {
		t.Errorf("got %s", story)
	}
	r = told(sample.Contended(nil, nil))
	if !strings.Contains(judged(r), "linearizable? not measured: the history of workload registers was not checked") {
		t.Errorf("got %s", judged(r))
	}
}

// Losses are those of the workloads that count them, of the writes of these.
func TestLossesBesideLocks(t *testing.T) {
	s, events := sample.Contended(sample.DoubleLocks(), sample.ViolatedHistory())
	r := told(s, events)
	w := r.Workloads[2]
	if w.Name != "w" || r.Writes.Lost == nil || *r.Writes.Lost != *w.Writes.Lost || r.Writes.Acked != w.Writes.Acked+1000 {
		t.Fatalf("%+v of %+v", r.Writes, r.Workloads)
	}
	if *r.Writes.LostRatio != *w.Writes.LostRatio {
		t.Errorf("%v lost of all, %v of %s", *r.Writes.LostRatio, *w.Writes.LostRatio, w.Name)
	}
	s.Workloads = s.Workloads[1:]
	r = told(s, events[len(events)-4:])
	if story := strings.Join(prose.Story(r), "\n"); strings.Contains(story, "acked") {
		t.Errorf("nobody counts losses: %s", story)
	}
}

// Both verdicts survive the record, and the page shows them.
func TestContentionSurvivesTheRecord(t *testing.T) {
	s, events := sample.Contended(sample.DoubleLocks(), sample.ViolatedHistory())
	var file bytes.Buffer
	rec := record.New(record.NewClock(), &file)
	for _, e := range events {
		rec.AddAt(e.At, e.Data)
	}
	if err := rec.Flush(); err != nil {
		t.Fatal(err)
	}
	again, err := record.Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	for out, e := range map[*bytes.Buffer][]record.Event{&first: events, &second: again} {
		if err := HTML(out, told(s, e)); err != nil {
			t.Fatal(err)
		}
	}
	if first.String() != second.String() || !strings.Contains(first.String(), "<code>linearizable-registers.html</code>") {
		t.Errorf("%s", second.String())
	}
}

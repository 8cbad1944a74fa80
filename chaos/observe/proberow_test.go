package observe

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
)

// flushing is a row that is flushed once a second, as the poller does.
type flushing struct {
	probeRow
	start, flushed time.Time
}

func newFlushing(w io.Writer) *flushing {
	clock := record.NewClock()
	start := clock.Wall().Add(time.Second)
	return &flushing{probeRow{rec: record.New(clock, w), node: "redis-master-1", gap: record.ProbeGap}, start, start}
}

// answer enters an answer that comes so long after the start.
func (f *flushing) answer(after time.Duration, class string, took time.Duration) {
	at := f.start.Add(after)
	f.wait(after)
	f.add(answer{class: class}, at, took)
}

// wait lets time pass.
func (f *flushing) wait(after time.Duration) {
	for at := f.start.Add(after); at.Sub(f.flushed) > flushPace; {
		f.flushed = f.flushed.Add(flushPace)
		f.flush(f.rec.At(f.flushed))
	}
}

func (f *flushing) parts() (parts []record.Probe) {
	for _, e := range f.rec.Events() {
		parts = append(parts, *e.Data.(*record.Probe))
	}
	return parts
}

func TestLongRowsComeInParts(t *testing.T) {
	row := newFlushing(io.Discard)
	for at := time.Duration(0); at < 25*time.Second; at += probePace {
		row.answer(at, record.ProbeAck, time.Millisecond)
	}
	row.answer(26*time.Second, record.ProbeAck, time.Second)
	row.end()
	var continues, open []bool
	var count int64
	for _, p := range row.parts() {
		continues, open = append(continues, p.Continues), append(open, p.Open)
		count += p.Count
	}
	if !slices.Equal(continues, []bool{false, true, true, true, false}) || !slices.Equal(open, []bool{true, true, true, false, false}) || count != 5001 {
		t.Errorf("parts that continue the one before: %v; that go on: %v; %d answers", continues, open, count)
	}
}

// Within a second, the record tells that a row has ended, though nothing came after it.
func TestTheEndOfARowIsRecorded(t *testing.T) {
	row := newFlushing(io.Discard)
	row.answer(990*time.Millisecond, record.ProbeAck, time.Millisecond)
	row.wait(1500 * time.Millisecond)
	row.wait(2500 * time.Millisecond)
	parts := row.parts()
	if len(parts) != 2 || !parts[0].Open || parts[1].Open || parts[1].Count != 0 || parts[1].Until != parts[0].Until {
		t.Errorf("%+v", parts)
	}
}

// Attempts to connect that time out come seldom; they are one row all the same.
func TestASilentNodeIsOneRow(t *testing.T) {
	row := newFlushing(io.Discard)
	for at := time.Duration(0); at < 10*time.Second; at += 400 * time.Millisecond {
		row.answer(at, "timeout", 0)
	}
	row.end()
	for i, p := range row.parts() {
		if p.Continues != (i > 0) {
			t.Errorf("part %d: %+v", i, p)
		}
	}
}

// Whatever a node answers and when, the parts that a row was recorded in make the row
// that it would have been in one piece.
func TestPartsMakeTheRows(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		whole, inParts := newFlushing(io.Discard), newFlushing(io.Discard)
		whole.rec, whole.start = record.New(inParts.rec.Clock, io.Discard), inParts.start
		whole.flushed = whole.start.Add(time.Hour) // never
		var at time.Duration
		class, took := record.ProbeAck, time.Millisecond
		for range 2000 {
			at += time.Duration(random.IntN(10)) * time.Millisecond
			switch random.IntN(100) {
			case 0:
				class, took = "clusterdown", time.Millisecond
			case 1:
				class, took = "timeout", 0
			case 2:
				class, took = record.ProbeAck, time.Millisecond
			case 3:
				at += time.Duration(random.IntN(1500)) * time.Millisecond
			}
			whole.answer(at, class, took)
			inParts.answer(at, class, took)
		}
		whole.end()
		inParts.end()
		var made []record.Probe
		for _, p := range inParts.parts() {
			p.Open = false
			if last := len(made) - 1; p.Continues {
				made[last].Until, made[last].Count = p.Until, made[last].Count+p.Count
				made[last].Slowest = max(made[last].Slowest, p.Slowest)
			} else {
				made = append(made, p)
			}
		}
		if !slices.Equal(made, whole.parts()) {
			t.Fatalf("%+v\nwant %+v", made, whole.parts())
		}
	}
}

// What an hour of probes of a node takes in events.ndjson. Sixty nodes, which is
// the most that is usual, then take a few MB.
func TestAnHourOfProbesIsSmall(t *testing.T) {
	var rows, flushes bytes.Buffer
	row, poll := newFlushing(&rows), record.New(record.NewClock(), &flushes)
	for at := time.Duration(0); at < time.Hour; at += probePace {
		row.answer(at, record.ProbeAck, time.Millisecond)
	}
	row.end()
	for second := range 3600 {
		poll.AddAt(record.Millis(1000*second)+0.123, &record.Probing{})
	}
	for _, rec := range []*record.Record{row.rec, poll} {
		if err := rec.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if all := 60*rows.Len() + flushes.Len(); all > 5<<20 {
		t.Errorf("an hour of 60 nodes takes %d bytes", all)
	}
}

// While probes go on, the record tells what they find.
func TestTheRecordOfARunThatIsKilled(t *testing.T) {
	rec := record.New(record.NewClock(), io.Discard)
	node := server(t, func() string { return "-CLUSTERDOWN The cluster is down\r\n" })
	poll := newPoller(node, rec, probePace, probes(node.Nodes(), rec, "run", slots.Equal(3), probePace, asFormed(node.Nodes())))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	var polling sync.WaitGroup
	defer polling.Wait()
	defer cancel()
	polling.Go(func() { poll.run(ctx) })
	var events []record.Event
	for told := false; !told; {
		if !alarm.Sleep(ctx, 10*time.Millisecond) {
			t.Fatal("nothing was told")
		}
		events = rec.Events()
		told = slices.ContainsFunc(events, func(e record.Event) bool { return e.Data.Type() == "probing" })
	}
	if !slices.ContainsFunc(events, func(e record.Event) bool {
		p, ok := e.Data.(*record.Probe)
		return ok && p.Answer == "clusterdown" && p.Count > 0
	}) {
		t.Errorf("%+v", events)
	}
}

package books

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/drive/pace"
)

// bookOf is the latencies of two clients that were to send 100 writes a second
// from 1500 ms on the run's clock to 4200.
func bookOf(t *testing.T) (*Latencies, []*Ledger, *record.Record) {
	t.Helper()
	rec := newRecord()
	clients := []*Ledger{{}, {}}
	return NewLatencies(rec, "w", slices.Values(clients), pace.New(scenarios.ConstantRate(100)), 1500, 4200), clients, rec
}

// told is the intervals in a record: from, until, acked/due and the
// longest latency to 10 ms.
func told(t *testing.T, rec *record.Record) []string {
	t.Helper()
	var all []string
	for _, e := range rec.Events() {
		i, ok := e.Data.(*record.LatencyInterval)
		if !ok {
			t.Fatalf("a %s: %s", e.Data.Type(), describe(e.Data))
		}
		h := record.NewHistogram()
		must(t, i.MergeInto(h))
		if h.TotalCount() != i.Count || i.Workload != "w" {
			t.Errorf("%d latencies in %+v", h.TotalCount(), i)
		}
		all = append(all, fmt.Sprintf("%.0f-%.0f %d/%d %v", e.At, i.Until, i.Count, i.Due, math.Round(float64(h.Max())/1e4)*10))
	}
	return all
}

// A latency belongs to the second in which its write was acked; each second is
// told once it is over, with the writes that were due in it.
func TestLatencyIntervals(t *testing.T) {
	book, clients, rec := bookOf(t)
	one, other := &clients[0].Latency, &clients[1].Latency
	one.Add(1600, 10)
	other.Add(1999.9, 20)
	other.Add(2000, 30)
	book.Save(2500)
	one.Add(1999, 40) // entered just too late
	one.Add(2999, 50)
	book.Save(3100)
	book.Save(3200)
	one.Add(4900, 2900) // in flight when the workload stopped
	one.Add(5001, 1e9)  // beyond what can be told apart
	book.Finish(4200, 5100)

	want := []string{
		"1500-2000 2/50 20",
		"1500-2000 1/0 40", "2000-3000 2/100 50",
		"3000-4000 0/100 0", "4000-5000 1/20 2900", "5000-5100 1/0 600310",
	}
	got := told(t, rec)
	if describe(got) != describe(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if book.Total.TotalCount() != 7 {
		t.Errorf("%d latencies in all, want 7", book.Total.TotalCount())
	}
}

// What was due before a workload was cancelled is what it had to send.
func TestLatencyIntervalsOfACancelledWorkload(t *testing.T) {
	book, _, rec := bookOf(t)
	book.Finish(2100, 2300)
	if got := told(t, rec); describe(got) != describe([]string{"1500-2000 0/50 0", "2000-2300 0/10 0"}) {
		t.Errorf("got %q", got)
	}
}

// BenchmarkSample measures entering a latency, and taking it.
func BenchmarkSample(b *testing.B) {
	var s Samples
	var taken []sample
	for i := 0; b.Loop(); i++ {
		s.Add(record.Millis(i), 1)
		if i%4096 == 0 {
			taken = s.take(taken)
		}
	}
}

// BenchmarkLatencySave measures what is done once a second: 50,000 latencies are
// taken and recorded.
func BenchmarkLatencySave(b *testing.B) {
	rec := newRecord()
	clients := make([]*Ledger, 16)
	for i := range clients {
		clients[i] = &Ledger{}
	}
	book := NewLatencies(rec, "w", slices.Values(clients), pace.ClosedLoop{}, 0, 1e9)
	for now := record.Millis(0); b.Loop(); now += interval {
		for n := range 50_000 {
			clients[n%len(clients)].Latency.Add(now, record.Millis(float64(n%997)/100))
		}
		book.Save(now + interval)
	}
}

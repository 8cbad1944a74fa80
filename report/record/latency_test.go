package record

import (
	"math"
	"testing"
)

func TestPercentiles(t *testing.T) {
	if Percentiles(NewHistogram()) != nil || Percentiles(nil) != nil {
		t.Error("no latency has percentiles")
	}
	h := NewHistogram()
	for ms := range int64(1000) {
		_ = h.RecordValue((ms + 1) * 1000)
	}
	near := func(a, b Millis) bool { return math.Abs(float64(a-b)) <= float64(b/500) }
	got := Percentiles(h)
	if !near(got.P50, 500) || !near(got.P95, 950) || !near(got.P99, 990) || !near(got.P999, 999) || !near(*got.P9999, 1000) || !near(got.Max, 1000) {
		t.Errorf("got %+v", got)
	}
}

// An interval carries its histogram as text, and intervals add up.
func TestLatencyInterval(t *testing.T) {
	one, all := NewHistogram(), NewHistogram()
	for _, micros := range []int64{MinLatency, 250, 1_000_000, MaxLatency} {
		_ = one.RecordValue(micros)
	}
	var interval, empty LatencyInterval
	if err := interval.SetHistogram(one); err != nil || interval.Count != 4 {
		t.Fatalf("%+v: %v", interval, err)
	}
	if err := empty.SetHistogram(NewHistogram()); err != nil || empty != (LatencyInterval{}) {
		t.Errorf("an interval without acks: %+v, %v", empty, err)
	}
	for _, i := range []LatencyInterval{interval, empty, interval} {
		if err := i.MergeInto(all); err != nil {
			t.Fatal(err)
		}
	}
	if all.TotalCount() != 8 || all.Max() != one.Max() || all.Min() != one.Min() {
		t.Errorf("%d latencies from %d to %d µs", all.TotalCount(), all.Min(), all.Max())
	}
	damaged := LatencyInterval{Count: 1, Histogram: interval.Histogram[:20]}
	if err := damaged.MergeInto(all); err == nil {
		t.Error("half a histogram was taken for a whole one")
	}
}

package prose

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestMeasured(t *testing.T) {
	count := func(n int64) *int64 { return &n }
	ms := func(n record.Millis) *record.Millis { return &n }
	for want, m := range map[string]report.Measured{
		"delayed 12,345 outgoing packets by 100.4 ms on average (99.1 ms – 130 ms); asked for: 100 ms": {Measure: record.Measure{
			Did: record.DidDelay, Way: "out", Count: count(12345), Of: count(12345), Mean: ms(100.4), Least: ms(99.1), Most: ms(130), Asked: record.Asked{Delay: ms(100)}}},
		"delayed 1 incoming packet (how long is not measured: netem does not tell); asked for: 5 ms ± 1 ms": {Measure: record.Measure{
			Did: record.DidDelay, Way: "in", Count: count(1), Of: count(1), Asked: record.Asked{Delay: ms(5), Jitter: ms(1)}, Why: "netem does not tell"}},
		"dropped 812 of 4,010 outgoing packets (20.2 %, 95 % confidence 19 % – 21.5 %); asked for: 20 %": {
			Measure: record.Measure{Did: record.DidDrop, Way: "out", Count: count(812), Of: count(4010), Asked: record.Asked{Share: new(0.2)}},
			Share:   new(0.2025), Confidence: &[2]float64{0.19, 0.2153}},
		"held back 1 of 4 outgoing packets (25 %, 95 % confidence 1 % – 80 %) by 10.5 ms on average (10 ms – 11 ms); asked for: 25 %, 10 ms": {
			Measure: record.Measure{Did: record.DidReorder, Way: "out", Count: count(1), Of: count(4), Mean: ms(10.5), Least: ms(10), Most: ms(11), Asked: record.Asked{Share: new(0.25), Delay: ms(10)}},
			Share:   new(0.25), Confidence: &[2]float64{0.01, 0.8}},
		"dropped 120 incoming packets":          {Measure: record.Measure{Did: record.DidDrop, Way: "in", Count: count(120), Of: count(120)}},
		"nothing: there was no outgoing packet": {Measure: record.Measure{Did: record.DidReject, Way: "out", Count: count(0), Of: count(0)}},
		"let 3.1 MB of outgoing packets through in 3.16 s (981 kB/s), and dropped 12 packets that had no room to wait; asked for: at most 1 MB/s": {Measure: record.Measure{
			Did: record.DidLimit, Way: "out", Count: count(2000), Bytes: count(3_100_000), Full: 12, For: ms(3160), Asked: record.Asked{Rate: count(1_000_000)}}},
		"reset 12 connections":           {Measure: record.Measure{Did: record.DidReset, Count: count(12)}},
		"not measured: the helper ended": {Measure: record.Measure{Did: record.DidDelay, Why: "the helper ended"}},
		"delayed 12 fsyncs by 1.02 s on average; asked for: 1.00 s": {Measure: record.Measure{
			Did: record.DidSlow, Count: count(12), Mean: ms(1020), Asked: record.Asked{Delay: ms(1000)}}},
		"delayed 2 packets by 1 ms on average, and lost 3 packets that could not be taken in time; asked for: 1 ms": {Measure: record.Measure{
			Did: record.DidDelay, Count: count(2), Mean: ms(1), Missed: 3, Asked: record.Asked{Delay: ms(1)}}},
		"1 call failed": {Measure: record.Measure{Did: record.DidFail, Count: count(1)}},
		"ran for 25.3 ms of 5.00 s (0.506 % of a CPU); asked for: at most 0.5 %": {Measure: record.Measure{
			Did: record.DidRun, Spent: ms(25.3), For: ms(5000), Asked: record.Asked{Share: new(0.005)}}},
		"waited for a CPU for 4.00 s of the 5.00 s in which it had something to do (80 %)": {Measure: record.Measure{
			Did: record.DidWait, Spent: ms(4000), For: ms(5000)}},
		"TIME was 60.001 s behind, to 1 ms; asked for: 60.000 s behind": {Measure: record.Measure{
			Did: record.DidShift, Mean: ms(-60_001), Least: ms(-60_002), Most: ms(-60_000), Asked: record.Asked{Delay: ms(-60_000)}}},
		"not measured: its server ended meanwhile": {Measure: record.Measure{Did: record.DidRun, Why: "its server ended meanwhile"}},
	} {
		if got := Measured(m); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	r := &report.Result{Faults: []report.Fault{{Kind: "latency", Measured: []report.Measured{
		{Node: "a", Measure: record.Measure{Did: record.DidDelay, Way: "out", Count: count(2), Mean: ms(200), Least: ms(100), Most: ms(300), Asked: record.Asked{Delay: ms(100)}}, Differs: true},
		{Node: "b", Measure: record.Measure{Did: record.DidDelay, Way: "out", Count: count(2), Mean: ms(100), Least: ms(100), Most: ms(100), Asked: record.Asked{Delay: ms(100)}}},
	}}}}
	const want = "faults[0] (latency) did not do what was asked for. a: delayed 2 outgoing packets by 200 ms on average (100 ms – 300 ms); asked for: 100 ms." +
		" This program was not run for 1.50 s meanwhile: the machine was busy."
	if got := Notice(r, report.Notice{Kind: report.NoticeFaultDiffers, Fault: new(0), For: ms(1500)}); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

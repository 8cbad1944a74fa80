package record_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// The log is read back with the reader of its own library.
func TestLatencyLog(t *testing.T) {
	began := time.Date(2026, 11, 22, 10, 30, 0, 250e6, time.UTC)
	damaged := sample.At(3000, &record.LatencyInterval{Workload: "carts", Until: 4000, Count: 1, Histogram: "HISTF"})
	var out bytes.Buffer
	err := record.WriteLatencyLog(&out, []record.Event{
		sample.At(0, &record.RunStarted{Started: began}),
		sample.Latencies(t, 2000, 3000, "orders", 7),
		sample.Latencies(t, 1250, 2000, "orders", 1, 5),
		sample.Latencies(t, 1250, 2000, "carts"),
		damaged,
		sample.Latencies(t, 1250, 2000, "orders", 9), // what came late
	})
	if err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{
		"#[Histogram log format version 1.3]\n",
		"#[StartTime: 1795343400.250 (seconds since epoch), 2026-11-22T10:30:00.25Z]\n",
		"#[BaseTime: 1795343400.250 (seconds since epoch)]\n",
		"\nTag=orders,1.250000,0.750000,0.009", // relative to the start
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	reader := hdrhistogram.NewHistogramLogReader(&out)
	var got []string
	for {
		h, err := reader.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			break
		}
		since := func(ms int64) int64 { return ms - began.UnixMilli() }
		got = append(got, fmt.Sprintf("%s %d-%d: %d up to %d ms", h.Tag(), since(h.StartTimeMs()), since(h.EndTimeMs()), h.TotalCount(), h.Max()/1000))
	}
	want := []string{"carts 1250-2000: 0 up to 0 ms", "orders 1250-2000: 3 up to 9 ms", "orders 2000-3000: 1 up to 7 ms"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A run that ended before it began has a log all the same.
func TestLatencyLogOfNothing(t *testing.T) {
	var out bytes.Buffer
	if err := record.WriteLatencyLog(&out, nil); err != nil || !strings.HasPrefix(out.String(), "#[Histogram log format version 1.3]\n") {
		t.Errorf("%v:\n%s", err, out.String())
	}
	if h, err := hdrhistogram.NewHistogramLogReader(&out).NextIntervalHistogram(); h != nil || err != nil {
		t.Errorf("%v, %v", h, err)
	}
}

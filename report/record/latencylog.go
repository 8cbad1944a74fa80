package record

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/report/visible"
)

// WriteLatencyLog renders latency.hlog: HdrHistogram's log of interval
// histograms, with the workload's name as the tag of each.
func WriteLatencyLog(w io.Writer, events []Event) error {
	if err := writeLatencyLog(w, events); err != nil {
		return fmt.Errorf("rendering latency.hlog: %w", err)
	}
	return nil
}

func writeLatencyLog(w io.Writer, events []Event) error {
	log := hdrhistogram.NewHistogramLogWriter(w)
	if err := log.OutputLogFormatVersion(); err != nil {
		return err
	}
	if err := log.OutputComment("[Latency of acked writes in microseconds; Interval_Max in seconds]"); err != nil {
		return err
	}
	base := int64(0)
	if started := startOf(events); started != nil {
		base = started.Started.UnixMilli()
		// The library's own headers leave the milliseconds out.
		seconds := float64(base) / 1000
		headers := []string{
			fmt.Sprintf("[BaseTime: %.3f (seconds since epoch)]", seconds),
			fmt.Sprintf("[StartTime: %.3f (seconds since epoch), %s]", seconds, started.Started.UTC().Format(time.RFC3339Nano)),
		}
		for _, header := range headers {
			if err := log.OutputComment(header); err != nil {
				return err
			}
		}
	}
	if err := log.OutputLegend(); err != nil {
		return err
	}
	log.SetBaseTime(base)
	h := NewHistogram()
	for _, span := range LatencySpans(events) {
		h.Reset()
		if err := span.MergeInto(h); err != nil {
			continue // the result's notes tell of it
		}
		h.SetTag(visible.Line(span.Workload))
		h.SetStartTimeMs(base + int64(span.From))
		h.SetEndTimeMs(base + int64(span.To))
		if err := log.OutputIntervalHistogram(h); err != nil {
			return err
		}
	}
	return nil
}

func startOf(events []Event) *RunStarted {
	for _, e := range events {
		if started, ok := e.Data.(*RunStarted); ok {
			return started
		}
	}
	return nil
}

// LatencySpan is the latencies of a workload in one interval.
type LatencySpan struct {
	Workload string
	From, To Millis // ms
	parts    []*LatencyInterval
}

// MergeInto adds the latencies to a histogram. They are decoded each time: all
// those of a long run at once would not fit into memory.
func (s LatencySpan) MergeInto(h *hdrhistogram.Histogram) error {
	for _, part := range s.parts {
		if err := part.MergeInto(h); err != nil {
			return err
		}
	}
	return nil
}

// Due counts the writes that were due in the interval.
func (s LatencySpan) Due() (n int64) {
	for _, part := range s.parts {
		n += part.Due
	}
	return n
}

// LatencySpans are the intervals of all workloads, in order of time.
func LatencySpans(events []Event) []LatencySpan {
	type key struct {
		workload string
		from     Millis
	}
	index := map[key]int{}
	var spans []LatencySpan
	for _, e := range events {
		part, ok := e.Data.(*LatencyInterval)
		if !ok {
			continue
		}
		k := key{part.Workload, e.At}
		i, known := index[k]
		if !known {
			i = len(spans)
			index[k] = i
			spans = append(spans, LatencySpan{Workload: part.Workload, From: e.At, To: part.Until})
		}
		spans[i].parts = append(spans[i].parts, part)
	}
	slices.SortFunc(spans, func(a, b LatencySpan) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Workload, b.Workload))
	})
	return spans
}

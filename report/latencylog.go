package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// WriteLatencyLog renders latency.hlog: HdrHistogram's log of interval
// histograms, with the workload's name as the tag of each.
func WriteLatencyLog(w io.Writer, events []record.Event) error {
	if err := writeLatencyLog(w, events); err != nil {
		return fmt.Errorf("rendering latency.hlog: %w", err)
	}
	return nil
}

func writeLatencyLog(w io.Writer, events []record.Event) error {
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
	h := record.NewHistogram()
	for _, span := range latencySpans(events) {
		h.Reset()
		if err := span.mergeInto(h); err != nil {
			continue // the result's notes tell of it
		}
		h.SetTag(visible.Line(span.workload))
		h.SetStartTimeMs(base + int64(span.from))
		h.SetEndTimeMs(base + int64(span.to))
		if err := log.OutputIntervalHistogram(h); err != nil {
			return err
		}
	}
	return nil
}

func startOf(events []record.Event) *record.RunStarted {
	for _, e := range events {
		if started, ok := e.Data.(*record.RunStarted); ok {
			return started
		}
	}
	return nil
}

// latencySpan is the latencies of a workload in one interval.
type latencySpan struct {
	workload string
	from, to float64 // ms
	parts    []*record.LatencyInterval
}

// mergeInto adds the latencies to a histogram. They are decoded each time: all
// those of a long run at once would not fit into memory.
func (s latencySpan) mergeInto(h *hdrhistogram.Histogram) error {
	for _, part := range s.parts {
		if err := part.MergeInto(h); err != nil {
			return err
		}
	}
	return nil
}

// due counts the writes that were due in the interval.
func (s latencySpan) due() (n int64) {
	for _, part := range s.parts {
		n += part.Due
	}
	return n
}

// latencySpans are the intervals of all workloads, in order of time.
func latencySpans(events []record.Event) []latencySpan {
	type key struct {
		workload string
		from     float64
	}
	index := map[key]int{}
	var spans []latencySpan
	for _, e := range events {
		part, ok := e.Data.(*record.LatencyInterval)
		if !ok {
			continue
		}
		k := key{part.Workload, e.MS}
		i, known := index[k]
		if !known {
			i = len(spans)
			index[k] = i
			spans = append(spans, latencySpan{workload: part.Workload, from: e.MS, to: part.UntilMS})
		}
		spans[i].parts = append(spans[i].parts, part)
	}
	slices.SortFunc(spans, func(a, b latencySpan) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.workload, b.workload))
	})
	return spans
}

package record

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// What latencies can be told apart, in microseconds.
const (
	MinLatency    = 1
	MaxLatency    = 10 * 60 * 1_000_000
	latencyDigits = 3
)

// LatencyInterval is the latency of the writes of a workload that were acked in
// one second of the run, or in the part of it in which the workload ran. The
// event's time is the interval's begin. A few acks that were entered late may
// come in a second event of the same interval.
type LatencyInterval struct {
	Workload string `json:"workload"`
	Until    Millis `json:"until_ms"`
	// Count is how many writes were acked.
	Count int64 `json:"count"`
	// Due is how many writes an open loop had to send in the interval, whatever
	// became of them: a latency tells nothing of writes that never were acked.
	Due int64 `json:"due,omitempty"`
	// Histogram is of the latencies in microseconds, counted as for WorkloadDone:
	// HdrHistogram's compressed V2 encoding, in base64. Empty if Count is 0.
	Histogram string `json:"histogram,omitempty"`
}

// Type implements Data.
func (*LatencyInterval) Type() string { return "latency" }

// SetHistogram puts latencies into the interval.
func (i *LatencyInterval) SetHistogram(h *hdrhistogram.Histogram) error {
	if i.Count, i.Histogram = h.TotalCount(), ""; i.Count == 0 {
		return nil
	}
	encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return fmt.Errorf("encoding a histogram of latencies: %w", err)
	}
	i.Histogram = string(encoded)
	return nil
}

// MergeInto adds the interval's latencies to a histogram made by NewHistogram.
func (i *LatencyInterval) MergeInto(h *hdrhistogram.Histogram) error {
	if i.Histogram == "" {
		return nil
	}
	from, err := hdrhistogram.Decode([]byte(i.Histogram))
	if err != nil {
		return fmt.Errorf("decoding a histogram of latencies: %w", err)
	}
	h.Merge(from)
	return nil
}

// NewHistogram makes a histogram for latencies in microseconds.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(MinLatency, MaxLatency, latencyDigits)
}

// Latency is percentiles in milliseconds.
type Latency struct {
	P50   Millis  `json:"p50"`
	P95   Millis  `json:"p95"`
	P99   Millis  `json:"p99"`
	P999  Millis  `json:"p999"`
	P9999 *Millis `json:"p9999"` // nil in records of before it was measured
	Max   Millis  `json:"max"`
}

// Percentiles sums up a histogram of microseconds; nil if it is empty.
func Percentiles(h *hdrhistogram.Histogram) *Latency {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	ms := func(percentile float64) Millis {
		return Millis(float64(h.ValueAtPercentile(percentile)) / 1000)
	}
	p9999 := ms(99.99)
	return &Latency{
		P50: ms(50), P95: ms(95), P99: ms(99), P999: ms(99.9), P9999: &p9999,
		Max: Millis(float64(h.Max()) / 1000),
	}
}

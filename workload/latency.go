package workload

import (
	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// What latencies can be told apart, in microseconds.
const (
	minLatency    = 1
	maxLatency    = 10 * 60 * 1_000_000
	latencyDigits = 3
)

func newLatency() *hdrhistogram.Histogram {
	return hdrhistogram.New(minLatency, maxLatency, latencyDigits)
}

// recordLatency adds a latency given in milliseconds.
func recordLatency(h *hdrhistogram.Histogram, ms float64) {
	// Within the bounds there is no error to return.
	_ = h.RecordValue(int64(min(max(ms*1000, minLatency), maxLatency)))
}

// percentiles sums a histogram up; nil if it is empty.
func percentiles(h *hdrhistogram.Histogram) *record.Latency {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	ms := func(percentile float64) float64 {
		return float64(h.ValueAtPercentile(percentile)) / 1000
	}
	return &record.Latency{
		P50: ms(50), P95: ms(95), P99: ms(99), P999: ms(99.9),
		Max: float64(h.Max()) / 1000,
	}
}

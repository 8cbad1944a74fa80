package workload

import "time"

// inMS is a time in milliseconds.
func inMS(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

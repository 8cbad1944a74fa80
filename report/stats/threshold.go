package stats

import "github.com/redis-chaos/redis-chaos/report/record"

// Trial is one attempt at a disturbance of some length.
type Trial struct {
	Length record.Millis `json:"length_ms"` // in ms, as it was measured
	// Failed: it caused what it must not cause, a failover.
	Failed bool `json:"failed"`
	// Run is the id of the run in which it was made.
	Run string `json:"run,omitempty"`
}

// Threshold is the lengths at which a share of all trials fails, with credible intervals. An
// interval's end is nil where the trials do not bound it.
type Threshold struct {
	N int `json:"n"` // trials
	// L05 and L50 are the lengths at which 5 % and 50 % fail.
	L05   *float64    `json:"l05_ms"`
	L05CI [2]*float64 `json:"l05_ci_ms"`
	L50   *float64    `json:"l50_ms"`
	L50CI [2]*float64 `json:"l50_ci_ms"`
}

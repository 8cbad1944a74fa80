package report

import "github.com/redis-chaos/redis-chaos/report/record"

// Missed is a master that a fault hit and that no replica replaced.
type Missed struct {
	Shard  int    `json:"shard"`
	Master string `json:"master"`
	Fault  int    `json:"fault"`
	// Asked is the replica that was told to take over, if one was.
	Asked string `json:"asked,omitempty"`
	// Cause is the first finding's.
	Cause    Cause     `json:"cause"`
	Findings []Finding `json:"findings"`
	// Reason is the findings in words.
	Reason string `json:"reason"`
	// From is when it was first without an answer, on the run's clock.
	From record.Millis `json:"from_ms"`
}

// Due tells whether somebody could have replaced the master: the others did not reach it for
// longer than cluster-node-timeout.
func (m Missed) Due() bool {
	switch m.Cause {
	case MissedReachedByPeers:
		return false
	case MissedShorterThanTimeout: // or than it takes to be suspected, which is up to half as long again
		f := m.Findings[0]
		return f.First("fault").Lasted() > f.NodeTimeout()
	default:
		return true
	}
}

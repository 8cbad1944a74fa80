// Package tune is what a sweep over values of parameters found: for each, how long failovers
// take and how long a hiccup may last without one, and which of them is to be recommended.
package tune

import (
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// Schema names the form of tune.json. Fields are added, never renamed.
const Schema = "redis-chaos/tune/v1"

// Tune is a sweep.
type Tune struct {
	Schema     string        `json:"schema"`
	ID         string        `json:"id"`
	Scenario   string        `json:"scenario"`
	Started    time.Time     `json:"started"`
	Duration   record.Millis `json:"duration_ms"`
	Seed       int64         `json:"seed"`
	Runtime    string        `json:"runtime"`
	Engine     string        `json:"engine"`
	Tool       string        `json:"tool"`
	Server     record.Server `json:"server"`
	Source     string        `json:"source"`  // the scenario's YAML
	Command    string        `json:"command"` // that makes the same sweep
	How        set.How       `json:"how"`
	Parameters []Parameter   `json:"parameters"`
	Constraints
	Points         []Point        `json:"points"`
	Recommendation Recommendation `json:"recommendation"`
	Wanted         Wanted         `json:"wanted"`
	Budget         *Budget        `json:"budget"` // nil if there was none
	Notes          []string       `json:"notes"`
	// Error is why less was measured than was asked for.
	Error string `json:"error,omitempty"`
}

// Wanted is how much is to be found out of each point.
type Wanted struct {
	Failovers  int      `json:"failovers"`  // runs with the scenario's own failures
	Partitions int      `json:"partitions"` // runs in which a master is cut off
	Trials     int      `json:"trials"`     // hiccups of each kind
	Hiccups    []string `json:"hiccups"`    // the kinds
}

// Budget is the time that the sweep was given.
type Budget struct {
	Asked record.Millis `json:"asked_ms"`
	Spent record.Millis `json:"spent_ms"`
	// Buys says what a longer one would narrow.
	Buys string `json:"buys"`
}

// Parameter is what was swept.
type Parameter struct {
	// Path is as in --set: "cluster.config.cluster-node-timeout".
	Path   string   `json:"path"`
	Values []string `json:"values"`
}

// Constraints are what the user wants of a value. Nil is none.
type Constraints struct {
	// MaxFailover bounds the 95th percentile of client_recovery, of failover_time where no
	// workload can tell.
	MaxFailover *record.Millis `json:"max_failover_ms"`
	// Tolerate is how long a hiccup may last and is to have a failover in 5 % of all cases at
	// most.
	Tolerate *record.Millis `json:"tolerate_ms"`
	// MaxLost bounds the writes lost in any run.
	MaxLost *float64 `json:"max_lost"`
	// Defaulted: Tolerate is the default, because the user asked for neither of the first two.
	Defaulted bool `json:"defaulted,omitempty"`
}

// Point is one combination of the parameters' values.
type Point struct {
	// Values are by the parameters, in their order.
	Values []string `json:"values"`
	// Rejected is why the server did not take the value: nothing was measured.
	Rejected string `json:"rejected,omitempty"`
	// Failures are the real failures, a set of runs for each kind: the scenario's own, and
	// others that were added ("partition").
	Failures []Failure `json:"failures"`
	// Hiccups are what must not cause a failover, by kind.
	Hiccups []Hiccup `json:"hiccups"`
	// Predicted is the least and the most that a failover takes by the configuration, without
	// the client; nil if that does not decide it.
	Predicted *[2]record.Millis `json:"predicted_ms"`
	// PredictedHiccup is likewise when a node that does not answer is marked as failed.
	PredictedHiccup *[2]record.Millis `json:"predicted_hiccup_ms"`
	// PredictedMean is how long a failover takes on average by the configuration, and
	// PredictedL05MS the length of hiccups of which 5 % cause one.
	PredictedMean *record.Millis `json:"predicted_mean_ms"`
	PredictedL05  *record.Millis `json:"predicted_l05_ms"`
}

// Failure is the runs with one kind of failure.
type Failure struct {
	Kind    string       `json:"kind"` // "scenario", or "partition"
	Runs    []set.Run    `json:"runs"`
	Figures []set.Figure `json:"figures"`
}

// Hiccup is how long one kind of hiccup may last.
type Hiccup struct {
	Kind string `json:"kind"` // "freeze", "block", "cut", "starve"
	// Trials are hiccups of one length each.
	Trials []stats.Trial `json:"trials"`
	// Threshold is at which lengths in ms they cause failovers.
	Threshold stats.Threshold `json:"threshold"`
	// FalseFailovers is how many of the trials caused a failover.
	FalseFailovers int `json:"false_failovers"`
	// Runs are the runs in which they were made.
	Runs []set.Run `json:"runs"`
	// Unable is why this kind could not be tried here.
	Unable string `json:"unable,omitempty"`
}

// Recommendation is which point to take.
type Recommendation struct {
	// Point is its index among the points; nil if none satisfies the constraints.
	Point *int `json:"point"`
	// Sentence says it, Rule how it was chosen, Cost what it costs beside its neighbours, and
	// Certainty how sure it is.
	Sentence  string `json:"sentence"`
	Rule      string `json:"rule"`
	Cost      string `json:"cost"`
	Certainty string `json:"certainty"`
	// Probability is that of the point to satisfy all constraints, as far as that is known.
	Probability *float64 `json:"probability"`
	// RunnersUp are the next best, by index, the best first.
	RunnersUp []int `json:"runners_up"`
	// Conflict says which two constraints exclude each other, if none satisfies them.
	Conflict string `json:"conflict,omitempty"`
	// Moved says which of several parameters moved the results, and how far.
	Moved []string `json:"moved,omitempty"`
	// Verdicts are by the points, in their order.
	Verdicts []Verdict `json:"verdicts"`
}

// Verdict is how a point does by the constraints.
type Verdict struct {
	Satisfies bool `json:"satisfies"`
	// Out is why it is not judged: it was rejected, or too little was measured.
	Out string `json:"out,omitempty"`
	// Misses are the constraints that it does not meet, with what was found.
	Misses []string `json:"misses"`
	// Probability is that of meeting all constraints, as far as that is known.
	Probability *float64 `json:"probability"`
}

// recommended is the index of the recommended point; -1 if there is none.
func (t *Tune) recommended() int {
	if i := t.Recommendation.Point; i != nil && *i >= 0 && *i < len(t.Points) {
		return *i
	}
	return -1
}

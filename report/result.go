package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Schema names the form of result.json. Fields are added, never renamed.
const Schema = "redis-chaos/result/v1"

// Result is what a run found out. A figure that could not be measured is nil
// (null), never 0.
type Result struct {
	Schema    string     `json:"schema"`
	Run       Run        `json:"run"`
	Verdict   Verdict    `json:"verdict"`
	Faults    []Fault    `json:"faults"`
	Incidents []Incident `json:"incidents"`
	Holes     []Hole     `json:"holes"`
	Failovers []Failover `json:"failovers"`
	Missed    []Missed   `json:"missed"`
	Outages   []Outage   `json:"outages"`
	Writes    Writes     `json:"writes"`
	Workloads []Workload `json:"workloads"`
	// StaleReads sums up those of all workloads; nil if none read, or not to its end.
	StaleReads   *int64        `json:"stale_reads,omitempty"`
	Shards       []Shard       `json:"shards"`
	Recovered    *bool         `json:"recovered"`
	Expectations []Expectation `json:"expectations"`
	// Notices are what a reader should know beside the figures, and Notes that in words.
	Notices []Notice `json:"notices,omitempty"`
	Notes   []string `json:"notes"`
	// Error is why the run was not carried out to its end.
	Error string `json:"error,omitempty"`
	// Skipped: nothing went wrong, but the runtime cannot do what the scenario needs.
	Skipped bool `json:"skipped,omitempty"`
	// TakesIncidents: the scenario has an expectation about incidents.
	TakesIncidents bool `json:"takes_incidents,omitempty"`
	// Timeline is what the nodes answered, and whose writes they acked, over the run; nil if the
	// record does not tell of its start.
	Timeline *Timeline `json:"timeline,omitempty"`
}

// Verdict is the outcome of a run.
type Verdict string

// The verdicts.
const (
	Pass  Verdict = "pass"  // every expectation held
	Fail  Verdict = "fail"  // some expectation did not hold
	Error Verdict = "error" // the run was not carried out to its end
)

// Run is what was run, on what.
type Run struct {
	ID       string            `json:"id"`
	Scenario string            `json:"scenario"`
	Started  time.Time         `json:"started"`
	Duration record.Millis     `json:"duration_ms"` // until the last write was read back
	Seed     int64             `json:"seed"`
	Runtime  string            `json:"runtime"`
	Engine   string            `json:"engine"`
	Tool     string            `json:"tool"`
	Server   record.Server     `json:"server"`
	Topology Topology          `json:"topology"`
	Config   map[string]string `json:"config"`
}

// Topology is the shape of the cluster.
type Topology struct {
	Masters  int `json:"masters"`
	Replicas int `json:"replicas"` // per master
}

// Fault is a fault as it happened, in milliseconds on the run's clock.
type Fault struct {
	Kind   string `json:"kind"`
	Detail string `json:"detail,omitempty"`
	// Past is what the fault does to a target, in the passive ("killed"), and Effects what that
	// is to a server. Both are empty if it was not reached.
	Past      string          `json:"past,omitempty"`
	Effects   []record.Effect `json:"effects,omitempty"`
	Targets   []string        `json:"targets"`
	Requested *record.Millis  `json:"requested_ms"`
	Effective *record.Millis  `json:"effective_ms"`
	Healed    *record.Millis  `json:"healed_ms"`
	Error     string          `json:"error,omitempty"`
	// LostWrites counts the lost writes that come of the fault; nil where that is not
	// known.
	LostWrites *int64 `json:"lost_writes,omitempty"`
	// Over is when it was no longer in force, as far as that is known: the runtime may not tell
	// when it was healed.
	Over *record.Millis `json:"over_ms,omitempty"`
}

// InForce is from when to when the fault was in force: since it was requested, if the runtime did
// not tell when it took hold, and to the end, if nobody asked for its healing. It is not ok if
// the fault was not done, as far as is known.
func (f Fault) InForce(end record.Millis) (from, to record.Millis, ok bool) {
	if f.Effective == nil && (f.Requested == nil || f.Error != "") {
		return 0, 0, false
	}
	if over := cmp.Or(f.Over, f.Healed); over != nil {
		end = *over
	}
	return *cmp.Or(f.Effective, f.Requested), end, true
}

// Has tells whether the fault has an effect.
func (f Fault) Has(e record.Effect) bool { return slices.Contains(f.Effects, e) }

// Shard is how long a shard took no writes: by its probes, and as its clients saw it.
type Shard struct {
	Shard int    `json:"shard"`
	Slots string `json:"slots"`
	// Unavailable is the sum of its outages, of however short ones, and Longest the
	// longest of them.
	Unavailable *record.Millis `json:"unavailable_ms"`
	Longest     *record.Millis `json:"longest_ms"`
	// Silent is the part of that in which no node of the shard answered at all.
	Silent *record.Millis `json:"silent_ms"`
	// ClientGap is the longest time for which no workload had a write on the
	// shard acked, while workloads ran. Nil if none ever had.
	ClientGap *record.Millis `json:"client_gap_ms"`
	// NoMaster is for how long it had no master by the nodes' views: from its being marked as
	// failed until it was replaced, or well again. Nil if no node was asked.
	NoMaster *record.Millis `json:"no_master_ms"`
	// Bounds is between what these are, but for silent_ms, where holes in the record leave them
	// nil.
	Bounds map[string][2]record.Millis `json:"bounds,omitempty"`
	// Collateral: no fault touched this shard.
	Collateral bool `json:"collateral"`
	// AckedAfterFault tells whether a workload had a write on the shard acked after the
	// first fault took hold; nil if no fault did, or no workload ran.
	AckedAfterFault *bool `json:"acked_after_fault,omitempty"`
	// Findings say why applications had nothing acked on it while it took writes.
	Findings []Finding `json:"findings,omitempty"`
}

// Expectation is a bound and what was found.
type Expectation struct {
	Name string `json:"name"`
	Want string `json:"want"`
	// Got is in milliseconds, a count, a ratio or a truth value; nil if it was not measured.
	Got any `json:"got"`
	// Between is what Got is between, where holes in the record leave it nil: the
	// expectation then holds if it does for both.
	Between *[2]record.Millis `json:"between,omitempty"`
	// Reason is why Got is nil.
	Reason *Reason `json:"reason,omitempty"`
	OK     bool    `json:"ok"`
	// Shown is Got as a person reads it, or why there is none.
	Shown string `json:"shown"`
}

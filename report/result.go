package report

import (
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
	Replicas int `json:"replicas"` // per master, the most
	// ReplicasOf is how many each shard had when the run began, where they are not equally many.
	ReplicasOf []int `json:"replicas_of,omitempty"`
	// Zones are in the order of their first nodes; none in a cluster without zones.
	Zones []Zone `json:"zones,omitempty"`
}

// Zone is a zone and the nodes in it.
type Zone struct {
	Zone  string   `json:"zone"`
	Nodes []string `json:"nodes"`
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

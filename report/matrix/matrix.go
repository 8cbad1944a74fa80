// Package matrix is what one scenario found on several servers, with several values of its parameters, or with several
// presets of the clients: how they differ in the time that failovers take, in its phases, in what is lost, and in how
// many writes are acked, how fast.
package matrix

import (
	"time"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// Schema names the form of matrix.json. Fields are added, never renamed.
const Schema = "redis-chaos/matrix/v1"

// Matrix is the runs of a scenario by variant.
type Matrix struct {
	Schema   string    `json:"schema"`
	ID       string    `json:"id"`
	Scenario string    `json:"scenario"`
	Started  time.Time `json:"started"`
	// Duration is from the start of the first run to the end of the last, in all.
	Duration record.Millis `json:"duration_ms"`
	// Seed is what the seeds of the runs, and their order, are derived from.
	Seed int64  `json:"seed"`
	Tool string `json:"tool"`
	// Source is the scenario's YAML, with all that was left out filled in.
	Source string `json:"source"`
	// Command makes the same runs again.
	Command string  `json:"command"`
	How     set.How `json:"how"`
	// Verdict is Fail if an expectation of some run did not hold, and Error if no run was
	// carried out.
	Verdict  report.Verdict `json:"verdict"`
	Variants []Variant      `json:"variants"`
	Notes    []string       `json:"notes"`
	// Error is why fewer runs were made than were asked for.
	Error string `json:"error,omitempty"`
}

// Variant is one server, with values of the scenario's parameters and one preset of the clients.
type Variant struct {
	Name string `json:"name"`
	// Image and RedisServer are as they were given, the one or the other; both are empty where
	// the scenario's image was run.
	Image       string `json:"image,omitempty"`
	RedisServer string `json:"redis_server,omitempty"`
	// Values are those of the scenario's parameters, as --set has them.
	Values []string `json:"values,omitempty"`
	// Preset is that of all workloads' clients; empty where they are the scenario's.
	Preset string `json:"preset,omitempty"`
	// Dir holds the runs' folders, from that of the matrix.
	Dir string `json:"dir"`
	// Unable is why no run could be made.
	Unable string  `json:"unable,omitempty"`
	Set    set.Set `json:"set"`
	// Passed is how many of the runs that were carried out had every expectation hold.
	Passed int `json:"passed"`
	// NotReplaced is in how many runs some master that was to be replaced was not.
	NotReplaced Share `json:"not_replaced"`
	// Differences are by how much the figures differ from those of the first variant that ran.
	// The first has none.
	Differences []Difference `json:"differences,omitempty"`
}

// Share is how often something was so.
type Share struct {
	Count int `json:"count"`
	N     int `json:"n"`
	// CI is between what the share is of all possible runs, from 0 to 1.
	CI [2]float64 `json:"ci"`
}

// Difference is how a figure of a variant differs from that of the first.
type Difference struct {
	Figure string `json:"figure"`
	stats.Comparison
	// Adjusted is the p-value for all comparisons of phases together, for all of throughput and latencies, or for all
	// others: see stats.Holm.
	Adjusted float64 `json:"p_adjusted"`
	// Significant: Adjusted is at most 1 - stats.Confidence.
	Significant bool `json:"significant"`
	// TooFew: no values of so many runs could differ significantly.
	TooFew bool `json:"too_few"`
}

// The figures that a matrix tells of.
const (
	figureFailoverTime   = "failover_time"
	figureClientRecovery = "client_recovery"
	figureLostWrites     = "lost_writes"
	figureUnavailable    = "unavailable"
	figureLatencyP50     = "latency_p50"
	figureLatencyP99     = "latency_p99"

	// figureNotReplaced is how many masters were to be replaced and were not.
	figureNotReplaced = "not_replaced"
	// slowestPrefix is before the name of a phase: what it took of the run's slowest failover.
	slowestPrefix = "slowest_"
)

// figure is what is known of a variant's figure; nil where no run measured it.
func (v Variant) figure(name string) *set.Figure {
	if f := v.Set.Figure(name); f != nil && f.N > 0 {
		return f
	}
	return nil
}

// difference is that of a figure; nil if there is none.
func (v Variant) difference(name string) *Difference {
	for i, d := range v.Differences {
		if d.Figure == name {
			return &v.Differences[i]
		}
	}
	return nil
}

// ran is the runs that were carried out.
func (v Variant) ran() []set.Run { return set.Carried(v.Set.Runs) }

// values are those of a figure, of all runs that know it.
func (v Variant) values(name string) (values []stats.Value) {
	for _, r := range v.ran() {
		if value, ok := r.Values[name]; ok {
			values = append(values, value)
		}
	}
	return values
}

// baseline is the index of the variant that the others are compared with; -1 if none ran.
func (m *Matrix) baseline() int {
	for i, v := range m.Variants {
		if len(v.ran()) > 0 {
			return i
		}
	}
	return -1
}

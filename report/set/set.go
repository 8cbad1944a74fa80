// Package set aggregates the runs of one scenario: what each figure comes to over all of them,
// how sure that is, and which runs stand out.
package set

import (
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// Schema names the form of set.json. Fields are added, never renamed.
const Schema = "redis-chaos/set/v1"

// Set is several runs of one scenario, aggregated.
type Set struct {
	Schema   string    `json:"schema"`
	ID       string    `json:"id"`
	Scenario string    `json:"scenario"`
	Started  time.Time `json:"started"`
	// Duration is from the start of the first run to the end of the last, in all.
	Duration record.Millis `json:"duration_ms"`
	// Seed is what the seeds of the runs are derived from.
	Seed     int64             `json:"seed"`
	Runtime  string            `json:"runtime"`
	Engine   string            `json:"engine"`
	Tool     string            `json:"tool"`
	Server   record.Server     `json:"server"`
	Topology report.Topology   `json:"topology"`
	Config   map[string]string `json:"config"`
	// Source is the scenario's YAML, with all that was left out filled in.
	Source string `json:"source"`
	// Command runs the same set again.
	Command string `json:"command"`
	// How is how the runs were made.
	How     How            `json:"how"`
	Verdict report.Verdict `json:"verdict"`
	// Runs are in the order in which they were begun.
	Runs         []Run         `json:"runs"`
	Figures      []Figure      `json:"figures"`
	Expectations []Expectation `json:"expectations"`
	// Each is what every run is expected of by itself, and in how many it held.
	Each  []Each   `json:"each"`
	Notes []string `json:"notes"`
	// Error is why fewer runs were made than were asked for.
	Error string `json:"error,omitempty"`
}

// How is how the runs of a set, or of a sweep, were made.
type How struct {
	Asked int `json:"asked"` // runs
	// Until is what ended the set before all were made: "failure", "interrupt" or "budget".
	Until string `json:"until,omitempty"`
	// Parallel is how many runs were made at once at most, and Why says who chose that, and by
	// what.
	Parallel int    `json:"parallel"`
	Why      string `json:"why"`
	// Clusters is how many were deployed, and ReuseWhy says why they served one run each, or
	// more.
	Clusters int    `json:"clusters"`
	ReuseWhy string `json:"reuse_why"`
}

// Run is one run of a set.
type Run struct {
	ID string `json:"id"`
	// Dir is the run's folder, from that of the set.
	Dir      string         `json:"dir"`
	Seed     int64          `json:"seed"`
	Started  time.Time      `json:"started"`
	Duration record.Millis  `json:"duration_ms"`
	Verdict  report.Verdict `json:"verdict"`
	// Failed names the expectations of the run that did not hold.
	Failed []string `json:"failed,omitempty"`
	// Error is why it was not carried out to its end. Its figures then count in nothing.
	Error   string `json:"error,omitempty"`
	Skipped bool   `json:"skipped,omitempty"`
	// Cluster numbers the cluster that it ran on, from 1, and Turn how many runs that had served
	// with it.
	Cluster int `json:"cluster"`
	Served  int `json:"turn"`
	// Values are its figures by name, of those that were measured, and Unmeasured says why the
	// others were not.
	Values     map[string]stats.Value `json:"values"`
	Unmeasured map[string]string      `json:"unmeasured,omitempty"`
}

// Figure is what a figure comes to over all runs that measured it.
type Figure struct {
	Name string `json:"name"`
	Unit Unit   `json:"unit"`
	stats.Summary
	// Unmeasured is how many runs do not know it, and Reason why most of them do not.
	Unmeasured int       `json:"unmeasured"`
	Reason     string    `json:"reason,omitempty"`
	Outliers   []Outlier `json:"outliers,omitempty"`
}

// Unit is what a figure is counted in.
type Unit string

// The units of figures.
const (
	Millis Unit = "ms"
	Count  Unit = "count"
	Ratio  Unit = "ratio"
	Bool   Unit = "bool" // 0 or 1
	// PerSecond is acked writes/s.
	PerSecond Unit = "ops/s"
)

// Outlier is a run whose figure stands out.
type Outlier struct {
	Run   string      `json:"run"` // its id
	Value stats.Value `json:"value"`
}

// Expectation is a bound on the set, and what was found.
type Expectation struct {
	Name string `json:"name"` // "p95 of failover_time"
	// Figure is the figure, and Statistic what the runs come to, as in the scenario.
	Figure    string           `json:"figure"`
	Statistic expect.Statistic `json:"statistic"`
	// Bound is what Got is held against, in the figure's unit.
	Bound float64 `json:"bound"`
	Want  string  `json:"want"`
	// Got is a number in the figure's unit, "never", or nil if there is none.
	Got   *stats.Value `json:"got"`
	OK    bool         `json:"ok"`
	Shown string       `json:"shown"` // Got as a person reads it, or why there is none
}

// Each is an expectation that every run has by itself.
type Each struct {
	Name string `json:"name"`
	Want string `json:"want"`
	Held int    `json:"held"` // in how many runs
	Of   int    `json:"of"`   // runs that were carried out
}

// Figure is a figure by its name; nil if there is none.
func (s *Set) Figure(name string) *Figure {
	i := slices.IndexFunc(s.Figures, func(f Figure) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Figures[i]
}

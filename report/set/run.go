package set

import (
	"path/filepath"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// Of is a run of a set by its result; dir is the run's folder from that of the set. A run that
// was not carried out has no figures.
func Of(result *report.Result, s *scenarios.Scenario, dir string) Run {
	run := Run{
		ID: result.Run.ID, Dir: filepath.ToSlash(dir), Seed: result.Run.Seed, Started: result.Run.Started, Duration: result.Run.Duration,
		Verdict: result.Verdict, Error: result.Error, Skipped: result.Skipped, Values: map[string]stats.Value{},
	}
	if run.Verdict == report.Error {
		return run
	}
	for _, e := range result.Expectations {
		if !e.OK {
			run.Failed = append(run.Failed, e.Name)
		}
	}
	for _, name := range figuresOf(s) {
		m := figures.Measure(name, result)
		if m.Value != nil {
			run.Values[name] = *m.Value
			continue
		}
		if run.Unmeasured == nil {
			run.Unmeasured = map[string]string{}
		}
		run.Unmeasured[name] = prose.Reason(result, m.Reason)
	}
	return run
}

// Describe takes what the set is of, and what it was run on, from the result of one of its runs.
func (s *Set) Describe(result *report.Result) {
	s.Scenario, s.Runtime, s.Engine, s.Tool = result.Run.Scenario, result.Run.Runtime, result.Run.Engine, result.Run.Tool
	s.Server, s.Topology, s.Config = result.Run.Server, result.Run.Topology, result.Run.Config
}

// headline lists the figures that matter first.
func headline() []string {
	return []string{failoverTime, clientRecovery, unavailable, lostWrites, failedRatio}
}

// The figures of headline.
const (
	failoverTime   = "failover_time"
	clientRecovery = "client_recovery"
	unavailable    = "unavailable"
	lostWrites     = "lost_writes"
	failedRatio    = "failed_ratio"
)

// figuresOf lists the figures of a run of a scenario, those that matter first: then the phases and
// the steps of failovers, and the rest.
func figuresOf(s *scenarios.Scenario) (names []string) {
	var measurable []string
	for _, m := range s.Measurable {
		measurable = append(measurable, m.Name)
	}
	for _, name := range headline() {
		if slices.Contains(measurable, name) {
			names = append(names, name)
		}
	}
	names = append(slices.Concat(names, figures.Phases(), figures.Moments()), measurable...)
	if len(s.Workloads) > 0 {
		names = append(names, figures.Throughput)
	}
	for _, e := range s.ExpectSet {
		if e.Workload != "" {
			names = append(names, e.Name())
		}
	}
	return unique(names)
}

// unique drops what was there before.
func unique(names []string) (kept []string) {
	for _, name := range names {
		if !slices.Contains(kept, name) {
			kept = append(kept, name)
		}
	}
	return kept
}

// unitOf is what a figure is counted in.
func unitOf(name string) Unit {
	_, metric := expect.SplitName(name)
	if metric == figures.Throughput {
		return PerSecond
	}
	for _, m := range expect.Metrics() {
		if m.Name == metric {
			return unitOfMetric(m)
		}
	}
	return Millis // as those of failovers
}

func unitOfMetric(m expect.Metric) Unit {
	switch m.Unit {
	case expect.UnitCount:
		return Count
	case expect.UnitRatio:
		return Ratio
	case expect.UnitBool:
		return Bool
	default:
		return Millis
	}
}

// Carried is the runs that were carried out, whose figures count.
func Carried(runs []Run) (carried []Run) {
	for _, r := range runs {
		if r.Verdict != report.Error {
			carried = append(carried, r)
		}
	}
	return carried
}

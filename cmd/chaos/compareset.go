package main

import (
	"encoding/json"
	"fmt"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func readSet(name string, text []byte) (*set.Set, error) {
	s := &set.Set{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return s, nil
}

// setOfRun is a set of one run.
func setOfRun(result *report.Result, s *scenarios.Scenario) (*set.Set, error) {
	source, err := s.YAML()
	if err != nil {
		return nil, err
	}
	run := result.Run
	one := &set.Set{Schema: set.Schema, ID: run.ID, Scenario: run.Scenario, Started: run.Started, DurationMS: run.DurationMS, Seed: run.Seed, Runtime: run.Runtime,
		Engine: run.Engine, Tool: run.Tool, Server: run.Server, Topology: run.Topology, Config: run.Config, Source: string(source), Verdict: result.Verdict}
	r := set.Run{ID: run.ID, Verdict: result.Verdict, Error: result.Error, Values: map[string]stats.Value{}, Unmeasured: map[string]string{}}
	add := func(name string, unit set.Unit) {
		one.Figures = append(one.Figures, set.Figure{Name: name, Unit: unit})
		if m := report.Measure(name, result); m.Value != nil {
			r.Values[name] = *m.Value
		} else {
			r.Unmeasured[name] = m.Reason
		}
	}
	for _, m := range s.Measurable {
		add(m.Name, map[scenarios.Unit]set.Unit{scenarios.UnitMillis: set.Millis, scenarios.UnitCount: set.Count, scenarios.UnitRatio: set.Ratio, scenarios.UnitBool: set.Bool}[m.Unit])
	}
	for _, name := range append(report.Phases(), report.Steps()...) {
		add(name, set.Millis)
	}
	add(report.Throughput, set.PerSecond)
	one.Runs = []set.Run{r}
	return one, nil
}

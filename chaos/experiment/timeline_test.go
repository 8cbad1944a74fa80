package experiment

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/timeline"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

const timelineScenario = `
name: test-timeline
cluster:
  replicas: 2
  config: {cluster-node-timeout: 3000}
workloads:
  - {name: orders, clients: 2, rate: 200, keys: 100}
duration: 9s
steady: {for: 500ms, timeout: 20s, success: 50%}
faults:
  - {name: freezes, at: 700ms, for: 100ms, every: 500ms, jitter: 100ms, count: 2, pause: {role: replica, pick: random}}
  - {name: handover, after: freezes, failover: {node: redis-replica-1}}
  - {name: newcomer, after: {step: freezes, event: effective}, when: {failover: promoted, shard: 0, timeout: 8s}, for: 100ms, pause: {role: master, shard: 0}}
  - {name: roll, after: newcomer, when: {replicas: in_sync}, rolling: 1, for: 100ms, pause: {role: replica, shard: 1}}
  - {when: {failover: fail, shard: 2, timeout: 500ms}, optional: true, for: 100ms, pause: {role: master, shard: 2}}
expect:
  failovers: 1
  recovered: true
`

// Steps that repeat, follow, wait and roll come in their order, each occurrence on its own targets.
func TestTimelineOfARun(t *testing.T) {
	onThisMachine(t, func(t *testing.T, opts Options) {
		s := parsed(t, timelineScenario, "seed=3")
		outcome := observed(t, s, opts)
		r := outcome.Result
		if r.Verdict != report.Pass {
			t.Fatalf("%s: %s %+v", r.Verdict, r.Error, r.Expectations)
		}
		var steps []string
		for i, f := range r.Faults {
			step := fmt.Sprint(f.StepIndex(i))
			if f.Step != nil {
				step += fmt.Sprintf(" %s.%d", f.Step.Name, f.Step.Occurrence)
			}
			switch {
			case f.Skipped != "":
				step += " skipped"
			case f.Due == nil || f.Effective == nil || f.Healed == nil && f.Kind != "failover" || *f.Requested < *f.Due:
				t.Errorf("%s: %+v", step, f)
			}
			steps = append(steps, step)
		}
		want := []string{"0 freezes.1", "0 freezes.2", "1 handover.0", "2 newcomer.0", "3 roll.1", "3 roll.2", "4 .0 skipped"}
		if !slices.Equal(steps, want) {
			t.Fatalf("%q, want %q", steps, want)
		}
		first, second, handover, newcomer, roll, rolled := r.Faults[0], r.Faults[1], r.Faults[2], r.Faults[3], r.Faults[4], r.Faults[5]
		if got := *second.Due - *first.Due; got < 400 || got > 600 || *first.Due < 700 {
			t.Errorf("due at %v and %v", *first.Due, *second.Due)
		}
		if got, same := *second.Due-*first.Due, repeatedAfter(s); math.Abs(float64(got-same)) > 0.01 {
			t.Errorf("the second is due %v after the first, and by the same seed %v", got, same)
		}
		if *handover.Requested < *second.Healed || *newcomer.Requested < *handover.Requested || *roll.Requested < *newcomer.Healed || *rolled.Requested < *roll.Healed {
			t.Errorf("not one after the other: %+v", r.Faults)
		}
		if newcomer.Targets[0] != "redis-replica-1" {
			t.Errorf("the new master is redis-replica-1, and %v was hit", newcomer.Targets)
		}
		if len(roll.Targets) != 1 || len(rolled.Targets) != 1 || roll.Targets[0] == rolled.Targets[0] {
			t.Errorf("rolled over %v and %v", roll.Targets, rolled.Targets)
		}
		if skipped := r.Faults[6].Skipped; !strings.Contains(skipped, "it did not come about within 500ms that a failover of shard 2 reaches fail") {
			t.Errorf("skipped: %q", skipped)
		}
	})
}

// repeatedAfter is how long after the first occurrence the second of the first step is due, by the scenario's seed.
func repeatedAfter(s *scenarios.Scenario) record.Millis {
	alone := *s
	alone.Faults, alone.Steady = s.Faults[:1], nil
	p := timeline.New(&alone, s.Seed)
	var due []record.Millis
	for now := record.Millis(0); !p.Done(); now = p.Wake(now) {
		begin, _ := p.Next(now, nil)
		for _, o := range begin {
			due = append(due, o.Due)
		}
	}
	return due[1] - due[0]
}

// A run that is not steady to begin with is an error, and nothing is injected.
func TestNotSteady(t *testing.T) {
	onThisMachine(t, func(t *testing.T, opts Options) {
		outcome, err := Run(t.Context(), parsed(t, killScenario, "steady={for: 1s, timeout: 1s}"), opts)
		if err == nil || !strings.Contains(err.Error(), "the cluster was not steady for 1s within 1s of the begin of the run, and no fault was injected: ") {
			t.Errorf("the error is %v", err)
		}
		if r := outcome.Result; r.Verdict != report.Error || r.Error != err.Error() || r.Faults[0].Requested != nil {
			t.Errorf("%s (%s): %+v", r.Verdict, r.Error, r.Faults)
		}
	})
}

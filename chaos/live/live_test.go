package live_test

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/live"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// asked is a cluster as a test has it.
type asked struct {
	missing string
	behind  int64
}

func (a *asked) Missing(record.Millis) string { return a.missing }
func (a *asked) Behind(*int) (int64, bool)    { return a.behind, true }

// counted is a workload as a test has it.
type counted struct{ attempted, done int64 }

func (c *counted) Name() string { return "w" }
func (c *counted) Progress() (attempted, acked, failed, indeterminate int64) {
	return c.attempted, c.done, c.attempted - c.done, 0
}

func stateOf(s *scenarios.Scenario, now *record.Millis) (*live.State, *asked, *counted) {
	cluster, load := &asked{}, &counted{}
	return live.New(s, cluster, []live.Load{load}, func() record.Millis { return *now }), cluster, load
}

// The phases of a recorded failover are reached when the report says, each once.
func TestFailoverPhases(t *testing.T) {
	var now record.Millis
	s, _, _ := stateOf(&scenarios.Scenario{}, &now)
	events := append(sample.AFailover(), sample.At(2, &record.Role{Node: "a2", Role: "replica", Master: "a"}))
	reached := map[scenarios.FailoverPhase]record.Millis{}
	for _, e := range events {
		s.Take(e)
		for _, p := range scenarios.FailoverPhases() {
			for _, w := range []scenarios.When{{Failover: p, Shard: new(0)}, {Failover: p}} {
				if at, ok := s.Holds(w, 900); ok && reached[p] == 0 {
					reached[p] = at
				}
			}
			if _, ok := s.Holds(scenarios.When{Failover: p, Shard: new(1)}, 0); ok {
				t.Fatalf("shard 1 reaches %s after %+v", p, e)
			}
		}
	}
	for p, want := range map[scenarios.FailoverPhase]record.Millis{
		scenarios.PhasePFail: 3000, scenarios.PhaseFail: 3499, scenarios.PhaseElection: 3990, scenarios.PhasePromoted: 4000,
		scenarios.PhaseConverged: 4060, scenarios.PhaseRedundant: 6500,
	} {
		if reached[p] != want {
			t.Errorf("%s was reached at %v, want %v", p, reached[p], want)
		}
		if _, ok := s.Holds(scenarios.When{Failover: p}, 8000); ok {
			t.Errorf("%s is said to be reached after 8000 ms", p)
		}
	}
}

func TestConditions(t *testing.T) {
	var now record.Millis
	s, cluster, load := stateOf(&scenarios.Scenario{}, &now)
	holds := func(w scenarios.When, want bool) {
		t.Helper()
		if _, ok := s.Holds(w, 0); ok != want {
			t.Errorf("%v: %v, want %v", w, ok, want)
		}
	}
	ok, down, whole := scenarios.When{Cluster: scenarios.ClusterOK}, scenarios.When{Cluster: scenarios.ClusterDown}, scenarios.When{Cluster: scenarios.ClusterWhole}
	inSync, ofShard := scenarios.When{Replicas: scenarios.ReplicasInSync}, scenarios.When{Replicas: scenarios.ReplicasInSync, Shard: new(0)}
	s.Take(sample.Started())
	holds(ok, false) // nobody has said so
	for _, node := range []string{"a", "b", "c", "a2", "b2", "c2"} {
		s.Take(sample.At(5, &record.ClusterState{Node: node, OK: true}))
	}
	holds(ok, true)
	holds(down, false)
	s.Take(sample.At(6, &record.ClusterState{Node: "b"}))
	holds(ok, false)
	holds(down, true)
	s.Take(sample.At(7, &record.Reachable{Node: "b"})) // whose word counts no more
	holds(ok, true)
	holds(down, false)

	holds(inSync, false)
	s.Take(sample.At(8, &record.Replication{Master: "a", Replica: "a2", InSync: true}))
	holds(ofShard, true)
	holds(inSync, false)
	for _, of := range []string{"b", "c"} {
		s.Take(sample.At(9, &record.Replication{Master: of, Replica: of + "2", InSync: true}))
	}
	holds(inSync, false) // b does not answer
	s.Take(sample.At(9, &record.Reachable{Node: "b", OK: true}))
	holds(inSync, true)
	s.Take(sample.At(9, &record.Replication{Master: "a", Replica: "a2"}))
	holds(ofShard, false)

	holds(whole, true)
	cluster.missing = "a does not answer"
	holds(whole, false)
	cluster.behind = 999
	holds(scenarios.When{Behind: new(units.Size(1000))}, false)
	cluster.behind = 1000
	holds(scenarios.When{Behind: new(units.Size(1000))}, true)
	load.done = 41
	holds(scenarios.When{Writes: 42}, false)
	load.done = 42
	holds(scenarios.When{Writes: 42}, true)
	holds(scenarios.When{Writes: 42, Workload: "v"}, false)
}

// latencies is a second in which all acked writes took as long.
func latencies(t *testing.T, from record.Millis, took time.Duration) record.Event {
	h := record.NewHistogram()
	for range 100 {
		if err := h.RecordValue(took.Microseconds()); err != nil {
			t.Fatal(err)
		}
	}
	i := &record.LatencyInterval{Workload: "w", Until: from + 1000}
	if err := i.SetHistogram(h); err != nil {
		t.Fatal(err)
	}
	return sample.At(from, i)
}

// The cluster is steady once it has been whole, and the workloads within their bounds, for long
// enough, as somebody sees who looks all the time.
func TestSteady(t *testing.T) {
	var now record.Millis
	bounds := &scenarios.Steady{Success: 90, Latency: units.Duration(10 * time.Millisecond)}
	s, cluster, load := stateOf(&scenarios.Scenario{Steady: bounds}, &now)
	lasting := 2 * time.Second
	// until looks every 20 ms, with an operation each time.
	until := func(to record.Millis, failing bool) (missing string) {
		for ; now < to; now += 20 {
			load.attempted++
			if !failing {
				load.done++
			}
			missing = s.Unsteady(lasting, 0)
		}
		return missing
	}
	expect := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("at %v ms: %q, want %q", now, got, want)
		}
	}
	cluster.missing = "a does not answer"
	expect(until(1000, false), "a does not answer")
	cluster.missing = ""
	expect(until(2500, false), "it has been whole for 1.5 s so far")
	expect(until(3020, false), "no latency of workload w is known yet")
	s.Take(latencies(t, 2000, 5*time.Millisecond))
	expect(until(3040, false), "")
	expect(until(3400, true), "12 of 114 operations of workload w failed")
	expect(until(5300, false), "no latency of workload w is known yet")
	s.Take(latencies(t, 4000, 20*time.Millisecond))
	expect(until(5420, false), "the 99th percentile of the latency of workload w is 20ms")
	s.Take(latencies(t, 6000, 5*time.Millisecond))
	expect(until(7440, false), "")
	now += 2000 // in which nobody looks
	expect(s.Unsteady(lasting, 0), "it has been whole for 0.0 s so far")
	if missing := s.Unsteady(0, 7000); missing != "no operation of workload w has ended" {
		t.Errorf("from another moment on: %q", missing)
	}
}

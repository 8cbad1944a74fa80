// Package sample holds records for tests: of a small cluster, made up, and of runs on real ones.
package sample

import (
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// At makes an event.
func At(ms record.Millis, d record.Data) record.Event { return record.Event{At: ms, Data: d} }

// Started opens a record of a 3×1 cluster whose shard 0 is led by a, with
// replica a2, and so on.
func Started() record.Event {
	return At(0, &record.RunStarted{
		ID: "run-1", Scenario: "s", Started: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Masters: 3, Replicas: 1,
		Shards: []record.Shard{
			{Shard: 0, Slots: "0-5460", Master: "a", Replicas: []string{"a2"}},
			{Shard: 1, Slots: "5461-10922", Master: "b", Replicas: []string{"b2"}},
			{Shard: 2, Slots: "10923-16383", Master: "c", Replicas: []string{"c2"}},
		},
	})
}

// Owner is a node's view of who owns shard 0.
func Owner(ms record.Millis, observer, owner string, epoch int64) record.Event {
	return At(ms, &record.SlotOwner{Observer: observer, Shard: 0, Owner: owner, Epoch: epoch})
}

// Ack is a row of acked probes.
func Ack(from, until record.Millis, node string, shard int) record.Event {
	return At(from, &record.Probe{Node: node, Shard: shard, Answer: record.ProbeAck, Until: until, Count: 10})
}

// OfFault makes the fault of an index in a record one of a kind.
func OfFault(events []record.Event, index int, kind string) {
	for _, e := range events {
		if f, ok := e.Data.(*record.Fault); ok && f.Index == index {
			f.Kind = kind
		}
	}
}

// Known is a fault with what its kind does.
func Known(f report.Fault) report.Fault {
	f.Past, f.Effects = (&record.Fault{Kind: f.Kind, Detail: f.Detail}).Does()
	return f
}

// Kill is a step of the kill of a, the master of shard 0.
func Kill(phase record.FaultPhase, ms record.Millis) record.Event {
	return At(ms, &record.Fault{Kind: "kill", Phase: phase, Targets: []string{"a"}, Shards: []int{0}})
}

// AFailover is a kill of a at 1000 ms: a2 is elected at 4000 ms.
func AFailover() []record.Event {
	events := []record.Event{
		Started(),
		Owner(10, "b", "a", 1), Owner(10, "c", "a", 1), Owner(10, "a2", "a", 1), Owner(10, "a", "a", 1),
		Ack(5, 1000, "a", 0), Ack(5, 9000, "b", 1), Ack(5, 3500, "c", 2), Ack(4100, 9000, "c", 2),
		At(5, &record.Acks{Workload: "w", Shard: 0, Node: "a", Until: 999, Count: 5}),
		Kill(record.FaultRequested, 980), Kill(record.FaultEffective, 1000),
		At(1010, &record.Reachable{Node: "a"}),
		At(3000, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "pfail"}),
		At(3499, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "a"}),
		At(3520, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "fail"}),
		At(3990, &record.Log{Node: "a2", Kind: record.LogElectionStarted}),
		At(4000, &record.Log{Node: "a2", Kind: record.LogElectionWon}),
		Ack(4004, 9000, "a2", 0),
		Owner(4020, "a2", "a2", 9), Owner(4030, "b", "a2", 9), Owner(4060, "c", "a2", 9),
		At(4500, &record.Acks{Workload: "w", Shard: 0, Node: "a2", Until: 8000, Count: 50}),
		Kill(record.FaultHealed, 6000),
		At(6050, &record.Reachable{Node: "a", OK: true}),
		Owner(6060, "a", "a2", 9),
		At(6500, &record.Replication{Master: "a2", Replica: "a", InSync: true}),
		At(8000, &record.WorkloadDone{Name: "w", Kind: "set", End: 8000, Attempted: 100, Acked: 90, Failed: 7, Indeterminate: 3}),
		At(8100, &record.Settled{OK: true}),
		At(8200, &record.Verified{Name: "w", Checked: 90, Lost: 2, LossWindow: &[2]record.Millis{990, 999}, UnackedApplied: 1}),
		At(9001, &record.RunEnded{}),
	}
	return events
}

// OneFault is the scenario of AFailover.
func OneFault() *scenarios.Scenario {
	return &scenarios.Scenario{Name: "s", Faults: []scenarios.Fault{{Kind: "kill"}}, Workloads: []scenarios.Workload{{Name: "w"}},
		Observe: scenarios.Observe{Probes: scenarios.DefaultProbes, Topology: scenarios.DefaultTopology}}
}

// Show writes a figure as tests do: "3004", or "null".
func Show(ms *record.Millis) string {
	if ms == nil {
		return "null"
	}
	return fmt.Sprint(*ms)
}

// WithTimeout is aFailover of a cluster whose nodes and timeout are known.
func WithTimeout(timeout string, server string, version string) []record.Event {
	events := AFailover()
	start := *events[0].Data.(*record.RunStarted)
	start.Config = map[string]string{"cluster-node-timeout": timeout}
	start.Server = record.Server{Name: server, Version: version}
	for _, name := range []string{"a", "b", "c", "a2", "b2", "c2"} {
		start.Nodes = append(start.Nodes, record.Node{Name: name})
	}
	events[0].Data = &start
	return append(events, At(5, &record.Probe{Node: "a2", Answer: "moved", Until: 4003}))
}

// HitBy is the steps of a fault of a, in order: requested, effective, healed; a time of 0 is
// left out.
func HitBy(index int, kind, detail string, times ...record.Millis) (events []record.Event) {
	phases := []record.FaultPhase{record.FaultRequested, record.FaultEffective, record.FaultHealed, record.FaultHealRequested}
	for i, ms := range times {
		if ms > 0 {
			events = append(events, At(ms, &record.Fault{Index: index, Kind: kind, Detail: detail, Phase: phases[i], Targets: []string{"a"}, Shards: []int{0}}))
		}
	}
	return events
}

// ScenarioOf is one with faults of these kinds.
func ScenarioOf(kinds ...string) *scenarios.Scenario {
	s := OneFault()
	s.Faults = nil
	for _, kind := range kinds {
		s.Faults = append(s.Faults, scenarios.Fault{Kind: kind})
	}
	return s
}

// Starved is a record in which a is starved from 1000 to 6000 ms.
func Starved(more ...record.Event) []record.Event {
	return append(append(more, HitBy(0, "starve", "limited to 1%", 990, 1000, 6000)...), WithTimeout("2000", "redis", "7.0.15")[0], At(9001, &record.RunEnded{}))
}

// Away is a record in which a is away from 1000 to 6000 ms, and no other master is found.
func Away(more ...record.Event) []record.Event {
	start := *WithTimeout("2000", "redis", "7.0.15")[0].Data.(*record.RunStarted)
	return append([]record.Event{
		At(0, &start), Ack(5, 1000, "a", 0), Ack(5, 9000, "b", 1), Ack(6010, 9000, "a", 0),
		Kill(record.FaultRequested, 980), Kill(record.FaultEffective, 1000), Kill(record.FaultHealed, 6000), At(9001, &record.RunEnded{}),
	}, more...)
}

// Suspicion is a's being suspected, and marked as failed.
func Suspicion() (pfail, failed record.Event) {
	return At(3100, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "pfail"}),
		At(3500, &record.Log{Node: "b", Kind: record.LogMarkedFail, Subject: "a"})
}

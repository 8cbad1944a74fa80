package sample

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
)

// Contended is a run with a workload of locks and one that is checked for
// linearizability, beside one that counts losses.
func Contended(l *record.Locks, lin *record.Linearizability) (*scenarios.Scenario, []record.Event) {
	s := OneFault()
	s.Workloads = append(s.Workloads, scenarios.Workload{Name: "leases", Type: "lock"}, scenarios.Workload{Name: "registers", Type: "linearizable"})
	for name, bound := range map[string]string{"double_holds": "0", "double_held": "<= 1s", "linearizable": "true"} {
		e, err := expect.Parse(name, bound)
		if err != nil {
			panic(err)
		}
		s.Expect = append(s.Expect, e)
	}
	events := append(AFailover(),
		At(8001, &record.WorkloadDone{Name: "leases", Kind: "lock", End: 8001, Attempted: 400, Acked: 400, NoLoss: true}),
		At(8002, &record.WorkloadDone{Name: "registers", Kind: "linearizable", End: 8001, Attempted: 600, Acked: 600, NoLoss: true}))
	if l != nil {
		events = append(events, At(8003, l))
	}
	if lin != nil {
		events = append(events, At(8004, lin))
	}
	return s, events
}

// DoubleLocks is locks that two clients held at once.
func DoubleLocks() *record.Locks {
	return &record.Locks{
		Name: "leases", Locks: 60, TTL: 20_000, Hold: 12_000, Acquired: 200, Denied: 190, Released: 190, ReleaseFailed: 2, Gone: 5, Taken: 3,
		LostByShard: map[int]int64{0: 8}, LostWindow: &[2]record.Millis{6000, 7000},
		DoubleHolds: 3, DoubleHeld: 3100, Longest: 1420, Window: &[2]record.Millis{5000, 6000}, ByShard: map[int]int64{0: 3},
		GrantedBy: []record.DoubleGrant{{First: "a", Second: "a2", Count: 3, Longest: 1420}},
	}
}

// ViolatedHistory is a history that no order explains.
func ViolatedHistory() *record.Linearizability {
	return &record.Linearizability{
		Name: "registers", Verdict: record.LinearizabilityViolated, Keys: 16, Generations: 156, Operations: 600, Reads: 300, Writes: 150, CAS: 148, Unanswered: 2,
		Violated: 3, Checked: 35,
		Violation: &record.Violation{Key: "{run-1:registers:7}:4", Shard: 0, Operation: "read: 1.2 (a2)", Client: 7, From: 5001, Until: 5002,
			Node: "a2", Nodes: []string{"a", "a2"}, KeyFrom: 900, KeyUntil: 6000, Picture: "linearizable-registers.html"},
	}
}

// Latencies is an interval of a workload, with latencies in ms.
func Latencies(t *testing.T, from, to record.Millis, workload string, ms ...int64) record.Event {
	t.Helper()
	h := record.NewHistogram()
	for _, l := range ms {
		_ = h.RecordValue(l * 1000)
	}
	interval := &record.LatencyInterval{Workload: workload, Until: to, Due: 100}
	if err := interval.SetHistogram(h); err != nil {
		t.Fatal(err)
	}
	return At(from, interval)
}

// Lasting is a fault from a moment to another; 0: it was not healed.
func Lasting(from, to record.Millis) report.Fault {
	f := report.Fault{Kind: "kill", Effective: &from}
	if to > 0 {
		f.Healed = &to
	}
	return f
}

// Written is phases as text.
func Written(phases []report.LatencyPhase) string {
	var all []string
	for _, p := range phases {
		name := p.Phase
		if p.Fault != nil {
			name += fmt.Sprintf(" %d", *p.Fault)
		}
		all = append(all, fmt.Sprintf("%s %.0f-%.0f: %d/%d, %s", name, p.From, p.To, p.Count, p.Due, Show(p.Max)))
	}
	return strings.Join(all, "; ")
}

// Judging is the settings of a type of workload that can judge something, and has none.
type Judging []trait.Trait

// Traits implements scenarios.WorkloadSpec.
func (j Judging) Traits() []trait.Trait { return j }

// Messaging is a scenario with subscribers and consumer groups, and what it expects.
func Messaging(t *testing.T, expected ...string) *scenarios.Scenario {
	s := OneFault()
	s.Workloads = append(s.Workloads,
		scenarios.Workload{Name: "news", Type: "pubsub", Spec: Judging{trait.CountsMissed}},
		scenarios.Workload{Name: "jobs", Type: "stream", Spec: Judging{trait.HasGroups}})
	for i := 0; i < len(expected); i += 2 {
		e, err := expect.Parse(expected[i], expected[i+1])
		if err != nil {
			t.Fatal(err)
		}
		s.Expect = append(s.Expect, e)
	}
	return s
}

// MessagingEvents is a failover with two subscribers and two consumer groups.
func MessagingEvents() []record.Event {
	deaf, none, five := record.Millis(4520), int64(0), int64(5)
	events := AFailover()
	return append(events[:len(events)-1],
		At(8002, &record.WorkloadDone{Name: "news", Kind: "pubsub", NoLoss: true, End: 8002, Attempted: 1000, Acked: 900, Failed: 100, Shards: []record.ClientShard{{Shard: 3, Acked: 900}}}),
		At(8003, &record.WorkloadDone{Name: "jobs", Kind: "stream", End: 8003, Attempted: 50, Acked: 50}),
		At(8201, &record.Heard{Name: "news", Channels: 10, Subscribers: []record.Subscriber{
			{Acked: 900, Received: 900, Off: 0},
			{Subscriber: 1, Acked: 900, Received: 700, MissedConnected: 150, MissedDisconnected: 50, ConnectedWindow: &[2]record.Millis{1001, 5000}, MissedWindow: &[2]record.Millis{1001, 5521},
				Deaf: &deaf, Off: 521, Breaks: 1, Unsubscribed: 2, Refused: 1, OffAtEnd: 2, Duplicated: 3},
		}}),
		At(8202, &record.Verified{Name: "jobs", Checked: 50}),
		At(8203, &record.Consumed{Name: "jobs", Groups: []record.Group{
			{Group: "group-0", Delivered: 50, Acked: 50, Undelivered: &none, Pending: &none},
			{Group: "group-1", Delivered: 45, Acked: 44, RedeliveredAfterAck: 7, RedeliveredUnacked: 2, RedeliveredWindow: &[2]record.Millis{4500, 4600},
				Undelivered: &five, Pending: &none, Lost: 1, LostWindow: &[2]record.Millis{4510, 4510}},
		}}),
		At(9001, &record.RunEnded{}))
}

// Stale is a stale read of the workload x, of a value of an age.
func Stale(ms record.Millis, node, role string, age record.Millis) record.Event {
	got := int64(3)
	return At(ms, &record.StaleRead{Workload: "x", Shard: 0, Key: "k", Node: node, Role: role, Got: &got, Want: 5, Sent: ms - 1, Age: age})
}

// LossRun is a run in which 40 acked writes on shard 1 are absent, acked from 1000 to 3000 ms
// by b, to which nothing happened.
func LossRun(more ...record.Event) []record.Event {
	start := *Started().Data.(*record.RunStarted)
	start.Config = map[string]string{"maxmemory-policy": "allkeys-lru"}
	return append([]record.Event{
		At(0, &start), Ack(5, 9000, "a", 0), Ack(5, 9000, "b", 1), Ack(5, 9000, "c", 2),
		At(5, &record.Acks{Workload: "w", Shard: 1, Node: "b", Until: 8000, Count: 100}),
		At(8000, &record.WorkloadDone{Name: "w", Start: 5, End: 8000, Attempted: 100, Acked: 100}),
		At(8900, &record.Verified{Name: "w", Checked: 100, Lost: 40, LostByShard: map[int]int64{1: 40}, LossWindow: &[2]record.Millis{1000, 3000},
			Losses: []record.Loss{{Shard: 1, Node: "b", First: 1000, Last: 3000, Count: 40}}}),
		At(9001, &record.RunEnded{}),
	}, more...)
}

// Counters is what a server counts of what it removed.
func Counters(ms record.Millis, node, runID string, c record.Counters) record.Event {
	c.Node, c.RunID = node, runID
	return At(ms, &c)
}

package scenarios

import (
	"errors"
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// After is a moment that another step of the timeline decides.
type After struct {
	// Step is that step's name.
	Step  string         `yaml:"step"`
	Event StepEvent      `yaml:"event"`
	Delay units.Duration `yaml:"delay,omitempty"`
}

// SetDefaults implements codec.Defaulted.
func (a *After) SetDefaults() { a.Event = StepHealed }

// StepEvent is what becomes of a step. One that is done several times is requested and takes
// hold with the first, and is healed with the last.
type StepEvent string

// What becomes of a step.
const (
	StepRequested StepEvent = "requested" // it was asked for
	StepEffective StepEvent = "effective" // it took hold
	StepHealed    StepEvent = "healed"    // it is undone; or done, if nothing undoes it
)

func (e StepEvent) String() string { return string(e) }

// UnmarshalScalar implements codec.ScalarUnmarshaler.
func (e *StepEvent) UnmarshalScalar(text string) error {
	return oneOf(e, text, "event", StepRequested, StepEffective, StepHealed)
}

// When is a condition on the run: exactly one of Cluster, Steady, Failover, Replicas, Behind and
// Writes. Shard narrows Failover, Replicas and Behind.
type When struct {
	Cluster ClusterCondition `yaml:"cluster"`
	// Steady is for how long the cluster is to be whole, within the bounds of the scenario's
	// steady, if it has that.
	Steady units.Duration `yaml:"steady,omitempty"`
	// Failover is a phase that a failover is to reach.
	Failover FailoverPhase `yaml:"failover"`
	// Replicas is what all replicas are to be.
	Replicas ReplicaCondition `yaml:"replicas"`
	// Behind is how many bytes of the replication stream a replica is to be behind its master,
	// at least.
	Behind *units.Size `yaml:"behind"`
	Shard  *int        `yaml:"shard"`
	// Writes is how many writes Workload is to have had acked, or all workloads together.
	Writes   int64  `yaml:"writes,omitempty"`
	Workload string `yaml:"workload"`
	// Timeout is for how long it is waited for; 0 is to the end of the run.
	Timeout units.Duration `yaml:"timeout,omitempty"`
	// Delay is the time from when it came about to the step.
	Delay units.Duration `yaml:"delay,omitempty"`
}

// ClusterCondition is a condition of the whole cluster.
type ClusterCondition string

// The conditions of a cluster.
const (
	ClusterOK    ClusterCondition = "ok"    // every node that answers reports cluster_state:ok
	ClusterDown  ClusterCondition = "down"  // some node reports cluster_state:fail
	ClusterWhole ClusterCondition = "whole" // every node answers, all agree, every replica is in sync
)

func (c ClusterCondition) String() string { return string(c) }

// UnmarshalScalar implements codec.ScalarUnmarshaler.
func (c *ClusterCondition) UnmarshalScalar(text string) error {
	return oneOf(c, text, "condition of the cluster", ClusterOK, ClusterDown, ClusterWhole)
}

// ReplicaCondition is a condition of all replicas.
type ReplicaCondition string

// ReplicasInSync: they have all that their masters had when they came online, and are online.
const ReplicasInSync ReplicaCondition = "in_sync"

func (c ReplicaCondition) String() string { return string(c) }

// UnmarshalScalar implements codec.ScalarUnmarshaler.
func (c *ReplicaCondition) UnmarshalScalar(text string) error {
	return oneOf(c, text, "condition of replicas", ReplicasInSync)
}

// FailoverPhase is a phase of a failover, by the name of its figure in the report.
type FailoverPhase string

// The phases of a failover, in order.
const (
	PhasePFail     FailoverPhase = "pfail"     // a first node suspects the master
	PhaseFail      FailoverPhase = "fail"      // it is marked as failed
	PhaseElection  FailoverPhase = "election"  // a replica starts its election
	PhasePromoted  FailoverPhase = "promoted"  // a replica has become the master
	PhaseConverged FailoverPhase = "converged" // every node that answers agrees
	PhaseRedundant FailoverPhase = "redundant" // the new master has a replica in sync
)

// FailoverPhases lists the phases in order.
func FailoverPhases() []FailoverPhase {
	return []FailoverPhase{PhasePFail, PhaseFail, PhaseElection, PhasePromoted, PhaseConverged, PhaseRedundant}
}

func (p FailoverPhase) String() string { return string(p) }

// UnmarshalScalar implements codec.ScalarUnmarshaler.
func (p *FailoverPhase) UnmarshalScalar(text string) error {
	return oneOf(p, text, "phase of a failover", FailoverPhases()...)
}

// ofShard is the shard that it is narrowed to, in words.
func (w When) ofShard() string {
	if w.Shard == nil {
		return ""
	}
	return fmt.Sprintf(" of shard %d", *w.Shard)
}

// String is the condition in words: "a failover of shard 0 reaches promoted".
func (w When) String() string {
	switch {
	case w.Cluster == ClusterDown:
		return "the cluster is down"
	case w.Cluster != "":
		return fmt.Sprintf("the cluster is %s", w.Cluster)
	case w.Steady > 0:
		return fmt.Sprintf("the cluster is steady for %v", w.Steady)
	case w.Failover != "":
		return fmt.Sprintf("a failover%s reaches %s", w.ofShard(), w.Failover)
	case w.Replicas != "":
		return fmt.Sprintf("every replica%s is in sync", w.ofShard())
	case w.Behind != nil:
		return fmt.Sprintf("a replica%s is %v behind", w.ofShard(), *w.Behind)
	case w.Workload != "":
		return fmt.Sprintf("workload %s has %d writes acked", w.Workload, w.Writes)
	default:
		return fmt.Sprintf("%d writes are acked", w.Writes)
	}
}

// Rolling has a step done to the nodes of its selector one batch after the other. The next one
// waits until the one before is healed, and the cluster is whole.
type Rolling struct {
	// Batch is how many nodes it is done to at a time.
	Batch int `yaml:"batch"`
	// Timeout is how long the cluster may take to be whole between two batches.
	Timeout units.Duration `yaml:"timeout"`
	// Steady is for how long it has to be whole.
	Steady units.Duration `yaml:"steady,omitempty"`
}

// SetDefaults implements codec.Defaulted.
func (r *Rolling) SetDefaults() { *r = Rolling{Batch: 1, Timeout: units.Duration(30 * time.Second)} }

// Steady is what has to hold before the first fault.
type Steady struct {
	// For is for how long the cluster has to be whole.
	For units.Duration `yaml:"for"`
	// Timeout is how long that may take, since the begin of the run.
	Timeout units.Duration `yaml:"timeout"`
	// Success is the least share of the operations of each workload that succeed meanwhile; 0:
	// that does not matter.
	Success units.Percent `yaml:"success,omitempty"`
	// Latency is the longest that the 99th percentile of each workload's acked writes may be in
	// any second of that time; 0: that does not matter.
	Latency units.Duration `yaml:"latency,omitempty"`
}

// SetDefaults implements codec.Defaulted.
func (s *Steady) SetDefaults() {
	*s = Steady{For: units.Duration(2 * time.Second), Timeout: units.Duration(30 * time.Second)}
}

// oneOf reads a word of a few.
func oneOf[T ~string](into *T, text, what string, known ...T) error {
	var words []string
	for _, k := range known {
		if string(k) == text {
			*into = k
			return nil
		}
		words = append(words, string(k))
	}
	return errors.New(suggest.Unknown(what, text, words))
}

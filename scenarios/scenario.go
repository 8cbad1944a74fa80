// Package scenarios owns the declarative scenario: its types, how it is written, and the
// library of scenarios that comes with the binary. It knows nothing of Docker or Redis: what
// kinds of fault and workload exist, and which causes a report may give, is told to those who
// read one by a [Catalog].
package scenarios

import (
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Scenario is one declarative experiment: a cluster, workloads on it, faults
// on a timeline, and what is expected of the outcome.
type Scenario struct {
	Name        string     `yaml:"name"`
	Description string     `yaml:"description,omitempty"`
	Cluster     Cluster    `yaml:"cluster"`
	Workloads   []Workload `yaml:"workloads"`
	// Duration is how long the workloads run. Deploying before, and verifying
	// and tearing down after, come on top.
	Duration units.Duration `yaml:"duration"`
	// Seed decides every random pick of a run. 0 means: choose one, and report it.
	Seed int64 `yaml:"seed,omitempty"`
	// RecoveryTimeout bounds the wait, after the last fault healed, for the
	// cluster to be ok and every replica to be in sync.
	RecoveryTimeout units.Duration `yaml:"recovery_timeout"`
	Observe         Observe        `yaml:"observe"`
	// Steady is what has to hold before the first fault; nil: nothing has to.
	Steady *Steady `yaml:"steady"`
	Faults []Fault `yaml:"faults"`
	// Random is faults that are drawn in place of Faults; nil if there are none.
	Random *Random     `yaml:"random"`
	Expect expect.List `yaml:"expect"`
	// ExpectSet is what is expected of several runs together.
	ExpectSet expect.SetList `yaml:"expect_set"`
	// Warnings is what was found that can be run and may not mean what its author has
	// in mind, in the order of the file.
	Warnings []document.Problem `yaml:"-"`
	// Measurable is the figures that a run can measure, by its workloads, but for causes.
	Measurable []expect.Metric `yaml:"-"`
	// Suits judges the scenario again, for a cluster whose nodes have been found; nil of a scenario that was not read.
	Suits func(Cluster) error `yaml:"-"`
}

// Observe is how often the nodes are looked at.
type Observe struct {
	// Probes is the time between two probe writes to a node.
	Probes units.Duration `yaml:"probes"`
	// Topology is the least time between two questions to a node for its view of
	// the cluster.
	Topology units.Duration `yaml:"topology"`
}

// What holds where a scenario says nothing.
const (
	DefaultMasters         = 3
	DefaultReplicas        = 1
	DefaultImage           = "redis:7-alpine"
	DefaultWorkloadType    = "set"
	DefaultClients         = 16
	DefaultKeys            = 1000
	DefaultValueSize       = units.Size(64)
	DefaultRecoveryTimeout = units.Duration(60 * time.Second)
	DefaultProbes          = units.Duration(5 * time.Millisecond)
	DefaultTopology        = units.Duration(50 * time.Millisecond)
)

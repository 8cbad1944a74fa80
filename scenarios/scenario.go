// Package scenarios owns the declarative scenario: its types, its YAML form,
// its validation, and the library of scenarios that comes with the binary.
// It knows nothing of Docker or Redis: what kinds of fault and workload exist, and
// which causes a report may give, is told to it by a [Catalog].
package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/directive"
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
	Faults          []Fault        `yaml:"faults"`
	Expect          expect.List    `yaml:"expect"`
	// ExpectSet is what is expected of several runs together.
	ExpectSet expect.SetList `yaml:"expect_set"`
	// Warnings is what Parse found that can be run and may not mean what its author has
	// in mind, in the order of the file.
	Warnings []document.Problem `yaml:"-"`
	// Measurable is the figures that a run can measure, by its workloads, but for causes.
	Measurable []expect.Metric `yaml:"-"`
}

// Observe is how often the nodes are looked at.
type Observe struct {
	// Probes is the time between two probe writes to a node.
	Probes units.Duration `yaml:"probes"`
	// Topology is the least time between two questions to a node for its view of
	// the cluster.
	Topology units.Duration `yaml:"topology"`
}

// Cluster is the cluster under test.
type Cluster struct {
	Masters  int    `yaml:"masters"`  // 3 to 30
	Replicas int    `yaml:"replicas"` // per master, 0 to 5
	Image    string `yaml:"image"`
	// Announce is what nodes tell each other and clients to reach them by:
	// AnnounceAddress or AnnounceHostname.
	Announce string `yaml:"announce"`
	// DNS lists addresses of the name servers that nodes ask for names which the
	// runtime does not know itself; none leaves the runtime's own.
	DNS []string `yaml:"dns"`
	// Password is PasswordRandom if every connection to a node is to give one.
	Password Password `yaml:"password,omitempty"`
	// Config holds redis.conf directives by name, on top of the tool's own.
	Config Config `yaml:"config"`
	// ExtraDirectives names those of Config that this program does not know and that are
	// to be let through, as only some build of the server has them.
	ExtraDirectives []string `yaml:"extra_directives,omitempty"`
}

// What Cluster.Announce can be.
const (
	AnnounceAddress  = "address"
	AnnounceHostname = "hostname"
)

// Password is what Cluster.Password can be.
type Password string

// PasswordRandom is a password that the tool makes up for each cluster.
const PasswordRandom Password = "random"

// UnmarshalScalar implements ScalarUnmarshaler.
func (p *Password) UnmarshalScalar(text string) error {
	if *p = Password(text); *p != PasswordRandom {
		return fmt.Errorf("a scenario is no place for a password; write %s, which makes one up for each cluster, or leave it out", PasswordRandom)
	}
	return nil
}

func (p Password) String() string { return string(p) }

// Config is redis.conf directives by name, each with the lines that it stands on: their
// arguments, as one string each. Only those of directive.OnSeveralLines have more than one.
type Config map[string][]string

// Value is the arguments of a directive, of its last line; "" where it is not given.
func (c Config) Value(directive string) string {
	lines := c[directive]
	if len(lines) == 0 {
		return ""
	}
	return lines[len(lines)-1]
}

// Modules lists the paths of the modules that the nodes are to load.
func (c Config) Modules() (paths []string) {
	for _, line := range c["loadmodule"] {
		if args, ok := directive.Split(line); ok && len(args) > 0 {
			paths = append(paths, args[0])
		}
	}
	return paths
}

// MarshalNode implements codec.Marshaler: what stands on one line needs no list.
func (c Config) MarshalNode() (*document.Node, error) {
	n := &document.Node{Kind: document.Mapping}
	for _, name := range slices.Sorted(maps.Keys(c)) {
		lines := &document.Node{Kind: document.List}
		for _, line := range c[name] {
			lines.Items = append(lines.Items, document.StringNode(line))
		}
		if len(lines.Items) == 1 {
			lines = lines.Items[0]
		}
		n.Add(name, lines)
	}
	return n, nil
}

// Fault is something done to nodes at a moment of the run, and undone later.
type Fault struct {
	At units.Duration
	// For is how long the fault lasts; 0 is until the end of the run.
	For  units.Duration
	Kind string
	// Spec is the kind's own settings, selector included, as decoded from the
	// mapping under the kind's name.
	Spec FaultSpec
}

// FaultSpec is the settings of one kind of fault.
type FaultSpec interface {
	// Check says whether the settings make sense on a cluster of this shape,
	// as a *FieldError where one field is to blame.
	Check(Cluster) error
}

// Momentary is implemented by the settings of faults that are over once they are
// done. They do not last, and nothing undoes them.
type Momentary interface {
	Momentary()
}

// Timed is implemented by the settings of faults that are told when they begin for how long
// they are to last, and that nothing ends sooner. They need a for.
type Timed interface {
	// Lasting is a fault of these settings that ends by itself after so long.
	Lasting(d time.Duration) FaultSpec
}

// Commander is implemented by the settings of faults that are done by commands, and of
// workloads that send some, which the nodes must take.
type Commander interface {
	// Commands lists them by their names.
	Commands() []string
}

// Catalog tells which kinds of fault and workload exist, and which causes can be found.
type Catalog struct {
	// Faults maps a kind to a constructor of its settings with their defaults;
	// the value returned is a pointer that YAML is decoded into.
	Faults map[string]func() FaultSpec
	// Workloads maps a type to a constructor of its settings with their defaults; the value
	// returned is a pointer to a struct that YAML is decoded into, or has no settings.
	Workloads map[string]func() WorkloadSpec
	// Libraries maps a client library to the keys of a workload, such as "client.pool_size",
	// that it cannot follow, and the types, such as "type: pubsub", that it cannot do.
	Libraries map[string][]string
	// Causes maps an expectation about causes, such as outage_causes, to those that
	// can be found.
	Causes map[string][]string
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

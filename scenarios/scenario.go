// Package scenarios owns the declarative scenario: its types, its YAML form,
// its validation, and the library of scenarios that comes with the binary.
// It knows nothing of Docker or Redis: what kinds of fault and workload exist, and
// which causes a report may give, is told to it by a [Catalog].
package scenarios

import "time"

// Scenario is one declarative experiment: a cluster, workloads on it, faults
// on a timeline, and what is expected of the outcome.
type Scenario struct {
	Name        string     `yaml:"name"`
	Description string     `yaml:"description,omitempty"`
	Cluster     Cluster    `yaml:"cluster"`
	Workloads   []Workload `yaml:"workloads"`
	// Duration is how long the workloads run. Deploying before, and verifying
	// and tearing down after, come on top.
	Duration Duration `yaml:"duration"`
	// Seed decides every random pick of a run. 0 means: choose one, and report it.
	Seed int64 `yaml:"seed,omitempty"`
	// RecoveryTimeout bounds the wait, after the last fault healed, for the
	// cluster to be ok and every replica to be in sync.
	RecoveryTimeout Duration      `yaml:"recovery_timeout"`
	Observe         Observe       `yaml:"observe"`
	Faults          []Fault       `yaml:"faults"`
	Expect          []Expectation `yaml:"expect"`
	// ExpectSet is what is expected of several runs together.
	ExpectSet []SetExpectation `yaml:"expect_set"`
	// Warnings is what Parse found that can be run and may not mean what its author has
	// in mind, in the order of the file.
	Warnings []Problem `yaml:"-"`
	// Measurable is the figures that a run can measure, by its workloads, but for causes.
	Measurable []Metric `yaml:"-"`
}

// Observe is how often the nodes are looked at.
type Observe struct {
	// Probes is the time between two probe writes to a node.
	Probes Duration `yaml:"probes"`
	// Topology is the least time between two questions to a node for its view of
	// the cluster.
	Topology Duration `yaml:"topology"`
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

// Config is redis.conf directives by name, each with the lines that it stands on: their
// arguments, as one string each. Only those of severalLines have more than one.
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
		if args, ok := splitArguments(line); ok && len(args) > 0 {
			paths = append(paths, args[0])
		}
	}
	return paths
}

// Workload is one stream of writes and the judge of what became of them.
type Workload struct {
	Name string `yaml:"name"`
	// Type decides what is written, and so how a lost write is found.
	Type string `yaml:"type"`
	// Mix is the types of a mixed workload, and how many of its turns each gets, in
	// proportion; nil on others.
	Mix map[string]int `yaml:"mix"`
	// Clients is the number of concurrent writers, each with one write in flight.
	Clients int `yaml:"clients"`
	// Rate is the arrivals per second of an open loop; none is a closed loop, in
	// which each client writes again as soon as the last write is answered.
	Rate Rate `yaml:"rate"`
	// Start and Stop bound the time in which it writes, since the begin of the
	// run; a Stop of 0 is the end of the run.
	Start Duration `yaml:"start,omitempty"`
	Stop  Duration `yaml:"stop,omitempty"`
	// Keys is the number of keys that the writes are spread over.
	Keys int `yaml:"keys"`
	// Distribution is how they are spread: one of Distributions.
	Distribution string `yaml:"distribution"`
	// ValueSize is the size of each value or element, in bytes; within a range,
	// every size is as likely.
	ValueSize SizeRange `yaml:"value_size"`
	// TTL is how long a value lasts; 0: for ever.
	TTL Duration `yaml:"ttl,omitempty"`
	// Pipeline is how many writes a client sends at a time.
	Pipeline int `yaml:"pipeline"`
	// Wait has each write followed by WAIT; nil: it is not.
	Wait *Wait `yaml:"wait"`
	// WaitAOF has each write followed by WAITAOF; nil: it is not.
	WaitAOF *WaitAOF `yaml:"waitaof"`
	// Transaction has each write go in MULTI and EXEC.
	Transaction bool `yaml:"transaction,omitempty"`
	// ReadRatio is the share of reads among all operations, the rest of which are
	// writes; 0: it only writes. ReadFrom is where they go: see ReadsFrom.
	ReadRatio float64 `yaml:"read_ratio,omitempty"`
	ReadFrom  string  `yaml:"read_from"`
	// Lock and Linearizable are the settings of the types of these names; nil for
	// all others.
	Lock         *Lock         `yaml:"lock"`
	Linearizable *Linearizable `yaml:"linearizable"`
	// Pubsub and Stream are the options of the types of these names; nil on others.
	Pubsub *Pubsub       `yaml:"pubsub"`
	Stream *Stream       `yaml:"stream"`
	Client ClientOptions `yaml:"client"`
}

// Wait is how many replicas must have a write, and within what time, for it to
// count as acked.
type Wait struct {
	Replicas int      `yaml:"replicas"`
	Timeout  Duration `yaml:"timeout"`
}

// What Workload.Distribution can be.
const (
	// DistributionUniform: every key gets as many writes.
	DistributionUniform = "uniform"
	// DistributionZipf: key k gets writes in proportion to 1/k^1.1.
	DistributionZipf = "zipf"
	// DistributionHot: half of the writes go to one hash slot, with a tenth of the keys.
	DistributionHot = "hot"
	// DistributionTagged: every key gets as many writes, and ten each have a hash tag,
	// and so a slot, in common.
	DistributionTagged = "tagged"
)

// Distributions lists what Workload.Distribution can be.
func Distributions() []string {
	return []string{DistributionUniform, DistributionZipf, DistributionHot, DistributionTagged}
}

// ClientOptions are go-redis cluster client options by their own names, in
// snake case. Nil leaves the preset's choice, or else the library's default.
type ClientOptions struct {
	// Preset is what options that are not given are: one of Presets.
	Preset      string    `yaml:"preset"`
	DialTimeout *Duration `yaml:"dial_timeout"`
	// DialerRetries is how often a connection is tried before an attempt fails;
	// go-redis's default is 5.
	DialerRetries   *int      `yaml:"dialer_retries"`
	ReadTimeout     *Duration `yaml:"read_timeout"`
	WriteTimeout    *Duration `yaml:"write_timeout"`
	PoolSize        *int      `yaml:"pool_size"`
	PoolTimeout     *Duration `yaml:"pool_timeout"`
	MinIdleConns    *int      `yaml:"min_idle_conns"`
	MaxRedirects    *int      `yaml:"max_redirects"`
	MinRetryBackoff *Duration `yaml:"min_retry_backoff"`
	MaxRetryBackoff *Duration `yaml:"max_retry_backoff"`
	// ClusterStateReloadInterval is how old a topology may get while no node
	// redirects; go-redis's default is 60 s. A dead master redirects nobody.
	ClusterStateReloadInterval *Duration `yaml:"cluster_state_reload_interval"`
	// Autopipeline has the writes of all clients to one shard that are ready at the
	// same time travel in one pipeline, which this program makes.
	Autopipeline bool `yaml:"autopipeline,omitempty"`
	// LibraryAutopipeline has go-redis make the pipelines: its AutoPipeline, by its
	// defaults.
	LibraryAutopipeline bool `yaml:"library_autopipeline,omitempty"`
}

// Fault is something done to nodes at a moment of the run, and undone later.
type Fault struct {
	At Duration
	// For is how long the fault lasts; 0 is until the end of the run.
	For  Duration
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

// Commander is implemented by the settings of faults that are done by commands, which the
// nodes must take.
type Commander interface {
	// Commands lists them by their names.
	Commands() []string
}

// FieldError blames one field of a FaultSpec, named as in the YAML
// (empty: the mapping as a whole).
type FieldError struct {
	Field string
	Msg   string // what is wrong and what would be right
}

func (e *FieldError) Error() string {
	if e.Field == "" {
		return e.Msg
	}
	return e.Field + ": " + e.Msg
}

// Catalog tells which kinds of fault and workload exist, and which causes can be found.
type Catalog struct {
	// Faults maps a kind to a constructor of its settings with their defaults;
	// the value returned is a pointer that YAML is decoded into.
	Faults map[string]func() FaultSpec
	// Workloads maps a type to what it can judge.
	Workloads map[string]WorkloadKind
	// Causes maps an expectation about causes, such as outage_causes, to those that
	// can be found.
	Causes map[string][]string
}

package scenarios

import "github.com/redis-chaos/redis-chaos/scenarios/units"

// Workload is one stream of writes and the judge of what became of them.
type Workload struct {
	Name string `yaml:"name"`
	// Type decides what is written, and so how a lost write is found.
	Type string `yaml:"type"`
	// Spec is the settings of its type, which stand among the others; nil if there is no such
	// type.
	Spec WorkloadSpec `yaml:"-"`
	// Clients is the number of concurrent writers, each with one write in flight.
	Clients int `yaml:"clients"`
	// Rate is the arrivals per second of an open loop; none is a closed loop, in
	// which each client writes again as soon as the last write is answered.
	Rate Rate `yaml:"rate"`
	// Start and Stop bound the time in which it writes, since the begin of the
	// run; a Stop of 0 is the end of the run.
	Start units.Duration `yaml:"start,omitempty"`
	Stop  units.Duration `yaml:"stop,omitempty"`
	// Keys is the number of keys that the writes are spread over.
	Keys int `yaml:"keys"`
	// Distribution is how they are spread: one of Distributions.
	Distribution string `yaml:"distribution"`
	// ValueSize is the size of each value or element, in bytes; within a range,
	// every size is as likely.
	ValueSize units.SizeRange `yaml:"value_size"`
	// Pipeline is how many writes a client sends at a time.
	Pipeline int `yaml:"pipeline"`
	// Wait has each write followed by WAIT; nil: it is not.
	Wait *Wait `yaml:"wait"`
	// WaitAOF has each write followed by WAITAOF; nil: it is not.
	WaitAOF *WaitAOF `yaml:"waitaof"`
	// Transaction has each write go in MULTI and EXEC.
	Transaction bool          `yaml:"transaction,omitempty"`
	Client      ClientOptions `yaml:"client"`
}

// DefaultLibrary is the client library that workloads go through if they name none.
const DefaultLibrary = "go-redis"

// Wait is how many replicas must have a write, and within what time, for it to
// count as acked.
type Wait struct {
	Replicas int            `yaml:"replicas"`
	Timeout  units.Duration `yaml:"timeout"`
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
	// Library is the client library, one of those of the catalog; empty: DefaultLibrary.
	Library string `yaml:"library"`
	// Preset is what options that are not given are: one of Presets.
	Preset      string          `yaml:"preset"`
	DialTimeout *units.Duration `yaml:"dial_timeout"`
	// DialerRetries is how often a connection is tried before an attempt fails;
	// go-redis's default is 5.
	DialerRetries   *int            `yaml:"dialer_retries"`
	ReadTimeout     *units.Duration `yaml:"read_timeout"`
	WriteTimeout    *units.Duration `yaml:"write_timeout"`
	PoolSize        *int            `yaml:"pool_size"`
	PoolTimeout     *units.Duration `yaml:"pool_timeout"`
	MinIdleConns    *int            `yaml:"min_idle_conns"`
	MaxRedirects    *int            `yaml:"max_redirects"`
	MinRetryBackoff *units.Duration `yaml:"min_retry_backoff"`
	MaxRetryBackoff *units.Duration `yaml:"max_retry_backoff"`
	// ClusterStateReloadInterval is how old a topology may get while no node
	// redirects; go-redis's default is 60 s. A dead master redirects nobody.
	ClusterStateReloadInterval *units.Duration `yaml:"cluster_state_reload_interval"`
	// Autopipeline has the writes of all clients to one shard that are ready at the
	// same time travel in one pipeline, which this program makes.
	Autopipeline bool `yaml:"autopipeline,omitempty"`
	// LibraryAutopipeline has go-redis make the pipelines: its AutoPipeline, by its
	// defaults.
	LibraryAutopipeline bool `yaml:"library_autopipeline,omitempty"`
}

// WaitAOF is how many servers must have a write in their append-only file, on
// disk, and within what time, for it to count as acked.
type WaitAOF struct {
	// Local is 1 to ask the master itself, and 0 not to.
	Local    int            `yaml:"local"`
	Replicas int            `yaml:"replicas"`
	Timeout  units.Duration `yaml:"timeout"`
}

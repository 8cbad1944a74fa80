package scenarios

import (
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

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

// WorkloadSpec is the settings of one type of workload. What else a type can say of itself
// is in the interfaces below, and in [Commander].
type WorkloadSpec interface {
	// Traits are what workloads of these settings can do, and judge.
	Traits() []trait.Trait
}

// Wait is how many replicas must have a write, and within what time, for it to
// count as acked.
type Wait struct {
	Replicas int            `yaml:"replicas"`
	Timeout  units.Duration `yaml:"timeout"`
}

// WaitAOF is how many servers must have a write in their append-only file, on
// disk, and within what time, for it to count as acked.
type WaitAOF struct {
	// Local is 1 to ask the master itself, and 0 not to.
	Local    int            `yaml:"local"`
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

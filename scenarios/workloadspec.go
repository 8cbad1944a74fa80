package scenarios

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Checked is implemented by settings that can be wrong.
type Checked interface {
	// Check says whether the settings make sense, as [FieldError]s where fields of the
	// workload are to blame, joined if there are several.
	Check(WorkloadContext) error
}

// WorkloadContext is what the settings of a workload are checked against.
type WorkloadContext struct {
	Workload Workload
	Cluster  Cluster
	// Given tells whether a key of the workload stands in the scenario, such as "lock.hold".
	Given func(key string) bool
}

// Conditional is implemented by settings of types that have some traits only if they are
// given something.
type Conditional interface {
	// Conditions are these traits, and what has to be given.
	Conditions() map[trait.Trait]string
}

// FewKeys is implemented by settings that have workloads have another number of keys where
// none is given.
type FewKeys interface {
	DefaultKeys() int
}

// Reading is implemented by settings of workloads that also read.
type Reading interface {
	// Reads is the share of reads among all operations, 0 for none, and where they go.
	Reads() (ratio float64, from string)
}

// Expiring is implemented by settings of workloads whose values may expire.
type Expiring interface {
	// Lasts is how long a value lasts; 0: for ever.
	Lasts() units.Duration
}

// Replayed is implemented by settings of workloads that have the servers send commands to
// their replicas that nobody sends to them.
type Replayed interface {
	Replayed() []string
}

// Unrouted is implemented by settings of workloads whose commands may go to any shard.
type Unrouted interface {
	// Unrouted says so, and what to do to have it otherwise; empty if they do not.
	Unrouted() string
}

// Sized is implemented by settings of workloads that hold something else than one value a
// key.
type Sized interface {
	// Footprint is what becomes of so many writes.
	Footprint(w Workload, writes float64) Footprint
}

// Footprint is what a workload takes.
type Footprint struct {
	Kept float64 // values that are there in the end
	// Noted is the bytes that this program notes of the writes; 0: as of any.
	Noted float64
	// Grows: every write stays, in the servers or in what is noted.
	Grows bool
	// Small: the size of its values is not the one that the workload is given.
	Small bool
}

// Can tells whether the workload has a trait. All have none.
func (w Workload) Can(t trait.Trait) bool {
	return t == "" || w.Spec != nil && slices.Contains(w.Spec.Traits(), t)
}

// ReadRatio is the share of reads among all operations, the rest of which are writes; 0: it
// only writes.
func (w Workload) ReadRatio() float64 {
	ratio, _ := w.reads()
	return ratio
}

// ReadsFrom is where its reads go.
func (w Workload) ReadsFrom() string {
	_, from := w.reads()
	return from
}

func (w Workload) reads() (ratio float64, from string) {
	if r, ok := w.Spec.(Reading); ok {
		return r.Reads()
	}
	return 0, ""
}

// TTL is how long a value lasts; 0: for ever.
func (w Workload) TTL() units.Duration {
	if e, ok := w.Spec.(Expiring); ok {
		return e.Lasts()
	}
	return 0
}

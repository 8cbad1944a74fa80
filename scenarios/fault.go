package scenarios

import (
	"context"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Fault is a step of the timeline: something done to nodes at a moment of the run, and undone
// later. It may be done several times.
type Fault struct {
	// Name is what other steps call it by; empty if it has none.
	Name string
	// At is its moment, of the run; 0 of a step with After or When.
	At units.Duration
	// After is another step that it follows; nil if its moment is At.
	After *After
	// When is what has to come about first, from At or After on; nil if nothing has to.
	When *When
	// For is how long the fault lasts; 0 is until the end of the run.
	For units.Duration
	// Every is the time from one repetition to the next; 0: there are none. Each is up to
	// Jitter earlier or later, by the run's seed; the first is not.
	Every, Jitter units.Duration
	// Count is how many times it is done with Every; 0 is until the end of the run.
	Count int
	// Rolling has it done to all nodes of its selector, some at a time; nil: to all at once.
	Rolling *Rolling
	// Optional: the run is as good if its moment does not come.
	Optional bool
	Kind     string
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

// MasterSparer is implemented by the settings of faults that can tell whether they leave
// the masters alone.
type MasterSparer interface {
	SparesMasters() bool
}

// Placed is implemented by the settings of faults that name files or programs of the machine that runs them.
type Placed interface {
	// Place is told which folder the scenario is in, where relative paths begin, and wants what is named to be
	// there: a *FieldError.
	Place(ctx context.Context, folder string) error
}

// Destructive is implemented by the settings of faults that destroy data which their targets hold, and which was safe
// from any failover.
type Destructive interface {
	// Destroys says what is destroyed: "all data of a shard"; empty if these settings destroy nothing.
	Destroys() string
}

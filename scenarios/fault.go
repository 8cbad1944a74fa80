package scenarios

import (
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

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

// MasterSparer is implemented by the settings of faults that can tell whether they leave
// the masters alone.
type MasterSparer interface {
	SparesMasters() bool
}

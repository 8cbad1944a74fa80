package scenarios

import (
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Random is faults that are drawn when a run begins, in place of a timeline. The run's seed decides all
// of them.
type Random struct {
	// Every is the mean time from the beginning of a fault to that of the next one.
	Every units.Duration `yaml:"every"`
	// Arrivals is how the times between two are distributed: one of Arrivals.
	Arrivals string `yaml:"arrivals"`
	// For is how long faults last, any length of the range as likely as another.
	For units.DurationRange `yaml:"for"`
	// AtMost is how many of them are in force at a time.
	AtMost int `yaml:"at_most"`
	// AllowQuorumLoss has faults drawn that take away the majority of the masters, or all nodes of a shard.
	AllowQuorumLoss bool `yaml:"allow_quorum_loss"`
	// Faults are what is drawn from.
	Faults []RandomFault `yaml:"faults"`
}

// RandomFault is a fault that may be drawn.
type RandomFault struct {
	// Weight is how often it is drawn, by the sum of all weights.
	Weight int
	Kind   string
	Spec   FaultSpec
}

// The distributions of the times between two faults.
const (
	// ArrivalsExponential is that of events that do not know of each other: many short times and few long ones.
	ArrivalsExponential = "exponential"
	// ArrivalsUniform is any time up to twice the mean.
	ArrivalsUniform = "uniform"
)

// What holds where the random faults of a scenario say nothing.
const (
	DefaultRandomEvery  = units.Duration(5 * time.Second)
	DefaultRandomAtMost = 1
	DefaultWeight       = 1
)

// SetDefaults implements codec.Defaulted.
func (r *Random) SetDefaults() {
	*r = Random{
		Every: DefaultRandomEvery, Arrivals: ArrivalsExponential, AtMost: DefaultRandomAtMost,
		For: units.DurationRange{Least: units.Duration(time.Second), Most: units.Duration(5 * time.Second)},
	}
}

// MarshalNode implements codec.Marshaler: the settings of a kind are under its name.
func (f RandomFault) MarshalNode() (*document.Node, error) {
	n := &document.Node{Kind: document.Mapping}
	n.Add("weight", document.PlainNode(fmt.Sprint(f.Weight)))
	settings, err := codec.Encode(f.Spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Kind, err)
	}
	n.Add(f.Kind, settings)
	return n, nil
}

// Package process is the faults that end, freeze or restart servers, a file each.
package process

import (
	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// kinds has a method for each kind of fault, beside that: it makes the settings at their defaults.
type kinds struct{}

// Kinds lists the kinds of fault here by their names in a scenario, each with a
// constructor of its settings at their defaults.
func Kinds() map[string]func() scenarios.FaultSpec {
	return scenarios.KindsOf(kinds{}, func(f chaos.Fault) scenarios.FaultSpec { return f })
}

// endsProcess is what it takes to end a server and to start it again.
func endsProcess() []compose.Ability {
	return []compose.Ability{compose.Signalling, compose.Starting}
}

// Package command is the faults that are brought about by commands, a file each: to servers, or of the user's own.
package command

import (
	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// kinds has a method for each kind of fault, beside that: it makes the settings at their defaults.
type kinds struct{}

// Kinds lists the kinds of fault here by their names in a scenario, each with a
// constructor of its settings at their defaults.
func Kinds() map[string]func() scenarios.FaultSpec {
	return scenarios.KindsOf(kinds{}, func(f chaos.Fault) scenarios.FaultSpec { return f })
}

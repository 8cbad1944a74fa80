// Package storage is the faults of what servers have their data on: disks, their power, and files, a kind in a
// file each.
package storage

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

// Package fault is the kinds of faults, a file each.
package fault

import "github.com/redis-chaos/redis-chaos/scenarios"

// Kinds lists the kinds of fault by their names in a scenario, each with a
// constructor of its settings at their defaults.
func Kinds() map[string]func() scenarios.FaultSpec {
	return map[string]func() scenarios.FaultSpec{
		"stop":       func() scenarios.FaultSpec { return newStop() },
		"kill":       func() scenarios.FaultSpec { return newKill() },
		"pause":      func() scenarios.FaultSpec { return newPause() },
		"disconnect": func() scenarios.FaultSpec { return newDisconnect() },
		"failover":   func() scenarios.FaultSpec { return newFailover() },
		"block":      func() scenarios.FaultSpec { return newBlock() },
		"starve":     func() scenarios.FaultSpec { return newStarve() },
	}
}

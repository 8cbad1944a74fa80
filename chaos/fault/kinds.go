// Package fault is the kinds of faults, in packages by what they act on.
package fault

import (
	"maps"

	"github.com/redis-chaos/redis-chaos/chaos/fault/command"
	"github.com/redis-chaos/redis-chaos/chaos/fault/network"
	"github.com/redis-chaos/redis-chaos/chaos/fault/process"
	"github.com/redis-chaos/redis-chaos/chaos/fault/resource"
	"github.com/redis-chaos/redis-chaos/chaos/fault/storage"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Kinds lists the kinds of fault by their names in a scenario, each with a
// constructor of its settings at their defaults.
func Kinds() map[string]func() scenarios.FaultSpec {
	all := map[string]func() scenarios.FaultSpec{}
	for _, kinds := range []map[string]func() scenarios.FaultSpec{process.Kinds(), network.Kinds(), resource.Kinds(), storage.Kinds(), command.Kinds()} {
		maps.Copy(all, kinds)
	}
	return all
}

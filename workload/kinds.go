package workload

import "github.com/redis-chaos/redis-chaos/scenarios"

// Kinds lists the types of workload by their names in a scenario, each with a constructor of
// its settings at their defaults.
func Kinds() map[string]func() scenarios.WorkloadSpec {
	return map[string]func() scenarios.WorkloadSpec{
		"set":          func() scenarios.WorkloadSpec { return &setSettings{} },
		"hash":         func() scenarios.WorkloadSpec { return &hashSettings{} },
		"register":     func() scenarios.WorkloadSpec { return &registerSettings{} },
		"counter":      func() scenarios.WorkloadSpec { return &counterSettings{} },
		"list":         func() scenarios.WorkloadSpec { return &listSettings{} },
		"stream":       func() scenarios.WorkloadSpec { return &streamSettings{} },
		"pubsub":       func() scenarios.WorkloadSpec { return newPubsubSettings() },
		"lock":         func() scenarios.WorkloadSpec { return newLockSettings() },
		"linearizable": func() scenarios.WorkloadSpec { return newLinearizableSettings() },
		"zset":         func() scenarios.WorkloadSpec { return &zsetSettings{} },
		"mixed":        func() scenarios.WorkloadSpec { return &mixedSettings{} },
	}
}

// settings are those of one type of workload, and make one.
type settings interface {
	scenarios.WorkloadSpec
	// plan makes what a workload of these settings does. Its keys are not named yet.
	plan(w *Workload, seed int64) (kind, error)
}

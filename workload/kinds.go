package workload

import "github.com/redis-chaos/redis-chaos/scenarios"

// kinds has a method for each type of workload, beside that: it makes the settings at their defaults.
type kinds struct{}

// Kinds lists the types of workload by their names in a scenario, each with a constructor of
// its settings at their defaults.
func Kinds() map[string]func() scenarios.WorkloadSpec {
	return scenarios.KindsOf(kinds{}, func(s settings) scenarios.WorkloadSpec { return s })
}

// settings are those of one type of workload, and make one. The comment on their struct says what is
// written, and what counts as lost.
type settings interface {
	scenarios.WorkloadSpec
	// plan makes what a workload of these settings does. Its keys are not named yet.
	plan(w *Workload, seed int64) (kind, error)
}

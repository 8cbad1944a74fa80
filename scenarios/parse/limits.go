package parse

import (
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// The limits of a scenario.
const (
	minMasters, maxMasters   = 3, 30
	minReplicas, maxReplicas = 0, 5
	minClients, maxClients   = 1, 10_000
	minKeys, maxKeys         = 1, 10_000_000
	maxRate                  = 1_000_000
	minPipeline, maxPipeline = 1, 1000

	// minValueSize leaves room for the id that tells one write from another.
	minValueSize = units.Size(8)
	// maxValueSize is what Redis itself stops at.
	maxValueSize = units.Size(512 << 20)

	minDuration = units.Duration(time.Second)
	maxDuration = units.Duration(24 * time.Hour)

	minRepeat = units.Duration(100 * time.Millisecond)
	maxCount  = 1000
	// maxNodes is how many nodes there are at most.
	maxNodes  = maxMasters * (1 + maxReplicas)
	maxWrites = int64(1_000_000_000_000)
	minSteady = units.Duration(100 * time.Millisecond)
	// minMeasured is the least time that holds a whole second, however late that is told.
	minMeasured = units.Duration(3 * time.Second)

	minProbes, maxProbes     = units.Duration(time.Millisecond), units.Duration(time.Second)
	minTopology, maxTopology = units.Duration(10 * time.Millisecond), units.Duration(10 * time.Second)
)

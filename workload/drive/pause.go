package drive

import "github.com/redis-chaos/redis-chaos/report/record"

// idlePause is what a client of a closed loop rests, in milliseconds, after a
// write that failed sooner than that: a node that refuses connections would
// have it spin, and take the processor from the cluster.
const idlePause = record.Millis(1)

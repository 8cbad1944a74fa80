package drive

import (
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/drive/pace"
)

// Session is what the clients of a running workload share.
type Session struct {
	client ClusterClient
	pace   pace.Pacer
	lanes  []*lane // by shard; nil if each client has pipelines of its own
	// start and End are on the run's clock.
	start, End record.Millis
	options    *record.ClientSettings
	// reads is nil if the workload does not read.
	reads *readBook
	parts []*readBook // of the parts of the load; nil of one that is not read
}

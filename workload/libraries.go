package workload

import (
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/goredis"
)

// libraries are the client libraries that workloads can go through, by their names in
// scenarios.
func libraries() map[string]drive.Library {
	return map[string]drive.Library{
		"go-redis": goredis.Library{},
	}
}

// newReadBack makes the client that keys are read back through, whichever library is under
// test.
func newReadBack(target drive.Target) drive.ReadBack { return goredis.NewReadBack(target) }

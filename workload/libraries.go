package workload

import (
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/goredis"
	"github.com/redis-chaos/redis-chaos/workload/drive/rueidis"
)

// libraries are the client libraries that workloads can go through, by their names in
// scenarios.
func libraries() map[string]drive.Library {
	return map[string]drive.Library{
		"go-redis": goredis.Library{},
		"rueidis":  rueidis.Library{},
	}
}

// Libraries lists the client libraries by their names in scenarios, each with the keys of a
// workload that it cannot follow, and the types that it cannot do.
func Libraries() map[string][]string {
	all := map[string][]string{}
	for name, library := range libraries() {
		all[name] = library.Lacks()
	}
	return all
}

// newReadBack makes the client that keys are read back through, whichever library is under
// test.
func newReadBack(target drive.Target) drive.ReadBack { return goredis.NewReadBack(target) }

package workload

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose/version"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// CheckServer tells whether a server can do what a workload asks of it.
func CheckServer(spec scenarios.Workload, s record.Server) error {
	if spec.WaitAOF == nil {
		return nil
	}
	if !version.IsNumbered(s.Version) {
		return fmt.Errorf("workload %s has waitaof, which Redis knows from 7.2 on, and the version of %s is no number: %q", spec.Name, s.Name, s.Version)
	}
	if version.Older(s.Version, "7.2") {
		return fmt.Errorf("workload %s has waitaof, and %s %s knows no WAITAOF: use Redis 7.2 or newer, or Valkey, or wait instead of waitaof",
			spec.Name, s.Name, s.Version)
	}
	return nil
}

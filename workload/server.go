package workload

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// CheckServer tells whether a server can do what a workload asks of it.
func CheckServer(spec scenarios.Workload, s record.Server) error {
	if spec.WaitAOF == nil {
		return nil
	}
	var major, minor int
	if _, err := fmt.Sscanf(s.Version, "%d.%d", &major, &minor); err != nil {
		return fmt.Errorf("workload %s: reading the version of %s %q: %w", spec.Name, s.Name, s.Version, err)
	}
	if major < 7 || major == 7 && minor < 2 {
		return fmt.Errorf("workload %s has waitaof, and %s %s knows no WAITAOF: use Redis 7.2 or newer, or Valkey, or wait instead of waitaof",
			spec.Name, s.Name, s.Version)
	}
	return nil
}

package storage

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// DiskFull has no room left on the disk with the server's data (ENOSPC): it can neither append to its AOF nor
// write a snapshot, and refuses writes (MISCONF). Healing makes room, and starts the server if it has
// ended.
type DiskFull struct {
	OnDisk `yaml:",inline"`
	// Room is how many bytes still fit, to begin with.
	Room units.Size `yaml:"room"`
}

func (kinds) DiskFull() chaos.Fault { return &DiskFull{} }

var (
	_ chaos.Demanding = (*DiskFull)(nil)
	_ chaos.Preparing = (*DiskFull)(nil)
)

// Check implements scenarios.FaultSpec.
func (f *DiskFull) Check(c scenarios.Cluster) error {
	if err := f.Selector.Check(c); err != nil {
		return err
	}
	return scenarios.InRange("room", f.Room, 0, 1<<40, "")
}

// Detail implements chaos.Detailed.
func (f *DiskFull) Detail() string {
	if f.Room > 0 {
		return fmt.Sprintf("ENOSPC after %v", f.Room)
	}
	return "ENOSPC"
}

// Past implements chaos.Affecting.
func (f *DiskFull) Past() string { return "left without room on its disk" }

// Prepare implements chaos.Preparing.
func (f *DiskFull) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	own := *f
	return &own, nil
}

// Inject implements chaos.Fault.
func (f *DiskFull) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return f.set(ctx, c, node, disk.Fault{Full: &disk.Full{Bytes: int64(f.Room)}})
}

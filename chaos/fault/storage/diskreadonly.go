package storage

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/disk"
)

// DiskReadOnly has nothing be written to the disk with the server's data (EROFS), as Linux does with a file system
// that it found damaged: the server refuses writes (MISCONF), and ends when the cluster changes, as it cannot
// save nodes.conf. Healing has it be written again, and starts the server if it has ended.
type DiskReadOnly struct {
	OnDisk `yaml:",inline"`
}

// DiskReadOnly has no settings but its targets.
func (kinds) DiskReadOnly() chaos.Fault { return &DiskReadOnly{} }

var (
	_ chaos.Demanding = (*DiskReadOnly)(nil)
	_ chaos.Preparing = (*DiskReadOnly)(nil)
)

// Detail implements chaos.Detailed.
func (f *DiskReadOnly) Detail() string { return "EROFS" }

// Past implements chaos.Affecting.
func (f *DiskReadOnly) Past() string { return "left with a disk that is read-only" }

// Prepare implements chaos.Preparing.
func (f *DiskReadOnly) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	return &DiskReadOnly{OnDisk{Selector: f.Selector}}, nil
}

// Inject implements chaos.Fault.
func (f *DiskReadOnly) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return f.set(ctx, c, node, disk.Fault{ReadOnly: true})
}

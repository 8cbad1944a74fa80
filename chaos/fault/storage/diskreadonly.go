package storage

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// DiskReadOnly has nothing be written to the disk with the server's data (EROFS), as Linux does with a file system
// that it found damaged: the server refuses writes (MISCONF), and ends when the cluster changes, as it cannot
// save nodes.conf. Healing has it be written again, and starts the server if it has ended.
type DiskReadOnly struct {
	chaos.Selector `yaml:",inline"`

	inForce inForce
}

// DiskReadOnly has no settings but its targets.
func (kinds) DiskReadOnly() chaos.Fault { return &DiskReadOnly{} }

var (
	_ chaos.Demanding = (*DiskReadOnly)(nil)
	_ chaos.Preparing = (*DiskReadOnly)(nil)
)

// Needs implements chaos.Demanding.
func (f *DiskReadOnly) Needs() []compose.Ability { return needs() }

// Detail implements chaos.Detailed.
func (f *DiskReadOnly) Detail() string { return "EROFS" }

// Past implements chaos.Affecting.
func (f *DiskReadOnly) Past() string { return "left with a disk that is read-only" }

// Effects implements chaos.Affecting.
func (f *DiskReadOnly) Effects() []record.Effect { return effects() }

// Prepare implements chaos.Preparing.
func (f *DiskReadOnly) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	return &DiskReadOnly{Selector: f.Selector}, nil
}

// Memory implements chaos.Remembering: whoever serves the disk ends with this process.
func (f *DiskReadOnly) Memory() any { return nil }

// Inject implements chaos.Fault.
func (f *DiskReadOnly) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return f.inForce.set(ctx, c, node, disk.Fault{ReadOnly: true})
}

// Heal implements chaos.Fault.
func (f *DiskReadOnly) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return f.inForce.liftAndStart(ctx, c, node)
}

// Healthy says what of the fault is still to be seen.
func (f *DiskReadOnly) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	return f.inForce.healthy(ctx, c, node)
}

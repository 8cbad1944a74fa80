package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// SlowFsync has each fsync of the server's files take longer, as on a disk that is overloaded. With appendfsync
// always, and for nodes.conf, the main thread waits for it; with everysec, writes to the AOF wait once an fsync takes
// two seconds. Healing has them take what they take.
type SlowFsync struct {
	OnDisk `yaml:",inline"`
	// Delay is how much longer.
	Delay units.Duration `yaml:"delay"`
	// Jitter is by how much the delay of each is more or less.
	Jitter units.Duration `yaml:"jitter"`
	// Files are patterns of the names of those that it happens to, from the data directory on; none is
	// all.
	Files []string `yaml:"files"`

	seed uint64
}

func (kinds) SlowFsync() chaos.Fault { return &SlowFsync{Delay: units.Duration(time.Second)} }

var (
	_ chaos.Demanding = (*SlowFsync)(nil)
	_ chaos.Drawing   = (*SlowFsync)(nil)
)

// Check implements scenarios.FaultSpec.
func (f *SlowFsync) Check(c scenarios.Cluster) error {
	if err := f.Selector.Check(c); err != nil {
		return err
	}
	const least, most = units.Duration(time.Millisecond), units.Duration(time.Hour)
	if err := scenarios.InRange("delay", f.Delay, least, most, ""); err != nil {
		return err
	}
	if err := scenarios.InRange("jitter", f.Jitter, 0, f.Delay, "up to the delay"); err != nil {
		return err
	}
	return checkFiles(f.Files)
}

// Detail implements chaos.Detailed.
func (f *SlowFsync) Detail() string {
	if f.Jitter > 0 {
		return fmt.Sprintf("fsync%s +%v ±%v", of(f.Files), f.Delay, f.Jitter)
	}
	return fmt.Sprintf("fsync%s +%v", of(f.Files), f.Delay)
}

// Past implements chaos.Affecting.
func (f *SlowFsync) Past() string { return "left with a slow disk" }

// Drawn implements chaos.Drawing.
func (f *SlowFsync) Drawn(seed uint64) chaos.Fault {
	own := *f
	own.seed = seed
	return &own
}

// Inject implements chaos.Fault.
func (f *SlowFsync) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	match := disk.Match{Ops: []disk.Op{disk.OpFsync}, Names: f.Files}
	return f.set(ctx, c, node, disk.Fault{Slow: &disk.Slow{Match: match, Delay: f.Delay.D(), Jitter: f.Jitter.D(), Seed: f.seed}})
}

// Heal implements chaos.Fault.
func (f *SlowFsync) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return f.lift(ctx, c, node)
}

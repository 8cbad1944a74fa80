package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// IOError has operations on the server's files fail (EIO), as on a disk that breaks. Healing has
// them succeed, and starts the server if it has ended.
type IOError struct {
	OnDisk `yaml:",inline"`
	// Operations are those that fail, of "open", "read", "write", "fsync", "rename", "remove" and "truncate"; none
	// given is "write" and "fsync".
	Operations []string `yaml:"operations"`
	// Files are patterns of the names of those that it happens to, from the data directory on:
	// appendonlydir/* of the AOF, *.rdb of snapshots, nodes.conf*, as servers save it under another
	// name first. None is all.
	Files []string `yaml:"files"`
	// Share is how many of them fail.
	Share units.Percent `yaml:"share"`

	seed uint64
}

func (kinds) IoError() chaos.Fault { return &IOError{Share: 100} }

var (
	_ chaos.Demanding = (*IOError)(nil)
	_ chaos.Drawing   = (*IOError)(nil)
)

// operations are all that can fail.
func operations() []string {
	return []string{"open", "read", "write", "fsync", "rename", "remove", "truncate"}
}

// Check implements scenarios.FaultSpec.
func (f *IOError) Check(c scenarios.Cluster) error {
	if err := f.Selector.Check(c); err != nil {
		return err
	}
	for _, op := range f.Operations {
		if !slices.Contains(operations(), op) {
			return &scenarios.FieldError{Field: "operations", Msg: fmt.Sprintf("unknown operation %q; known: %s", op, strings.Join(operations(), ", "))}
		}
	}
	if err := checkFiles(f.Files); err != nil {
		return err
	}
	const least = units.Percent(0.01)
	return scenarios.InRange("share", f.Share, least, 100, "")
}

// ops are those that fail.
func (f *IOError) ops() (all []disk.Op) {
	for _, op := range f.Operations {
		all = append(all, disk.Op(op))
	}
	if all == nil {
		return []disk.Op{disk.OpWrite, disk.OpFsync}
	}
	return all
}

// Detail implements chaos.Detailed.
func (f *IOError) Detail() string {
	var names []string
	for _, op := range f.ops() {
		names = append(names, string(op))
	}
	text := "EIO of " + strings.Join(names, ", ") + of(f.Files)
	if f.Share < 100 {
		return fmt.Sprintf("%v: %s", f.Share, text)
	}
	return text
}

// Past implements chaos.Affecting.
func (f *IOError) Past() string { return "left with a disk that fails" }

// Drawn implements chaos.Drawing.
func (f *IOError) Drawn(seed uint64) chaos.Fault {
	own := *f
	own.seed = seed
	return &own
}

// Inject implements chaos.Fault.
func (f *IOError) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	match := disk.Match{Ops: f.ops(), Names: f.Files}
	return f.set(ctx, c, node, disk.Fault{Fail: &disk.Fail{Match: match, Probability: f.Share.Share(), Seed: f.seed}})
}

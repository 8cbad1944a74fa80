package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// inForce is what goes wrong on the disk of one target. It stands there under a name of its own, so that
// faults of one kind can be in force at once.
type inForce struct{ name string }

func (f *inForce) set(ctx context.Context, c chaos.Cluster, node string, what disk.Fault) error {
	f.name = rand.Text()
	return c.SetDisk(ctx, node, f.name, what)
}

// lift ends it.
func (f *inForce) lift(ctx context.Context, c chaos.Cluster, node string) error {
	return c.LiftDisk(ctx, node, f.name)
}

// healthy fails if it is in force.
func (f *inForce) healthy(ctx context.Context, c chaos.Cluster, node string) error {
	state, err := c.DiskState(ctx, node)
	if _, stands := state.Faults[f.name]; err == nil && stands {
		err = fmt.Errorf("what is wrong with the disk of %s is in force", node)
	}
	return err
}

// liftAndStart ends it, and starts the server if it has ended: a server that cannot write nodes.conf does, and
// one with appendfsync always.
func (f *inForce) liftAndStart(ctx context.Context, c chaos.Cluster, node string) error {
	return errors.Join(f.lift(ctx, c, node), c.Start(ctx, node))
}

// needs and effects are those of all faults of disks.
func needs() []compose.Ability { return []compose.Ability{compose.Disking} }

func effects() []record.Effect { return []record.Effect{record.Disturbs} }

// checkFiles blames patterns of names that match nothing.
func checkFiles(patterns []string) error {
	for _, pattern := range patterns {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" || path.IsAbs(pattern) {
			return &scenarios.FieldError{Field: "files", Msg: "pattern \"" + pattern + "\" matches no file: they are named from the data directory on; write appendonlydir/*, nodes.conf* or *.rdb"}
		}
	}
	return nil
}

// of says whose operations these are: " of nodes.conf*".
func of(files []string) string {
	if len(files) == 0 {
		return ""
	}
	return " of " + strings.Join(files, ", ")
}

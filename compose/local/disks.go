package local

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/compose/local/process"
)

// mount has the node's data be on a file system of its own, that a process beside this one serves. The server's
// process is not started in there: see package disk.
func (n *node) mount(ctx context.Context) error {
	d, err := disk.MountElsewhere(ctx, n.diskServer, []string{process.Mark(n.dir)}, disk.Options{Below: n.data, At: n.data, Writeback: compose.UsualWriteback()})
	if err != nil {
		return err
	}
	n.disk = d
	return nil
}

// sync makes what the server has written durable.
func (n *node) sync(ctx context.Context) error {
	if n.disk == nil {
		return nil
	}
	return n.disk.Sync(ctx)
}

// errNoDisk is the error of what needs a disk of a node that was deployed without.
var errNoDisk = errors.New("its data are on no file system of their own: the cluster was deployed without")

// onDisk does something to the disk of a node.
func (c *Cluster) onDisk(verb, name string, f func(*node) error) error {
	return c.do(verb, name, func(n *node) error {
		if n.disk == nil {
			return errNoDisk
		}
		return f(n)
	})
}

// SetDisk implements compose.Disks.
func (c *Cluster) SetDisk(ctx context.Context, name, faultName string, f disk.Fault) error {
	return c.onDisk("changing the disk of", name, func(n *node) error { return n.disk.Set(ctx, faultName, f) })
}

// LiftDisk implements compose.Disks.
func (c *Cluster) LiftDisk(ctx context.Context, name, faultName string) error {
	return c.onDisk("changing the disk of", name, func(n *node) error { return n.disk.Lift(ctx, faultName) })
}

// DiskState implements compose.Disks.
func (c *Cluster) DiskState(ctx context.Context, name string) (state disk.State, err error) {
	err = c.onDisk("looking at the disk of", name, func(n *node) error {
		state, err = n.disk.State(ctx)
		return err
	})
	return state, err
}

// LosePower implements compose.Disks.
func (c *Cluster) LosePower(ctx context.Context, name string, tear disk.Tear) (loss disk.Loss, err error) {
	err = c.onDisk("cutting the power of", name, func(n *node) error {
		loss, err = n.losePower(ctx, tear)
		return err
	})
	return loss, err
}

// losePower kills the server while nothing becomes durable any more, and drops what is not.
func (n *node) losePower(ctx context.Context, tear disk.Tear) (disk.Loss, error) {
	if err := n.take(ctx); err != nil {
		return disk.Loss{}, err
	}
	defer n.release()
	if err := n.disk.Freeze(ctx); err != nil {
		return disk.Loss{}, err
	}
	if err := n.kill(); err != nil {
		return disk.Loss{}, errors.Join(err, n.disk.Thaw(ctx))
	}
	return n.disk.LosePower(ctx, tear)
}

// kill kills the server, if there is one, and waits for its end. The caller has the node's turn.
func (n *node) kill() error {
	s, err := n.running()
	if errors.Is(err, process.ErrEnded) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Kill()
}

// Data implements compose.Files.
func (c *Cluster) Data(_ context.Context, name string) (root *os.Root, err error) {
	err = c.do("opening the data of", name, func(n *node) error {
		if root, err = os.OpenRoot(n.data); err != nil {
			return fmt.Errorf("opening the folder: %w", err)
		}
		return nil
	})
	return root, err
}

package docker

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/docker/docker/api/types/mount"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
)

// cannotDisk is why nothing can become of the writes of the engine's containers.
const cannotDisk = "the data of containers are in volumes of the engine, on a file system that is none of this tool's; run with --runtime local, as root"

// errNoDisk is the error of what needs a disk of a node.
var errNoDisk = errors.New(cannotDisk)

// SetDisk implements compose.Disks.
func (d *Cluster) SetDisk(_ context.Context, node, _ string, _ disk.Fault) error {
	return wrap("change the disk of", node, errNoDisk)
}

// LiftDisk implements compose.Disks.
func (d *Cluster) LiftDisk(_ context.Context, node, _ string) error {
	return wrap("change the disk of", node, errNoDisk)
}

// LosePower implements compose.Disks.
func (d *Cluster) LosePower(_ context.Context, node string, _ disk.Tear) (disk.Loss, error) {
	return disk.Loss{}, wrap("cut the power of", node, errNoDisk)
}

// DiskState implements compose.Disks.
func (d *Cluster) DiskState(_ context.Context, node string) (disk.State, error) {
	return disk.State{}, wrap("look at the disk of", node, errNoDisk)
}

// cannotFile is why the files of the engine's containers cannot be changed; "" if they can.
func (e *Engine) cannotFile() string {
	if e.isBeside() {
		return ""
	}
	return "the volume of a container is changed on the machine of its engine, by root; run there with sudo"
}

// dataTarget is where a container has its data.
const dataTarget = "/data"

// Data implements compose.Files: volumes are folders of the engine's machine.
func (d *Cluster) Data(ctx context.Context, node string) (*os.Root, error) {
	root, err := d.openData(ctx, node)
	return root, wrap("open the data of", node, err)
}

func (d *Cluster) openData(ctx context.Context, node string) (*os.Root, error) {
	if why := d.engine.cannotFile(); why != "" {
		return nil, errors.New(why)
	}
	c, err := d.engine.ContainerInspect(ctx, d.containers[node])
	if err != nil {
		return nil, err
	}
	for _, m := range c.Mounts {
		if m.Type == mount.TypeVolume && m.Destination == dataTarget {
			return os.OpenRoot(m.Source)
		}
	}
	return nil, fmt.Errorf("its container has no volume at %s", dataTarget)
}

var (
	_ compose.Disks = (*Cluster)(nil)
	_ compose.Files = (*Cluster)(nil)
)

package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
)

// diskServer is the command that serves disks.
func (p Product) diskServer() []string {
	if p.DiskServer != nil {
		return p.DiskServer
	}
	return disk.OwnServer()
}

// cannotDisk is why nothing can become of the writes of the engine's containers; "" if something can.
func (e *Engine) cannotDisk() string {
	switch {
	case e.product.ForeignVolumes:
		return fmt.Sprintf("what %s has volumes on is not known to take another file system; run with --runtime local, as root", e.product.Title)
	case !e.isBeside():
		return "another file system is mounted on the volume of a container on the machine of its engine, by root; run there with sudo, or with --runtime local"
	default:
		return disk.Lacks(e.product.diskServer())
	}
}

// disks are those on the volumes of a run, by node. They end with this process; those of a run that was
// killed are unmounted with their volumes.
type disks struct {
	mu     sync.Mutex
	byNode map[string]*disk.Served
}

// errNoDisk is the error of what needs a disk of a node that was deployed without.
var errNoDisk = errors.New("its volume is on no file system of its own: the cluster was deployed without, or by another process")

// of is the disk of a node.
func (d *disks) of(node string) (*disk.Served, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if served := d.byNode[node]; served != nil {
		return served, nil
	}
	return nil, errNoDisk
}

func (d *disks) put(node string, served *disk.Served) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byNode == nil {
		d.byNode = map[string]*disk.Served{}
	}
	d.byNode[node] = served
}

// end ends all of them. What was mounted is gone with its volume, or stays with it.
func (d *disks) end(ctx context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, served := range d.byNode {
		_ = served.Unmount(ctx)
	}
	d.byNode = nil
}

// settle makes all that was written so far durable. A disk that nothing was written to is not what the
// containers have: the engine's files are not this machine's.
func (d *disks) settle(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for node, served := range d.byNode {
		state, err := served.State(ctx)
		if err == nil && state.Ops[disk.OpWrite].Calls == 0 {
			err = errors.New("its server does not write to it: the files of the engine are not those of this machine")
		}
		if err == nil {
			err = served.Sync(ctx)
		}
		if err != nil {
			return wrap("settle the disk of", node, err)
		}
	}
	return nil
}

// mountDisks mounts a disk on the volume of each node, whose container has not been started: it has
// of the volume what is there when it starts.
func (r *Registration) mountDisks(ctx context.Context, d Deployment) error {
	r.disks.end(ctx) // of an attempt that came to nothing
	planned := d.planned()
	return errors.Join(compose.AtOnce(len(planned), func(i int) error {
		n := planned[i]
		served, err := r.engine.mountDisk(ctx, d.Prefix+n.Volume)
		if err != nil {
			return wrap("mount a disk on the volume of", n.Name, err)
		}
		r.disks.put(n.Name, served)
		return nil
	})...)
}

func (e *Engine) mountDisk(ctx context.Context, volume string) (*disk.Served, error) {
	v, err := e.VolumeInspect(ctx, volume)
	if err != nil {
		return nil, err
	}
	return disk.MountElsewhere(ctx, e.product.diskServer(), nil, disk.Options{Below: v.Mountpoint, At: v.Mountpoint, Writeback: compose.UsualWriteback()})
}

// unmountVolume unmounts a disk that is on a volume, whether what served it lives or not: an engine
// does not remove what something is mounted on.
func (e *Engine) unmountVolume(ctx context.Context, id string) error {
	if e.product.ForeignVolumes || !e.isBeside() {
		return nil
	}
	v, err := e.VolumeInspect(ctx, id)
	if err != nil || v.Mountpoint == "" {
		return err
	}
	if _, err := os.Lstat(v.Mountpoint); errors.Is(err, os.ErrNotExist) {
		return nil // the engine's files are not this machine's
	}
	return disk.Remove(v.Mountpoint)
}

// onDisk does something to the disk of a node.
func (d *Cluster) onDisk(verb, node string, do func(*disk.Served) error) error {
	if d.run == nil {
		return wrap(verb, node, errNoDisk)
	}
	served, err := d.run.disks.of(node)
	if err != nil {
		return wrap(verb, node, err)
	}
	return wrap(verb, node, do(served))
}

// SetDisk implements compose.Disks.
func (d *Cluster) SetDisk(ctx context.Context, node, name string, f disk.Fault) error {
	return d.onDisk("change the disk of", node, func(served *disk.Served) error { return served.Set(ctx, name, f) })
}

// LiftDisk implements compose.Disks.
func (d *Cluster) LiftDisk(ctx context.Context, node, name string) error {
	return d.onDisk("change the disk of", node, func(served *disk.Served) error { return served.Lift(ctx, name) })
}

// DiskState implements compose.Disks.
func (d *Cluster) DiskState(ctx context.Context, node string) (state disk.State, err error) {
	err = d.onDisk("look at the disk of", node, func(served *disk.Served) error {
		state, err = served.State(ctx)
		return err
	})
	return state, err
}

// LosePower implements compose.Disks.
func (d *Cluster) LosePower(ctx context.Context, node string, tear disk.Tear) (loss disk.Loss, err error) {
	err = d.onDisk("cut the power of", node, func(served *disk.Served) error {
		if err := served.Freeze(ctx); err != nil {
			return err
		}
		if err := d.killAndAwait(ctx, node); err != nil {
			return errors.Join(err, served.Thaw(ctx))
		}
		loss, err = served.LosePower(ctx, tear)
		return err
	})
	return loss, err
}

// killAndAwait kills a node's server, if there is one, and waits for its end.
func (d *Cluster) killAndAwait(ctx context.Context, node string) error {
	id := d.containers[node]
	if err := d.engine.ContainerKill(ctx, id, "SIGKILL"); err != nil && !isNotRunning(err) && !says(err, "is not running") {
		return err
	}
	ended, failed := d.engine.ContainerWait(ctx, id, container.WaitConditionNotRunning)
	select {
	case <-ended:
		return nil
	case err := <-failed:
		return err
	}
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
	target := dataTarget
	if s := d.sites[node]; s != nil {
		target = s.data
	}
	at, ok := hostPath(c.Mounts, target)
	if !ok {
		return nil, fmt.Errorf("its container has no volume at %s", target)
	}
	return os.OpenRoot(at)
}

// hostPath is where a path of a container is on the engine's machine, if it is on a volume or a folder of that: of mounts
// within each other, the innermost has it.
func hostPath(mounts []container.MountPoint, target string) (at string, ok bool) {
	var in container.MountPoint
	for _, m := range mounts {
		rest, within := strings.CutPrefix(target, strings.TrimSuffix(m.Destination, "/"))
		if within && (rest == "" || rest[0] == '/') && len(m.Destination) >= len(in.Destination) {
			in = m
		}
	}
	if in.Type != mount.TypeVolume && in.Type != mount.TypeBind {
		return "", false
	}
	return filepath.Join(in.Source, strings.TrimPrefix(target, in.Destination)), true
}

var (
	_ compose.Disks = (*Cluster)(nil)
	_ compose.Files = (*Cluster)(nil)
)

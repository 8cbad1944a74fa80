package local

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/credentials"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/compose/local/cgroup"
	"github.com/redis-chaos/redis-chaos/compose/local/networks"
	"github.com/redis-chaos/redis-chaos/compose/local/process"
)

// confName is the file in the run's folder that all nodes share.
const confName = "redis.conf"

// layout says all that a run makes on the machine. Everything that it makes is
// found by what stands here, and nothing else of it is ever touched.
type layout struct {
	Mode Mode
	// Server is what the servers' processes run, without symbolic links: their binary, or the
	// loader that they were started by.
	Server string
	// Dir holds a folder a node. MadeDir: it was not there before.
	Dir     string
	MadeDir bool
	// Keep leaves the nodes' folders where they are.
	Keep bool
	// Disks: the data of each node are on a file system that the tool serves.
	Disks bool `json:",omitempty"`
	Nodes []string
	// Access is the folder with what the nodes read of their cluster's access; "" if there is nothing of that.
	Access string `json:",omitempty"`
	// Ports are the nodes' in unprivileged mode.
	Ports []int `json:",omitempty"`
	// ClientNet and ClusterNet are the subnets in isolated mode.
	ClientNet  netip.Prefix
	ClusterNet netip.Prefix
}

// subnets are those of the networks in isolated mode.
func (l layout) subnets() map[compose.Network]netip.Prefix {
	return map[compose.Network]netip.Prefix{compose.ClientNetwork: l.ClientNet, compose.ClusterNetwork: l.ClusterNet}
}

// folder is where a node lives, by its name.
func (l layout) folder(name string) string { return filepath.Join(l.Dir, name) }

// folders are where the nodes live.
func (l layout) folders() []string {
	folders := make([]string, len(l.Nodes))
	for i, name := range l.Nodes {
		folders[i] = l.folder(name)
	}
	return folders
}

// dataName is the folder of a node's data in its own where they are on a file system of their own.
const dataName = "data"

// data is where a node's server has its data, by the node's name.
func (l layout) data(name string) string {
	if l.Disks {
		return filepath.Join(l.folder(name), dataName)
	}
	return l.folder(name)
}

// places are the folders that the nodes' processes may be in.
func (l layout) places() []string {
	places := l.folders()
	if l.Disks {
		for _, name := range l.Nodes {
			places = append(places, l.data(name))
		}
	}
	return places
}

// remove removes all that a run has made.
func (l layout) remove(ctx context.Context, runID string) error {
	if err := process.EndAll(ctx, l.places(), l.Server); err != nil {
		return err
	}
	if err := l.removeDisks(); err != nil {
		return err // what is below them is not to be removed through them
	}
	var errs []error
	for _, name := range l.Nodes {
		errs = append(errs, cgroup.Remove(ctx, groupOf(runID, name)))
	}
	if l.Mode == Isolated {
		errs = append(errs, networks.Remove(runID, l.Nodes))
	}
	if l.Access != "" {
		errs = append(errs, credentials.Remove(l.Access))
	}
	if !l.Keep {
		errs = append(errs, l.removeFolders())
	}
	return errors.Join(errs...)
}

// removeDisks unmounts what the data are on, also if the process that served it has ended.
func (l layout) removeDisks() error {
	if !l.Disks {
		return nil
	}
	var errs []error
	for _, name := range l.Nodes {
		if err := disk.Remove(l.data(name)); !isGone(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// groupOf is the control group of a node, once it has one.
func groupOf(runID, node string) string { return "redis-chaos-" + runID + "-" + node }

// removeFolders removes the nodes' folders, and the run's if it was made for it
// and nothing else is in there.
func (l layout) removeFolders() error {
	var errs []error
	for _, folder := range l.folders() {
		if err := os.RemoveAll(folder); !isGone(err) {
			errs = append(errs, err)
		}
	}
	if err := os.Remove(filepath.Join(l.Dir, confName)); !isGone(err) {
		errs = append(errs, err)
	}
	if l.MadeDir {
		err := os.Remove(l.Dir)
		if !isGone(err) && !errors.Is(err, syscall.ENOTEMPTY) && !errors.Is(err, syscall.EEXIST) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// isGone tells whether there is nothing of a name, also because a folder on the way to it
// is a file by now.
func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

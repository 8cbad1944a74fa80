// Package local runs a Redis Cluster as plain redis-server processes of this
// machine, without a container engine.
//
// There are two modes. Unprivileged, the nodes share 127.0.0.1 and differ by
// port. Isolated, each node has a network namespace of its own, on the same two
// networks as with Docker, so that it can be taken off either.
//
// Whatever is made on the machine is noted in a journal before it is made, and
// the journal is locked for as long as its run lives. What a run that was killed
// has left behind can so be told from what is in use, and RemoveStale removes it.
package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/software"
)

// Runtime runs clusters as processes of this machine. It implements compose.Runtime.
type Runtime struct {
	// Mode is DetectMode's if it is not given.
	Mode Mode
	// DiskServer is the command that serves a disk, as disk.ServeStdio does: this program's own if it is not
	// given.
	DiskServer []string
}

// Name implements compose.Runtime.
func (Runtime) Name() string { return "local" }

// Parts implements compose.Runtime.
func (Runtime) Parts() string { return "processes, network namespaces and folders" }

// Unfinished implements compose.Runtime.
func (Runtime) Unfinished() ([]string, error) { return Unfinished() }

// Open implements compose.Runtime.
func (Runtime) Open(context.Context) (compose.Host, error) { return host{}, nil }

// Prepare implements compose.Runtime.
func (r Runtime) Prepare(_ context.Context, server string) (compose.Deployer, error) {
	if server == "" {
		if _, err := software.Find(); err != nil {
			return nil, compose.Unavailable(err.Error())
		}
	}
	if r.Mode == "" {
		r.Mode = DetectMode()
	}
	if r.DiskServer == nil {
		r.DiskServer = disk.OwnServer()
	}
	return deployer{mode: r.Mode, diskServer: r.DiskServer}, nil
}

// host is this machine. Its clusters end with the program that deployed them.
type host struct{}

// Place implements compose.Host.
func (host) Place(context.Context) (string, error) { return place, nil }

// RemoveStale implements compose.Host.
func (host) RemoveStale(ctx context.Context) (compose.Swept, error) {
	removed, err := RemoveStale(ctx)
	swept := compose.Swept{Removed: removed}
	if err != nil {
		swept.Left = append(swept.Left, err)
	}
	return swept, nil
}

// Remove implements compose.Host.
func (host) Remove(ctx context.Context, runID string) error { return Remove(ctx, runID) }

// Close implements compose.Host.
func (host) Close() error { return nil }

// deployer is this machine, and what this user may do on it.
type deployer struct {
	host
	mode       Mode
	diskServer []string
}

// Where implements compose.Deployer.
func (d deployer) Where() string {
	return fmt.Sprintf("as processes of this machine (%s)", d.mode.words())
}

// Lacks implements compose.Deployer.
func (d deployer) Lacks(a compose.Ability) string {
	if a == compose.Disking {
		return disk.Lacks(d.diskServer)
	}
	return d.mode.Lacks(a)
}

// Deploy implements compose.Deployer.
func (d deployer) Deploy(ctx context.Context, o compose.Order) (*compose.Deployed, error) {
	if err := checkModules(o.Modules); err != nil {
		return nil, err
	}
	c, err := Deploy(ctx, Options{
		RunID: o.RunID, Masters: o.Masters, Replicas: o.Replicas, Zones: o.Zones, Config: o.Config, Access: o.Access,
		Server: o.Server, Dir: o.Dir, Mode: d.mode, Disks: o.Disks, DiskServer: d.diskServer, Keep: o.Keep, Progress: o.Progress,
	})
	if err != nil {
		return nil, err
	}
	engine := fmt.Sprintf("processes of this machine, %s", d.mode.words())
	if o.Disks {
		engine += ", " + compose.OnDisks
	}
	return &compose.Deployed{
		Cluster: c,
		Server:  compose.Server{Name: c.server.Name, Version: c.server.Version, Binary: c.program},
		Config:  c.config,
		Layout:  slots.Equal(o.Masters),
		Engine:  engine,
	}, nil
}

// checkModules wants the modules to be files of this machine.
func checkModules(modules []compose.Module) error {
	for _, m := range modules {
		switch info, err := os.Stat(m.Path); {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s: loadmodule %s: there is no such file on this machine, where the local runtime runs the servers", m.Where, m.Path)
		case err != nil:
			return fmt.Errorf("%s: loadmodule: %w", m.Where, err)
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s: loadmodule %s is no file; name the shared library of a module", m.Where, m.Path)
		}
	}
	return nil
}

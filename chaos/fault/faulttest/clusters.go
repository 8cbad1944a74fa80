package faulttest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// on is a way to run a cluster.
type on struct {
	Name string
	open func(t *testing.T) compose.Deployer
	dep  compose.Deployer
}

// masters of a cluster, with a replica each.
const masters = 3

// deploy starts a cluster for faults, and removes it at the end of the test. It has disks if one of the faults
// needs some, and can have them.
func (o *on) deploy(t *testing.T, all []Effect) compose.Cluster {
	t.Helper()
	o.dep = o.open(t)
	t.Cleanup(func() { o.dep.Close() })
	disks := slices.ContainsFunc(all, func(e Effect) bool {
		d, ok := e.Fault.(chaos.Demanding)
		return ok && slices.Contains(d.Needs(), compose.Disking) && o.lacks(e.Fault) == ""
	})
	d, err := o.dep.Deploy(t.Context(), compose.Order{
		RunID: fmt.Sprintf("test-%d-%s", pid(), strings.NewReplacer("/", "-", ",", "").Replace(strings.ToLower(t.Name()))), Masters: masters, Replicas: 1,
		Access: compose.Access{Debug: true}, Disks: disks,
		Config: map[string][]string{"cluster-node-timeout": {"5000"}, "maxclients": {"500"}, "repl-diskless-sync-delay": {"0"}, "lua-time-limit": {"500"}},
		Image:  scenarios.DefaultImage, Dir: filepath.Join(t.TempDir(), "run"), Ports: compose.PortPolicy{First: compose.DefaultPort}, Progress: func(string) {}, Warn: func(string) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Cluster.Down(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return d.Cluster
}

// lacks says why a fault cannot be had there.
func (o *on) lacks(f chaos.Fault) string {
	if d, ok := f.(chaos.Demanding); ok {
		for _, need := range d.Needs() {
			if why := o.dep.Lacks(need); why != "" {
				return why
			}
		}
	}
	return ""
}

// clusters lists the ways to run one.
func clusters() []*on {
	return []*on{
		{Name: "Docker", open: func(t *testing.T) compose.Deployer {
			enginetest.Need(t)
			product := docker.Docker()
			product.DiskServer = diskServer()
			return prepared(t, docker.For(product))
		}},
		{Name: "local, isolated", open: func(t *testing.T) compose.Deployer {
			if os.Getuid() != 0 {
				t.Skip("needs root, for network namespaces")
			}
			return prepared(t, local.Runtime{Mode: local.Isolated, DiskServer: diskServer()})
		}},
		{Name: "local, unprivileged", open: func(t *testing.T) compose.Deployer {
			return prepared(t, local.Runtime{Mode: local.Unprivileged, DiskServer: diskServer()})
		}},
	}
}

// Main is TestMain of packages whose faults need disks, which their test program serves then.
func Main(m *testing.M) {
	if slices.Contains(os.Args, disk.ServeCommand) {
		if err := disk.ServeStdio(context.Background(), os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// diskServer is the command by which the test program serves a disk.
func diskServer() []string { return []string{os.Args[0], disk.ServeCommand} }

func prepared(t *testing.T, r compose.Runtime) compose.Deployer {
	t.Helper()
	d, err := r.Prepare(t.Context(), "")
	if lacks, unavailable := compose.IsUnavailable(err); unavailable {
		t.Skipf("needs a server: %s", lacks)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func pid() int { return os.Getpid() }

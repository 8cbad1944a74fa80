package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker/project"
)

// site is where a node of the user's runs. Those of clusters that this program deploys have none: each is the first
// process of a container of its own.
type site struct {
	container project.Container
	// port is what its server listens on in there, and pid its process when it was found, as that sees itself.
	port, pid int
	// shared: other nodes are in the same container. inner: its server is not the container's first process.
	shared, inner bool
	// data is its data directory, as its server sees it, and logfile the file that it logs to; "" is its output.
	data, logfile string
}

// siteOf is the site of a node whose server has to be treated as a process; nil where that is the container's.
func (d *Cluster) siteOf(node string) *site {
	if s := d.sites[node]; s != nil && (s.shared || s.inner) {
		return s
	}
	return nil
}

// sharedSite is the site of a node whose container is that of others, too; nil where it has its own.
func (d *Cluster) sharedSite(node string) *site {
	if s := d.sites[node]; s != nil && s.shared {
		return s
	}
	return nil
}

// errShared is the error of what can be done to whole containers only.
func (s *site) errShared() error {
	return fmt.Errorf("its container, %s, is that of other nodes as well, and the engine does that to all of them", s.container.Name)
}

// errNoServer is the error of signalling a server that does not run.
var errNoServer = errors.New("it is not running")

// serverPID is the process of a server that is not its container's first.
func (d *Cluster) serverPID(s *site) (int, error) {
	if !d.engine.isBeside() {
		return 0, fmt.Errorf("its server is not the first process of its container, %s, and is found by root on the machine of the engine; run there with sudo", s.container.Name)
	}
	pid := project.Server(s.container, s.port)
	if pid == 0 {
		return 0, errNoServer
	}
	return pid, nil
}

// signalServer signals a server that is not its container's first process.
func (d *Cluster) signalServer(node string, s *site, signal string) error {
	pid, err := d.serverPID(s)
	if err != nil {
		return err
	}
	number := unix.SignalNum(signal)
	if number == 0 {
		return fmt.Errorf("no signal %q", signal)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	defer process.Release()
	// What is found by its id by now must be the same process.
	if groups, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid)); err != nil || !strings.Contains(string(groups), s.container.ID) {
		return errNoServer
	}
	if err := process.Signal(number); err != nil {
		return err
	}
	select {
	case d.signalled <- compose.Happening{Node: node, Action: compose.Signalled, Time: time.Now()}:
	default: // nobody watches
	}
	return nil
}

// stopServer asks a server in a container of several to end, and kills it after grace.
func (d *Cluster) stopServer(ctx context.Context, node string, s *site, grace time.Duration) error {
	pid, err := d.serverPID(s)
	if err == nil {
		err = d.signalServer(node, s, "SIGTERM")
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	for unix.Kill(pid, 0) == nil {
		select {
		case <-ctx.Done():
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return ctx.Err()
			}
			return unix.Kill(pid, syscall.SIGKILL)
		case <-time.After(processPause):
		}
	}
	return nil
}

const (
	// processPause is the time between two looks at a process.
	processPause = 20 * time.Millisecond
	// supervisorPatience is how long what supervises a server may take to start it again.
	supervisorPatience = 30 * time.Second
)

// awaitServer waits until a server runs that its container's first process has to start: this program cannot know how.
func (d *Cluster) awaitServer(ctx context.Context, s *site) error {
	ctx, cancel := context.WithTimeout(ctx, supervisorPatience)
	defer cancel()
	for {
		_, err := d.serverPID(s)
		if !errors.Is(err, errNoServer) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nothing in its container, %s, has started its server again within %s, and this program does not know how: %s restart %s does", s.container.Name, supervisorPatience, d.engine.product.Program, s.container.Name)
		case <-time.After(processPause):
		}
	}
}

// lacks says why a cluster of the user's cannot do something; "" if it can.
func (d *Cluster) lacks(a compose.Ability) string {
	if why := (containerHost{d.engine}).Lacks(a); why != "" {
		return why
	}
	for _, s := range d.sites {
		c := s.container
		switch {
		case (a == compose.LimitingMemory || a == compose.Throttling) && s.shared:
			return fmt.Sprintf("several nodes are in the container %s, and it is the container that is limited", c.Name)
		case a == compose.Signalling && s.shared && !d.engine.isBeside():
			return fmt.Sprintf("several nodes are in the container %s, and its processes are told apart by root on the machine of the engine; run there with sudo", c.Name)
		case a == compose.Networking && s.shared, a == compose.Shaping && s.shared:
			return fmt.Sprintf("several nodes are in the container %s, and have one network together", c.Name)
		case a == compose.Networking && c.OnHost, a == compose.Shaping && c.OnHost:
			return fmt.Sprintf("the container %s has no network of its own, but that of the machine or of another container", c.Name)
		case a == compose.Disking:
			return "its data directories are the user's own, and not on a file system that this program has made"
		}
	}
	if a == compose.Separating && d.networks[compose.ClientNetwork] == d.networks[compose.ClusterNetwork] {
		return "clients and nodes are on one network; write network: all, or have `split` or `loss` change what becomes of the packets between nodes"
	}
	return ""
}

// watched are the servers whose ends and starts are not those of containers.
func (d *Cluster) watched() (all []project.Watched) {
	if !d.engine.isBeside() {
		return nil
	}
	for node := range d.sites {
		if s := d.siteOf(node); s != nil {
			all = append(all, project.Watched{Node: node, Container: s.container, Port: s.port})
		}
	}
	return all
}

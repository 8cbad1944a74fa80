package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
	"github.com/redis-chaos/redis-chaos/compose/news"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// Cluster is a cluster that was found by addresses.
type Cluster struct {
	known  *memory
	access compose.Access
	nodes  []*node
	news   *news.News

	watching sync.WaitGroup
	stop     context.CancelFunc
}

var (
	_ compose.Cluster = (*Cluster)(nil)
	_ compose.Servers = (*Cluster)(nil)
)

// node is one of its nodes.
type node struct {
	compose.Node
	// here is its server as a process of this machine; nil if it is none, and elsewhere says why.
	here      *server
	elsewhere string
	// settings are its directives as they were found; nil if it did not tell them, and untold says why.
	settings map[string]string
	untold   error
	log      logFile
}

func newCluster(m *memory, access compose.Access) *Cluster {
	c := &Cluster{known: m, access: access, news: news.New(), stop: func() {}}
	for _, k := range m.Nodes {
		c.nodes = append(c.nodes, &node{Node: k.Node})
	}
	return c
}

// Nodes implements compose.Servers.
func (c *Cluster) Nodes() (all []compose.Node) {
	for _, n := range c.nodes {
		all = append(all, n.Node)
	}
	return all
}

// Dial implements compose.Servers.
func (c *Cluster) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	to, known := c.known.Dial[addr]
	if !known {
		return nil, compose.UnknownError(network, addr)
	}
	return c.access.Dial(ctx, netdev.Device{}, network, to)
}

// at does something to the process of a node, and says what if it fails.
func (c *Cluster) at(verb, name string, f func(*server) error) error {
	i := slices.IndexFunc(c.nodes, func(n *node) bool { return n.Name == name })
	if i < 0 {
		return fmt.Errorf("%s %s: no such node", verb, name)
	}
	n := c.nodes[i]
	err := errors.New(n.elsewhere)
	if n.here != nil {
		err = f(n.here)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", verb, name, err)
	}
	return nil
}

// Signal implements compose.Processes.
func (c *Cluster) Signal(_ context.Context, name, signal string) error {
	return c.at("signal", name, func(s *server) error {
		number := unix.SignalNum("SIG" + strings.TrimPrefix(signal, "SIG"))
		if number == 0 {
			return fmt.Errorf("unknown signal %q", signal)
		}
		at := time.Now()
		if err := s.signal(number); err != nil {
			return err
		}
		c.news.Publish(compose.Happening{Node: name, Action: compose.Signalled, Time: at})
		return nil
	})
}

// Stop implements compose.Processes.
func (c *Cluster) Stop(ctx context.Context, name string, grace time.Duration) error {
	return c.at("stop", name, func(s *server) error { return s.end(ctx, grace) })
}

// Start implements compose.Processes.
func (c *Cluster) Start(ctx context.Context, name string) error {
	return c.at("start", name, func(s *server) error { return s.start(ctx, c.access) })
}

// Pause implements compose.Processes.
func (c *Cluster) Pause(_ context.Context, name string) error {
	return c.at("pause", name, func(s *server) error {
		if err := s.signal(syscall.SIGSTOP); err != nil {
			return err
		}
		c.news.Publish(compose.Happening{Node: name, Action: compose.Paused, Time: time.Now()})
		return nil
	})
}

// Unpause implements compose.Processes.
func (c *Cluster) Unpause(_ context.Context, name string) error {
	return c.at("unpause", name, func(s *server) error {
		if !s.stopped() {
			return nil
		}
		at := time.Now()
		if err := s.signal(syscall.SIGCONT); err != nil {
			return err
		}
		c.news.Publish(compose.Happening{Node: name, Action: compose.Unpaused, Time: at})
		return nil
	})
}

// Condition implements compose.Conditions. Of a server that is no process of this machine is seen whether it takes
// connections.
func (c *Cluster) Condition(ctx context.Context, name string) (is compose.Condition, err error) {
	for _, n := range c.nodes {
		switch {
		case n.Name != name:
		case n.here != nil:
			return n.here.condition(), nil
		default:
			const patience = 2 * time.Second
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", n.HostAddr)
			if errors.Is(err, syscall.ECONNREFUSED) {
				return compose.Condition{}, nil
			}
			if err == nil {
				conn.Close()
			}
			return compose.Condition{Running: err == nil}, err
		}
	}
	return is, fmt.Errorf("no node %q: %w", name, compose.ErrVanished)
}

// Watch implements compose.Sights.
func (c *Cluster) Watch(ctx context.Context) (<-chan compose.Happening, error) {
	return c.news.Watch(ctx), nil
}

// Follow implements compose.Sights: it tells what is logged since the cluster was found, to files of this machine.
func (c *Cluster) Follow(ctx context.Context, name string, tell func(compose.LogLine)) error {
	for _, n := range c.nodes {
		if n.Name == name && n.log.path != "" {
			return n.log.follow(ctx, tell)
		}
	}
	return nil
}

// ClockOffset implements compose.Cluster: what happens is seen by this machine.
func (c *Cluster) ClockOffset(context.Context) (offset, within time.Duration, err error) {
	return 0, 0, nil
}

// PID implements compose.Processes.
func (c *Cluster) PID(_ context.Context, name string) (pid int, err error) {
	err = c.at("find the process of", name, func(s *server) error {
		pid = s.running()
		return nil
	})
	return pid, err
}

// Commands does by hand to a node what healing does.
func (c *Cluster) Commands(_ context.Context, name string) (all []string) {
	_ = c.at("", name, func(s *server) error { // of others there is nothing to be said
		all = s.byHand()
		return nil
	})
	return all
}

// hooks is what can be done instead.
const hooks = "the cluster is known by its addresses (cluster.addrs); write a hook, which runs a command of your own, or bring its compose file (cluster.compose)"

func unable(name string) error { return fmt.Errorf("%s: %s", name, hooks) }

// Down implements compose.Cluster: it is not this program's.
func (c *Cluster) Down(context.Context) error {
	return errors.New("a cluster of the user's is not removed")
}

// LimitCPU implements compose.Processes.
func (c *Cluster) LimitCPU(_ context.Context, name string, _ float64) error { return unable(name) }

// LimitMemory implements compose.Processes.
func (c *Cluster) LimitMemory(_ context.Context, name string, _ int64) error { return unable(name) }

// Disconnect implements compose.Networks.
func (c *Cluster) Disconnect(_ context.Context, name string, _ compose.Network) error {
	return unable(name)
}

// Connect implements compose.Networks.
func (c *Cluster) Connect(_ context.Context, name string, _ compose.Network) error {
	return unable(name)
}

// Shape implements compose.Networks.
func (c *Cluster) Shape(_ context.Context, name, _ string, _ []traffic.Rule) error {
	return unable(name)
}

// ShapedBy implements compose.Networks.
func (c *Cluster) ShapedBy(string, string) string { return "" }

// Shaped implements compose.Networks.
func (c *Cluster) Shaped(_ context.Context, name, _ string) ([]traffic.StandingRule, error) {
	return nil, unable(name)
}

// Shapes implements compose.Conditions.
func (c *Cluster) Shapes(context.Context, string) ([]string, error) { return nil, nil }

// Reset implements compose.Networks.
func (c *Cluster) Reset(_ context.Context, name string, _ []traffic.Match) (int, error) {
	return 0, unable(name)
}

// SetDisk implements compose.Disks.
func (c *Cluster) SetDisk(_ context.Context, name, _ string, _ disk.Fault) error { return unable(name) }

// LiftDisk implements compose.Disks.
func (c *Cluster) LiftDisk(_ context.Context, name, _ string) error { return unable(name) }

// LosePower implements compose.Disks.
func (c *Cluster) LosePower(_ context.Context, name string, _ disk.Tear) (disk.Loss, error) {
	return disk.Loss{}, unable(name)
}

// DiskState implements compose.Disks.
func (c *Cluster) DiskState(_ context.Context, name string) (disk.State, error) {
	return disk.State{}, unable(name)
}

// Data implements compose.Files.
func (c *Cluster) Data(_ context.Context, name string) (*os.Root, error) { return nil, unable(name) }

// Readdress implements compose.Networks.
func (c *Cluster) Readdress(_ context.Context, name string) error { return unable(name) }

package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/cgroup"
	"github.com/redis-chaos/redis-chaos/compose/local/networks"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
	"github.com/redis-chaos/redis-chaos/compose/news"
	"github.com/redis-chaos/redis-chaos/compose/software"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// Cluster is a cluster whose nodes are processes of this machine.
type Cluster struct {
	entry  *entry
	server software.Server
	// program is the server's binary or folder, as it was named.
	program string
	config  map[string]string
	net     *networks.Networks // nil in unprivileged mode
	news    *news.News
	byName  map[string]*node
	// readdressing is held while nodes and dial change, or are read.
	readdressing sync.RWMutex
	nodes        []compose.Node
	formerly     []netip.Addr // on the cluster network: of nodes that have others by now
	// dial maps what a node announces, address or name, to where it is dialled.
	dial map[string]string
	// by is the interface to the client network; any, in unprivileged mode.
	by     netdev.Device
	access compose.Access

	down     sync.Mutex // held while removing
	downDone bool
}

var _ compose.Cluster = (*Cluster)(nil)

// RunID is the id of the run that the cluster belongs to.
func (c *Cluster) RunID() string { return c.entry.RunID }

// Mode is the mode that the cluster was deployed in.
func (c *Cluster) Mode() Mode { return c.entry.Made.Mode }

// Nodes implements compose.Cluster.
func (c *Cluster) Nodes() []compose.Node {
	c.readdressing.RLock()
	defer c.readdressing.RUnlock()
	return slices.Clone(c.nodes)
}

// Dial implements compose.Cluster.
func (c *Cluster) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c.readdressing.RLock()
	to, known := c.dial[addr]
	c.readdressing.RUnlock()
	if !known {
		return nil, compose.UnknownError(network, addr)
	}
	return c.access.Dial(ctx, c.by, network, to)
}

// do does something to a node, and says what if it fails.
func (c *Cluster) do(verb, name string, f func(*node) error) error {
	n, ok := c.byName[name]
	if !ok {
		return fmt.Errorf("%s %s: no such node", verb, name)
	}
	if err := f(n); err != nil {
		return fmt.Errorf("%s %s: %w", verb, name, err)
	}
	return nil
}

// Signal implements compose.Cluster.
func (c *Cluster) Signal(_ context.Context, name, signal string) error {
	return c.do("kill", name, func(n *node) error {
		number := unix.SignalNum("SIG" + strings.TrimPrefix(signal, "SIG"))
		if number == 0 {
			return fmt.Errorf("unknown signal %q", signal)
		}
		s, err := n.running()
		if err != nil {
			return err
		}
		return s.Signal(number)
	})
}

// Stop implements compose.Cluster.
func (c *Cluster) Stop(ctx context.Context, name string, grace time.Duration) error {
	return c.do("stop", name, func(n *node) error { return n.stop(ctx, grace) })
}

// Start implements compose.Cluster.
func (c *Cluster) Start(ctx context.Context, name string) error {
	return c.do("start", name, func(n *node) error { return n.start(ctx) })
}

// Pause implements compose.Cluster.
func (c *Cluster) Pause(_ context.Context, name string) error {
	return c.do("pause", name, func(n *node) error {
		s, err := n.running()
		if err != nil {
			return err
		}
		return s.Freeze()
	})
}

// Unpause implements compose.Cluster.
func (c *Cluster) Unpause(_ context.Context, name string) error {
	return c.do("unpause", name, func(n *node) error {
		s, err := n.running()
		if err != nil {
			return ignoreEnded(err)
		}
		return s.Thaw()
	})
}

// Disconnect implements compose.Cluster. It needs isolated mode.
func (c *Cluster) Disconnect(ctx context.Context, name string, network compose.Network) error {
	return c.do("disconnect", name, func(n *node) error { return n.disconnect(ctx, network) })
}

// Connect implements compose.Cluster. It needs isolated mode.
func (c *Cluster) Connect(ctx context.Context, name string, network compose.Network) error {
	return c.do("connect", name, func(n *node) error { return n.connect(ctx, network) })
}

// Shape implements compose.Cluster. It needs isolated mode.
func (c *Cluster) Shape(ctx context.Context, name, rulesName string, rules []traffic.Rule) error {
	return c.do("changing what becomes of the packets of", name, func(n *node) error { return n.shaping.Set(ctx, n.traffic, rulesName, rules) })
}

// ShapedBy implements compose.Cluster.
func (c *Cluster) ShapedBy(name, rulesName string) (by string) {
	_ = c.do("asking about the packets of", name, func(n *node) error { // there are none of a node that there is not
		by = traffic.List(n.shaping.By(rulesName))
		return nil
	})
	return by
}

// Shaped implements compose.Cluster.
func (c *Cluster) Shaped(ctx context.Context, name, rulesName string) (done []traffic.StandingRule, err error) {
	err = c.do("counting what became of the packets of", name, func(n *node) error {
		done, err = n.shaping.Done(ctx, rulesName)
		return err
	})
	return done, err
}

// Reset implements compose.Cluster. It needs isolated mode.
func (c *Cluster) Reset(ctx context.Context, name string, matches []traffic.Match) (ended int, err error) {
	err = c.do("resetting connections of", name, func(n *node) error {
		ended, err = n.shaping.Reset(ctx, n.traffic, matches)
		return err
	})
	return ended, err
}

// LimitCPU implements compose.Cluster.
func (c *Cluster) LimitCPU(_ context.Context, name string, share float64) error {
	return c.do("limit the CPU of", name, func(n *node) error { return n.limitCPU(share) })
}

// LimitMemory implements compose.Cluster.
func (c *Cluster) LimitMemory(_ context.Context, name string, more int64) error {
	group := groupOf(c.entry.RunID, name)
	return c.do("limit the memory of", name, func(n *node) error {
		if more < 0 {
			return cgroup.Lift(group)
		}
		s, err := n.running()
		if err != nil {
			return err
		}
		return cgroup.Limit(group, s.PID(), more)
	})
}

// PID implements compose.Cluster.
func (c *Cluster) PID(_ context.Context, name string) (pid int, err error) {
	err = c.do("find the process of", name, func(n *node) error {
		s, err := n.running()
		if err != nil {
			return ignoreEnded(err)
		}
		pid = s.PID()
		return nil
	})
	return pid, err
}

// Watch implements compose.Cluster.
func (c *Cluster) Watch(ctx context.Context) (<-chan compose.Happening, error) {
	return c.news.Watch(ctx), nil
}

// Follow implements compose.Cluster.
func (c *Cluster) Follow(ctx context.Context, name string, tell func(compose.LogLine)) error {
	return c.do("reading the log of", name, func(n *node) error {
		n.log.Follow(ctx, tell)
		return nil
	})
}

// ClockOffset implements compose.Cluster: it is this machine's clock.
func (c *Cluster) ClockOffset(context.Context) (offset, within time.Duration, err error) {
	return 0, 0, nil
}

// Down implements compose.Cluster. The logs can still be read afterwards.
func (c *Cluster) Down(ctx context.Context) error {
	c.down.Lock()
	defer c.down.Unlock()
	if c.downDone {
		return nil
	}
	errs := []error{c.each(func(n *node) error {
		if err := n.remove(); err != nil {
			return err
		}
		if n.log == nil {
			return nil
		}
		return n.log.Close()
	})}
	if c.net != nil {
		c.net.Close()
	}
	errs = append(errs, c.entry.Made.remove(ctx, c.entry.RunID))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("removing cluster %s: %w", c.entry.RunID, err)
	}
	c.downDone = true
	return c.entry.Unregister()
}

// each does something to every node at once.
func (c *Cluster) each(f func(*node) error) error {
	nodes := c.Nodes()
	return compose.EachNode(nodes, func(i int) error { return f(c.byName[nodes[i].Name]) })
}

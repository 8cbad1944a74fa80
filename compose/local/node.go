package local

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/compose/local/logbook"
	"github.com/redis-chaos/redis-chaos/compose/local/networks"
	"github.com/redis-chaos/redis-chaos/compose/local/process"
	"github.com/redis-chaos/redis-chaos/compose/news"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// errRemoved is the error of using a node after its cluster is down.
var errRemoved = errors.New("the cluster has been removed")

// node is one node of a cluster, whose servers come and go.
type node struct {
	name string
	// file is what is run as the server, with argv, in the folder dir.
	file string
	argv []string
	dir  string
	log  *logbook.Logbook
	news *news.News
	// net is nil in unprivileged mode.
	net   *networks.Node
	addrs map[compose.Network]netip.Addr

	// token holds a token: who has taken it starts or stops the server, or moves
	// the node's interfaces.
	token chan struct{}

	// disk is what the server's data are on; nil if that is nothing of its own. data is where they are.
	disk disk.Disk
	data string
	// diskServer is the command that serves it.
	diskServer []string

	shaping traffic.Layers

	limiting sync.Mutex
	limit    *process.Throttle // nil: its servers may have all of a CPU

	mu      sync.Mutex
	current *process.Process // the last one started
	removed bool
	off     []compose.Network // the networks that it has been taken off
}

// take waits for the turn; release ends it.
func (n *node) take(ctx context.Context) error {
	select {
	case <-n.token:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (n *node) release() { n.token <- struct{}{} }

func (n *node) tell(h compose.Happening) {
	h.Node = n.name
	n.news.Publish(h)
}

// running is the node's server, if it has one that has not ended.
func (n *node) running() (*process.Process, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.removed:
		return nil, errRemoved
	case n.current == nil || !n.current.Alive():
		return nil, process.ErrEnded
	}
	return n.current, nil
}

// start starts a server on the node's data, unless one is running.
func (n *node) start(ctx context.Context) error {
	if err := n.take(ctx); err != nil {
		return err
	}
	defer n.release()
	if _, err := n.running(); !errors.Is(err, process.ErrEnded) {
		return err
	}
	wanted := process.Spec{File: n.file, Argv: n.argv, Dir: n.dir, Log: n.log.Read, Tell: n.tell}
	if n.net != nil {
		wanted.Enter = n.net.Enter
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.removed {
		return errRemoved
	}
	s, err := process.Start(wanted)
	if err != nil {
		return err
	}
	n.current = s
	return nil
}

// stop asks the server to end, and kills it after grace.
func (n *node) stop(ctx context.Context, grace time.Duration) error {
	if err := n.take(ctx); err != nil {
		return err
	}
	defer n.release()
	s, err := n.running()
	if errors.Is(err, process.ErrEnded) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := ignoreEnded(s.Signal(syscall.SIGTERM)); err != nil {
		return err
	}
	patience := time.NewTimer(grace)
	defer patience.Stop()
	select {
	case <-s.Done():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-patience.C:
	}
	if err := ignoreEnded(s.Signal(syscall.SIGKILL)); err != nil {
		return err
	}
	<-s.Done()
	return nil
}

func ignoreEnded(err error) error {
	if errors.Is(err, process.ErrEnded) {
		return nil
	}
	return err
}

// disconnect takes the node off a network.
func (n *node) disconnect(ctx context.Context, network compose.Network) error {
	return n.rewire(ctx, network, func() error {
		if slices.Contains(n.off, network) {
			return fmt.Errorf("it is off the %s network already", network)
		}
		at, err := n.net.Detach(network)
		if err != nil {
			return err
		}
		n.off = append(n.off, network)
		n.tell(compose.Happening{Action: compose.Disconnected, Network: network, Time: at})
		return nil
	})
}

// connect puts the node back on a network, unless it is on it.
func (n *node) connect(ctx context.Context, network compose.Network) error {
	return n.rewire(ctx, network, func() error {
		i := slices.Index(n.off, network)
		if i < 0 {
			return nil
		}
		at, err := n.net.Attach(network)
		if err != nil {
			return err
		}
		n.off = slices.Delete(n.off, i, i+1)
		n.tell(compose.Happening{Action: compose.Connected, Network: network, Time: at})
		return nil
	})
}

// rewire calls f, which changes what the node is connected to, in the node's
// turn and while it is locked.
func (n *node) rewire(ctx context.Context, network compose.Network, f func() error) error {
	if n.net == nil {
		return offline(network)
	}
	if err := n.take(ctx); err != nil {
		return err
	}
	defer n.release()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.removed {
		return errRemoved
	}
	return f()
}

// traffic is what becomes of the node's packets.
func (n *node) traffic() (traffic.Rules, error) {
	if n.net == nil {
		return nil, errors.New(Unprivileged.Lacks(compose.Shaping))
	}
	table, err := n.net.Traffic()
	if err != nil {
		return nil, err
	}
	return table, nil
}

// limitCPU gives the node's servers a share of a CPU at the most; 0 is no limit.
func (n *node) limitCPU(share float64) error {
	n.limiting.Lock()
	defer n.limiting.Unlock()
	n.unlimit()
	if share == 0 {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.removed {
		return errRemoved
	}
	limit, err := process.StartThrottle(share, n.running)
	if err != nil {
		return err
	}
	n.limit = limit
	return nil
}

// unlimit ends a limit. The caller holds n.limiting.
func (n *node) unlimit() {
	if n.limit != nil {
		n.limit.End()
		n.limit = nil
	}
}

// remove ends the server for good.
func (n *node) remove() error {
	n.mu.Lock()
	n.removed = true
	s := n.current
	n.mu.Unlock()
	n.limiting.Lock()
	n.unlimit()
	n.limiting.Unlock()
	err := n.shaping.Close()
	if s != nil {
		err = errors.Join(err, s.Kill())
	}
	if n.disk != nil {
		err = errors.Join(err, n.disk.Unmount(context.Background()))
	}
	return err
}

// check fails if the server has ended, with its last words.
func (n *node) check() error {
	n.mu.Lock()
	s := n.current
	n.mu.Unlock()
	select {
	case <-s.Done():
		return fmt.Errorf("the server ended with status %s right after its start; its last words:%s", s.Status(), n.log.LastWords())
	default:
		return nil
	}
}

// makeFolder makes the node's folder with its log, and that of its data.
func (n *node) makeFolder(ctx context.Context) (err error) {
	if err := os.Mkdir(n.dir, 0o755); err != nil {
		return err
	}
	if n.log, err = logbook.Create(n.dir + "/server.log"); err != nil || n.data == n.dir {
		return err
	}
	if err := os.Mkdir(n.data, 0o755); err != nil {
		return err
	}
	return n.mount(ctx)
}

package local

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/credentials"
	"github.com/redis-chaos/redis-chaos/compose/local/networks"
)

const (
	// redisPort is every node's port where each has addresses of its own.
	redisPort = 6379
	// busOffset lies between a node's port and its cluster bus port.
	busOffset = 10000
	lastPort  = 65535 - busOffset
)

// plan lays a run out beside the others: where its nodes live, on which ports, or
// in isolated mode in which subnets. Nothing is made yet.
func (o Options) plan(executable string, nets [2]netip.Prefix, others []item) (layout, error) {
	l := layout{Mode: o.Mode, Server: executable, Keep: o.Keep, Disks: o.Disks,
		Nodes: compose.NodeNames(o.Masters, o.Replicas)}
	var err error
	if l.Dir, err = realPath(o.Dir); err != nil {
		return l, fmt.Errorf("finding the run folder: %w", err)
	}
	if _, err := os.Stat(l.Dir); errors.Is(err, fs.ErrNotExist) {
		l.MadeDir = true
	}
	for _, other := range others {
		if other.Made.Dir == l.Dir {
			return l, fmt.Errorf("run %q lives in %s: choose another run folder", other.RunID, l.Dir)
		}
	}
	for _, name := range append([]string{confName}, l.Nodes...) {
		if _, err := os.Lstat(filepath.Join(l.Dir, name)); err == nil {
			return l, fmt.Errorf("%s is there already; nothing was touched: choose another run folder", filepath.Join(l.Dir, name))
		}
	}
	if len(o.Access.Files()) > 0 {
		if l.Access, err = credentials.Folder(place, o.RunID); err != nil {
			return l, err
		}
	}
	if o.Mode == Isolated {
		if err := networks.InTheWay(o.RunID, l.Nodes); err != nil {
			return l, err
		}
		l.ClientNet, l.ClusterNet = nets[0], nets[1]
		return l, nil
	}
	l.Ports, err = pickPorts(o.FirstPort, len(l.Nodes), others)
	return l, err
}

// realPath is an absolute path without symbolic links, as far as it exists.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
		return real, err
	}
	parent, err := realPath(filepath.Dir(path))
	return filepath.Join(parent, filepath.Base(path)), err
}

// reserveSubnets reserves the subnets of a run in isolated mode.
func (o Options) reserveSubnets() (_ [2]netip.Prefix, release func(), err error) {
	if o.Mode != Isolated {
		return [2]netip.Prefix{}, func() {}, nil
	}
	usual := compose.UsualSubnets()
	return compose.ReserveSubnets(o.RunID, usual, networks.Routed)
}

// pickPorts finds ports, from first on, that are free together with their bus
// ports.
func pickPorts(first, n int, others []item) ([]int, error) {
	if first < 1 || first > lastPort {
		return nil, fmt.Errorf("first port %d: it can be 1 to %d, for the cluster bus is %d above it", first, lastPort, busOffset)
	}
	var taken []int
	for _, other := range others {
		taken = append(taken, other.Made.Ports...)
	}
	var ports []int
	for port := first; port <= lastPort && len(ports) < n; port++ {
		if !slices.Contains(taken, port) && !slices.Contains(ports, port-busOffset) && isFree(port) && isFree(port+busOffset) {
			ports = append(ports, port)
		}
	}
	if len(ports) < n {
		return nil, fmt.Errorf("only %d of %d ports from %d to %d are free together with their cluster bus ports (%d above): choose a lower first port, or stop what holds them (ss -ltnp names it)", len(ports), n, first, lastPort, busOffset)
	}
	return ports, nil
}

func isFree(port int) bool {
	l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

package local

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/process"
)

// Readdress implements compose.Cluster. In unprivileged mode, where all nodes share an address, it is another port.
func (c *Cluster) Readdress(ctx context.Context, name string) error {
	return c.do("give another address to", name, func(n *node) error {
		c.readdressing.Lock()
		defer c.readdressing.Unlock()
		i := slices.IndexFunc(c.nodes, func(of compose.Node) bool { return of.Name == name })
		is := c.nodes[i]
		var err error
		if c.net == nil {
			err = c.toPort(ctx, n, &is)
		} else {
			err = c.toAddress(ctx, n, &is)
		}
		if err != nil {
			return err
		}
		delete(c.dial, c.nodes[i].Addr)
		c.dial[is.Addr], c.dial[fmt.Sprintf("%s:%d", name, redisPort)] = is.ClientAddr, is.ClientAddr
		c.nodes[i] = is
		return nil
	})
}

// toPort gives a node another port.
func (c *Cluster) toPort(ctx context.Context, n *node, is *compose.Node) error {
	last := 0
	for _, of := range c.nodes {
		at, err := netip.ParseAddrPort(of.Addr)
		if err != nil {
			return err
		}
		last = max(last, int(at.Port()))
	}
	ports, err := pickPorts(last+1, 1, nil)
	if err != nil {
		return err
	}
	if err := n.rewrite(ctx, "--port", strconv.Itoa(ports[0]), func() error { return nil }); err != nil {
		return err
	}
	is.Addr = address(netip.AddrFrom4([4]byte{127, 0, 0, 1}), ports[0])
	is.Announced, is.ClientAddr, is.HostAddr = is.Addr, is.Addr, is.Addr
	return nil
}

// toAddress gives a node another address on the cluster network.
func (c *Cluster) toAddress(ctx context.Context, n *node, is *compose.Node) error {
	var taken []netip.Addr
	for _, of := range c.nodes {
		at, err := netip.ParseAddrPort(of.Addr)
		if err != nil {
			return err
		}
		taken = append(taken, at.Addr())
	}
	to, err := compose.FreeAddress(c.entry.Made.ClusterNet, append(taken, c.formerly...))
	if err != nil {
		return err
	}
	err = n.rewrite(ctx, "--cluster-announce-ip", to.String(), func() error {
		return n.net.Readdress(compose.ClusterNetwork, to, !slices.Contains(n.off, compose.ClusterNetwork))
	})
	if err != nil {
		return err
	}
	was, _ := netip.ParseAddrPort(is.Addr)
	c.formerly = append(c.formerly, was.Addr())
	is.Addr = address(to, redisPort)
	is.Announced = is.Addr
	return nil
}

// rewrite gives an option of the node's servers another value, in the node's turn and while none runs, once f has
// done what goes with it.
func (n *node) rewrite(ctx context.Context, option, value string, f func() error) error {
	if err := n.take(ctx); err != nil {
		return err
	}
	defer n.release()
	if _, err := n.running(); !errors.Is(err, process.ErrEnded) {
		return errors.Join(err, errors.New("its server has not ended"))
	}
	i := slices.Index(n.argv, option)
	if i < 0 || i+1 >= len(n.argv) {
		return fmt.Errorf("its server is started without %s", option)
	}
	if err := f(); err != nil {
		return err
	}
	n.argv = slices.Clone(n.argv)
	n.argv[i+1] = value
	return nil
}

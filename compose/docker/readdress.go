package docker

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"github.com/redis-chaos/redis-chaos/compose"
)

// Readdress implements compose.Cluster. The container keeps the command that it was made with, and so the address that
// this has the server announce: it is told the other one after each start.
func (d *Cluster) Readdress(ctx context.Context, node string) error {
	return wrap("give another address to", node, d.readdress(ctx, node))
}

func (d *Cluster) readdress(ctx context.Context, node string) error {
	d.joining.Lock()
	defer d.joining.Unlock()
	info, err := d.engine.ContainerInspect(ctx, d.containers[node])
	switch {
	case err != nil:
		return err
	case info.State != nil && info.State.Status != container.StateExited:
		return errors.New("its server has not ended")
	}
	to, err := d.freeAddress(ctx)
	if err != nil {
		return err
	}
	d.readdressing.Lock()
	nodes := slices.Clone(d.nodes)
	i := slices.IndexFunc(nodes, func(n compose.Node) bool { return n.Name == node })
	was := nodes[i].Addr
	nodes[i].Addr = fmt.Sprintf("%s:%d", to, redisPort)
	if nodes[i].Announced == was { // else it is a name, which stays
		nodes[i].Announced = nodes[i].Addr
		d.announced[node] = to.String()
	}
	d.nodes = nodes
	d.dial[nodes[i].Addr] = d.dial[was]
	delete(d.dial, was)
	d.readdressing.Unlock()
	if err := d.engine.NetworkDisconnect(ctx, d.networks[compose.ClusterNetwork], d.containers[node], true); err != nil && !isOffNetwork(err) {
		return err
	}
	return d.join(ctx, node, compose.ClusterNetwork)
}

// freeAddress is one on the cluster network that no container has, nor was made with.
func (d *Cluster) freeAddress(ctx context.Context) (netip.Addr, error) {
	seen, err := d.engine.NetworkInspect(ctx, d.networks[compose.ClusterNetwork], network.InspectOptions{})
	if err != nil {
		return netip.Addr{}, err
	}
	var taken []netip.Addr
	for _, c := range seen.Containers {
		if at, err := netip.ParsePrefix(c.IPv4Address); err == nil {
			taken = append(taken, at.Addr())
		}
	}
	for _, n := range d.Nodes() { // also of those whose containers are down
		if at, err := netip.ParseAddrPort(n.Addr); err == nil {
			taken = append(taken, at.Addr())
		}
	}
	if len(seen.IPAM.Config) == 0 {
		return netip.Addr{}, fmt.Errorf("the network %s has no subnet", seen.Name)
	}
	subnet, err := netip.ParsePrefix(seen.IPAM.Config[0].Subnet)
	if err != nil {
		return netip.Addr{}, err
	}
	return compose.FreeAddress(subnet, taken)
}

// announcePatience is how long a server may take to be told the address that it announces.
const announcePatience = 10 * time.Second

// announceAgain has a server that was started announce the address that its node was given.
func (d *Cluster) announceAgain(ctx context.Context, node string) error {
	d.readdressing.RLock()
	addr, other := d.announced[node]
	d.readdressing.RUnlock()
	if !other {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, announcePatience)
	defer cancel()
	client := compose.DirectClient(d, compose.Address(d, node), time.Second)
	defer client.Close()
	for {
		err := client.ConfigSet(ctx, "cluster-announce-ip", addr).Err()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

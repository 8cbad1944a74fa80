package docker

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/journal"
	"github.com/redis-chaos/redis-chaos/compose/proc"
)

// checkNames fails if a container, network or volume that the deployment would
// create is there already: Compose would take it over, data and all. Networks that an
// earlier run has left are in nobody's way: tag tells the new ones apart.
func (e *Engine) checkNames(ctx context.Context, d Deployment, left []Leftover) (tag string, err error) {
	all, err := e.parts(ctx, filters.NewArgs())
	if err != nil {
		return "", err
	}
	taken := map[string]part{}
	for _, p := range all {
		taken[string(p.kind)+" "+p.name] = p
	}
	for n := 2; slices.ContainsFunc(d.networkNames(), func(name string) bool {
		p, ok := taken[name]
		return ok && slices.ContainsFunc(left, p.is)
	}); n++ {
		d.NetworkTag = fmt.Sprintf("%d-", n)
	}
	wanted := append(d.networkNames(), "container "+lifelineName(d.RunID))
	for _, n := range d.planned() {
		wanted = append(wanted, "container "+d.Prefix+n.Name, "volume "+d.Prefix+n.Volume)
	}
	for _, name := range wanted {
		p, ok := taken[name]
		if !ok {
			continue
		}
		if run := p.labels[RunLabel]; run != "" {
			if slices.ContainsFunc(all, func(p part) bool { return p.holds() && p.labels[RunLabel] == run }) {
				return "", fmt.Errorf("the %s is in the way: %w", name, &journal.InProgressError{RunID: run})
			}
			return "", fmt.Errorf("the %s of cluster %q is in the way: `chaos down %s` removes that cluster", name, run, run)
		}
		return "", fmt.Errorf("a %s that is not ours is in the way; nothing was touched: rename or remove it, or run under another name", name)
	}
	return d.NetworkTag, nil
}

// networkNames are the names of the networks that the deployment creates.
func (d Deployment) networkNames() []string {
	return []string{"network " + d.networkName(clientNet), "network " + d.networkName(clusterNet)}
}

// checkNeighbours fails if the nodes would not fit into this machine's neighbour
// (ARP) table. Every node has every other in it, all containers share it, and
// what does not fit is dropped: large clusters then never form.
func (e *Engine) checkNeighbours(nodes int) error {
	if !strings.HasPrefix(e.DaemonHost(), "unix://") {
		return nil // the table is that of another machine
	}
	text, err := os.ReadFile("/proc/sys/net/ipv4/neigh/default/gc_thresh3")
	if err != nil {
		return nil // not Linux: the engine has a machine of its own
	}
	limit, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return nil
	}
	return fitsNeighbours(nodes, limit)
}

func fitsNeighbours(nodes, limit int) error {
	// Each node's peers, and each node on both networks as the host sees it.
	if need := nodes * (nodes + 1); need > limit {
		return fmt.Errorf("%d nodes need about %d entries in the kernel's neighbour table, and it holds %d: sudo sysctl -w net.ipv4.neigh.default.gc_thresh3=%d, or deploy fewer nodes",
			nodes, need, limit, 2*need)
	}
	return nil
}

// freePorts finds a host port for each node.
func (e *Engine) freePorts(ctx context.Context, nodes []planned, policy compose.PortPolicy) ([]int, error) {
	published, err := e.publishedPorts(ctx)
	if err != nil {
		return nil, err
	}
	ports := make([]int, 0, len(nodes))
	next := policy.First
	for _, n := range nodes {
		for {
			if next > 65535 {
				return nil, fmt.Errorf("no free host port for %s from %d on", n.Name, policy.First)
			}
			holder, taken := published[next]
			if !taken && portIsFree(next) {
				break
			}
			if policy.Fixed {
				if !taken {
					holder = proc.PortHolder(next)
				}
				return nil, fmt.Errorf("host port %d, for %s, is taken by %s: stop it, choose other ports (--port), or let them move (without --fixed-ports)", next, n.Name, holder)
			}
			next++
		}
		ports = append(ports, next)
		next++
	}
	return ports, nil
}

// publishedPorts maps the host ports that containers publish to the containers'
// names. A node that a fault has stopped publishes none for the moment, and will
// want them back: those of our own count whether they run or not.
func (e *Engine) publishedPorts(ctx context.Context) (map[int]string, error) {
	containers, err := e.ContainerList(ctx, container.ListOptions{All: true})
	if err != nil {
		return nil, fmt.Errorf("listing containers: %w", err)
	}
	ports := map[int]string{}
	for _, c := range containers {
		if len(c.Names) == 0 {
			continue
		}
		name := "container " + containerName(c)
		for _, p := range c.Ports {
			if p.PublicPort != 0 {
				ports[int(p.PublicPort)] = name
			}
		}
		if c.State == container.StateRunning || c.Labels[RunLabel] == "" {
			continue
		}
		info, err := e.ContainerInspect(ctx, c.ID)
		if err != nil || info.HostConfig == nil {
			continue // it has just been removed
		}
		for _, bindings := range info.HostConfig.PortBindings {
			for _, b := range bindings {
				if port, err := strconv.Atoi(b.HostPort); err == nil {
					ports[port] = name
				}
			}
		}
	}
	return ports, nil
}

func portIsFree(port int) bool {
	l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// subnets lists those of the engine's networks.
func (e *Engine) subnets(ctx context.Context) ([]netip.Prefix, error) {
	networks, err := e.NetworkList(ctx, network.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("listing networks: %w", err)
	}
	var subnets []netip.Prefix
	for _, n := range networks {
		for _, c := range n.IPAM.Config {
			if p, err := netip.ParsePrefix(c.Subnet); err == nil {
				subnets = append(subnets, p.Masked())
			}
		}
	}
	return subnets, nil
}

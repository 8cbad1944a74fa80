package docker

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

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker/project"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
)

// Cluster is a cluster whose nodes are containers of an engine.
type Cluster struct {
	engine *Engine
	runID  string
	owner  string        // its OwnerLabel
	run    *Registration // nil if it was found, and not deployed
	// sites are those of a cluster of the user's, by node; none of one that this program deployed.
	sites map[string]*site
	// found is when that was found.
	found time.Time
	// ways lead to the nodes of a cluster of the user's; nil for one that this program deployed.
	ways *project.Ways
	// signalled is what Watch is told of signals that were not sent by the engine.
	signalled chan compose.Happening
	// readdressing is held while nodes, dial and announced change, or are read.
	readdressing sync.RWMutex
	nodes        []compose.Node
	// announced are the addresses that nodes announce in place of those that their containers were made with.
	announced map[string]string
	// containers and networks hold engine ids, by node name and by network.
	containers map[string]string
	networks   map[compose.Network]string
	// dial maps what a node announces, address or name, to where it is dialled:
	// its address on the client network, or its published port where that network
	// cannot be reached from here.
	dial map[string]string
	// by is the interface to the client network; any, where published ports are dialled.
	by      netdev.Device
	access  compose.Access
	shaping shaping
	// joining is held while a node joins networks. Engines before 28 keep a count of
	// the containers on each network, which goes wrong when three or more join or leave
	// it at once (https://github.com/moby/moby/issues/42119). Where it is too high, the
	// network cannot be removed until the engine is restarted.
	joining sync.Mutex
	limits  limits
	// formedIn is how long it took from every node answering PING to the formed cluster.
	formedIn time.Duration
}

var _ compose.Cluster = (*Cluster)(nil)

// Attach finds the cluster with a run id among the engine's containers.
func (e *Engine) Attach(ctx context.Context, runID string) (*Cluster, error) {
	byRun := filters.NewArgs(filters.Arg("label", RunLabel+"="+runID), filters.Arg("label", NodeLabel))
	containers, err := e.ContainerList(ctx, container.ListOptions{All: true, Filters: byRun})
	if err != nil {
		return nil, fmt.Errorf("listing containers: %w", err)
	}
	if len(containers) == 0 {
		return nil, fmt.Errorf("no cluster %q is up", runID)
	}
	d := &Cluster{engine: e, runID: runID, containers: map[string]string{}, networks: map[compose.Network]string{}, dial: map[string]string{}, announced: map[string]string{}}
	networks, err := e.NetworkList(ctx, network.ListOptions{Filters: filters.NewArgs(filters.Arg("label", RunLabel+"="+runID))})
	if err != nil {
		return nil, fmt.Errorf("listing networks: %w", err)
	}
	for _, n := range networks {
		d.networks[networkOf(n.Name)] = n.ID
	}
	for _, c := range containers {
		node := compose.Node{Name: c.Labels[NodeLabel], Zone: c.Labels[zoneLabel]}
		d.containers[node.Name], d.owner = c.ID, c.Labels[OwnerLabel]
		for name, endpoint := range c.NetworkSettings.Networks {
			ip := endpoint.IPAddress
			if endpoint.IPAMConfig != nil && endpoint.IPAMConfig.IPv4Address != "" {
				ip = endpoint.IPAMConfig.IPv4Address // there even while the container is down
			}
			addr := fmt.Sprintf("%s:%d", ip, redisPort)
			on := networkOf(name)
			if on == compose.ClientNetwork {
				node.ClientAddr = addr
			} else {
				node.Addr = addr
			}
			if endpoint.NetworkID != "" { // an earlier run may have left networks of the same labels
				d.networks[on] = endpoint.NetworkID
			}
			node.Announced = node.Addr
		}
		if name := c.Labels[announceLabel]; name != "" {
			node.Announced = fmt.Sprintf("%s:%d", name, redisPort)
		}
		for _, p := range c.Ports {
			if p.PrivatePort == redisPort && p.PublicPort != 0 && p.IP != "::" { // IPv6 can have another port
				node.HostAddr = fmt.Sprintf("127.0.0.1:%d", p.PublicPort)
			}
		}
		d.nodes = append(d.nodes, node)
	}
	slices.SortFunc(d.nodes, func(a, b compose.Node) int { return compareNames(a.Name, b.Name) })
	d.fillAddresses(networks)
	published := !d.reaches(ctx)
	if published {
		d.by = netdev.Device{}
	}
	for _, n := range d.nodes {
		to := n.ClientAddr
		if published {
			to = n.HostAddr
		}
		for _, known := range []string{n.Addr, n.Announced, fmt.Sprintf("%s:%d", n.Name, redisPort)} {
			d.dial[known] = to
		}
	}
	d.access, err = e.keptAccess(ctx, runID, d.owner)
	return d, err
}

// fillAddresses gives nodes that are off a network the address there that they were deployed with, as the engine
// has forgotten it.
func (d *Cluster) fillAddresses(networks []network.Inspect) {
	var plan compose.Deployment
	for _, n := range d.nodes {
		if strings.HasPrefix(n.Name, "redis-master-") {
			plan.Masters++
		} else {
			plan.Replicas++ // there may be as many as that for each master
		}
	}
	for _, n := range networks {
		for _, c := range n.IPAM.Config {
			subnet, err := netip.ParsePrefix(c.Subnet)
			switch {
			case err != nil:
			case networkOf(n.Name) == compose.ClientNetwork:
				plan.ClientNet = subnet
			default:
				plan.ClusterNet = subnet
			}
		}
	}
	for _, p := range plan.Nodes() {
		for i := range d.nodes {
			n := &d.nodes[i]
			if n.Name != p.Name {
				continue
			}
			if n.ClientAddr == "" && p.ClientAddr.IsValid() {
				n.ClientAddr = fmt.Sprintf("%s:%d", p.ClientAddr, redisPort)
			}
			if n.Addr == "" && p.ClusterAddr.IsValid() {
				n.Addr = fmt.Sprintf("%s:%d", p.ClusterAddr, redisPort)
			}
			if n.Announced == "" {
				n.Announced = n.Addr
			}
		}
	}
}

// networkOf is the network of a name in the engine.
func networkOf(name string) compose.Network {
	if strings.HasSuffix(name, clientNet) {
		return compose.ClientNetwork
	}
	return compose.ClusterNetwork
}

// compareNames orders redis-master-2 before redis-master-10.
func compareNames(a, b string) int {
	if c := len(a) - len(b); c != 0 && strings.TrimRight(a, "0123456789") == strings.TrimRight(b, "0123456789") {
		return c
	}
	return strings.Compare(a, b)
}

// reaches tells whether some node can be dialled on the client network, by the interface
// to it.
// Containers that are still starting refuse the connection, which proves the way
// as well.
func (d *Cluster) reaches(ctx context.Context) bool {
	const patience = 500 * time.Millisecond
	for _, n := range d.nodes[:min(3, len(d.nodes))] {
		at, err := netip.ParseAddrPort(n.ClientAddr)
		if err != nil {
			continue // it is off the network
		}
		d.by = netdev.To(at.Addr())
		conn, err := d.by.Dial(ctx, "tcp", n.ClientAddr, patience)
		if err == nil {
			conn.Close()
			return true
		}
		if strings.Contains(err.Error(), "refused") {
			return true
		}
	}
	return false
}

// Nodes implements compose.Cluster.
func (d *Cluster) Nodes() []compose.Node {
	if d.ways != nil {
		nodes := slices.Clone(d.nodes)
		for i := range nodes {
			nodes[i].Addr, nodes[i].ClientAddr = d.ways.Addr(nodes[i].Name), d.ways.ClientAddr(nodes[i].Name)
		}
		return nodes
	}
	d.readdressing.RLock()
	defer d.readdressing.RUnlock()
	return slices.Clone(d.nodes)
}

// Dial implements compose.Cluster.
func (d *Cluster) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if d.ways != nil {
		return d.dialUsers(ctx, network, addr)
	}
	d.readdressing.RLock()
	to, known := d.dial[addr]
	d.readdressing.RUnlock()
	switch {
	case !known:
		return nil, compose.UnknownError(network, addr)
	case to == "":
		return nil, errors.New("the node is off the client network")
	}
	return d.access.Dial(ctx, d.by, network, to)
}

// Signal implements compose.Cluster.
func (d *Cluster) Signal(ctx context.Context, node, signal string) error {
	if s := d.siteOf(node); s != nil {
		return wrap("kill", node, d.signalServer(node, s, signal))
	}
	err := d.engine.ContainerKill(ctx, d.containers[node], signal)
	if isNotRunning(err) {
		err = fmt.Errorf("it is not running: %w", err)
	}
	return wrap("kill", node, err)
}

// Stop implements compose.Cluster.
func (d *Cluster) Stop(ctx context.Context, node string, grace time.Duration) error {
	if s := d.sharedSite(node); s != nil {
		return wrap("stop", node, d.stopServer(ctx, node, s, grace))
	}
	seconds := int((grace + time.Second - 1) / time.Second)
	return wrap("stop", node, d.engine.ContainerStop(ctx, d.containers[node], container.StopOptions{Timeout: &seconds}))
}

// Start implements compose.Cluster.
func (d *Cluster) Start(ctx context.Context, node string) error {
	d.joining.Lock()
	defer d.joining.Unlock()
	if err := d.engine.ContainerStart(ctx, d.containers[node], container.StartOptions{}); err != nil {
		return wrap("start", node, err)
	}
	if s := d.siteOf(node); s != nil && d.engine.isBeside() {
		if err := d.awaitServer(ctx, s); err != nil {
			return wrap("start", node, err)
		}
	}
	if d.ways != nil {
		if err := d.findWays(ctx); err != nil {
			return wrap("start", node, err)
		}
	}
	return errors.Join(wrap("have it announce its address:", node, d.announceAgain(ctx, node)), d.limitAgain(ctx, node), wrap("change what becomes of the packets of", node, d.shapeAgain(ctx, node)))
}

// Pause implements compose.Cluster.
func (d *Cluster) Pause(ctx context.Context, node string) error {
	if s := d.sharedSite(node); s != nil {
		return wrap("pause", node, d.signalServer(node, s, "SIGSTOP"))
	}
	return wrap("pause", node, d.engine.ContainerPause(ctx, d.containers[node]))
}

// Unpause implements compose.Cluster.
func (d *Cluster) Unpause(ctx context.Context, node string) error {
	if s := d.sharedSite(node); s != nil {
		return wrap("unpause", node, d.signalServer(node, s, "SIGCONT"))
	}
	err := d.engine.ContainerUnpause(ctx, d.containers[node])
	if isNotPaused(err) {
		return nil
	}
	return wrap("unpause", node, err)
}

// Disconnect implements compose.Cluster.
func (d *Cluster) Disconnect(ctx context.Context, node string, n compose.Network) error {
	err := d.engine.NetworkDisconnect(ctx, d.networks[n], d.containers[node], false)
	if d.ways != nil && isOffNetwork(err) { // where both networks are one
		return nil
	}
	return wrap("disconnect", node, err)
}

// Connect implements compose.Cluster.
func (d *Cluster) Connect(ctx context.Context, node string, n compose.Network) error {
	d.joining.Lock()
	defer d.joining.Unlock()
	join := d.join
	if d.ways != nil {
		join = d.rejoin
	}
	err := join(ctx, node, n)
	if !isOnNetwork(err) {
		return wrap("connect", node, err)
	}
	// Either it is on the network, or it has left and the engine failed to remove its
	// endpoint, which then is in the way.
	seen, err := d.engine.NetworkInspect(ctx, d.networks[n], network.InspectOptions{})
	if err != nil {
		return wrap("connect", node, err)
	}
	if _, on := seen.Containers[d.containers[node]]; on {
		return nil
	}
	if err := d.engine.NetworkDisconnect(ctx, d.networks[n], d.containers[node], true); err != nil {
		return wrap("connect", node, fmt.Errorf("removing what is left of its endpoint: %w", err))
	}
	return wrap("connect", node, join(ctx, node, n))
}

// join puts a node on a network at its own address.
func (d *Cluster) join(ctx context.Context, node string, n compose.Network) error {
	nodes := d.Nodes()
	i := slices.IndexFunc(nodes, func(n compose.Node) bool { return n.Name == node })
	addr, names := nodes[i].Addr, []string{node}
	if n == compose.ClientNetwork {
		addr = nodes[i].ClientAddr
	} else if host, _, _ := net.SplitHostPort(nodes[i].Announced); nodes[i].Announced != addr {
		names = append(names, host)
	}
	ip, err := netip.ParseAddrPort(addr)
	if err != nil {
		return err
	}
	return d.engine.NetworkConnect(ctx, d.networks[n], d.containers[node], d.engine.endpoint(ip.Addr(), names...))
}

func wrap(verb, node string, err error) error {
	switch {
	case errdefs.IsNotFound(err):
		return fmt.Errorf("%s %s: %w: %w", verb, node, compose.ErrVanished, err)
	case err != nil:
		return fmt.Errorf("%s %s: %w", verb, node, err)
	}
	return nil
}

// Down implements compose.Cluster.
func (d *Cluster) Down(ctx context.Context) error {
	d.shaping.end()
	_ = d.shaping.letGo() // what it cannot remove is removed with the rest
	if d.run == nil {
		return d.engine.Remove(ctx, d.runID)
	}
	return d.run.Remove(ctx)
}

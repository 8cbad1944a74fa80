// Package compose turns a topology into a running, bootstrapped Redis Cluster,
// and owns the handles that faults act through. It knows nothing of workloads
// or reports.
package compose

import (
	"fmt"
	"net/netip"
	"strings"
)

// Labels that mark everything that is created in the engine. Nothing without
// RunLabel is ever touched.
const (
	RunLabel   = "io.redis-chaos.run"
	OwnerLabel = "io.redis-chaos.owner" // tells runs of the same id apart
	NodeLabel  = "io.redis-chaos.node"
	// LifelineLabel marks the container by which a run shows that it lives; no node.
	LifelineLabel = "io.redis-chaos.lifeline"
	// announceLabel holds the name that a node announces, if it announces one.
	announceLabel = "io.redis-chaos.announces"
)

// DefaultRunID labels the committed docker-compose.yml and what `chaos up` starts.
const DefaultRunID = "up"

// redisPort is the port that every node listens on inside its container.
const redisPort = 6379

// firstHost is the host number of the first node in both subnets.
const firstHost = 11

// Deployment says what is deployed: everything that the compose file holds.
type Deployment struct {
	RunID string
	// Owner is the OwnerLabel, which only what a run deploys carries.
	Owner string
	// Prefix goes before the names of containers, networks and volumes, so that
	// several runs can stand side by side. Empty gives the plain names.
	Prefix string
	// NetworkTag goes between the prefix and the names of the networks. Empty, unless
	// networks of the plain names are left of an earlier run.
	NetworkTag string
	Masters    int // 3 to 30
	Replicas   int // per master, 0 to 5
	Image      string
	// Config holds redis.conf directives on top of the shared ones, each with its lines'
	// arguments.
	Config map[string][]string
	// AnnounceHostname also announces the node's name (Redis >= 7.0), for people.
	AnnounceHostname bool
	// AllowDebug has the servers take DEBUG from anybody: from Redis 7.0 on, a directive says so.
	AllowDebug bool
	// AnnounceNames announces a name in place of the address.
	AnnounceNames bool
	// DNS is the name servers for names that the engine does not know; none leaves
	// the engine's own.
	DNS        []string
	ClientNet  netip.Prefix // a /24
	ClusterNet netip.Prefix // a /24
	// HostPorts are published on 127.0.0.1, one a node.
	HostPorts []int
}

// DefaultDeployment is the cluster of the committed docker-compose.yml, for
// any number of masters and replicas.
func DefaultDeployment(masters, replicas int) Deployment {
	d := Deployment{
		RunID:            DefaultRunID,
		Masters:          masters,
		Replicas:         replicas,
		Image:            "redis:7-alpine",
		AnnounceHostname: true,
		ClientNet:        netip.MustParsePrefix("172.30.1.0/24"),
		ClusterNet:       netip.MustParsePrefix("172.30.2.0/24"),
	}
	for i := range masters * (1 + replicas) {
		d.HostPorts = append(d.HostPorts, 6379+i)
	}
	return d
}

// Planned is a node as the compose file has it.
type Planned struct {
	Name        string // redis-master-1, redis-replica-4
	Volume      string // redis_data_master_1
	ClientAddr  netip.Addr
	ClusterAddr netip.Addr
	// BusName is the node's name on the cluster network alone: its plain name is
	// known on both networks, and would lead other nodes to the one for clients.
	BusName  string
	HostPort int
	// After is the node that starts before it; "" for the first.
	After string
	// Master is the number, from 0, of the master that this node is or replicates.
	Master int
	// Replica: starts as a replica.
	Replica bool
}

// Nodes lists the masters, then the replicas: redis-replica-i replicates
// redis-master-i, and with more replicas per master the next ones start over
// at redis-master-1.
func (d Deployment) Nodes() []Planned {
	var nodes []Planned
	for i := range d.Masters * (1 + d.Replicas) {
		role, number := "master", i+1
		if i >= d.Masters {
			role, number = "replica", i-d.Masters+1
		}
		n := Planned{
			Name:        fmt.Sprintf("redis-%s-%d", role, number),
			Volume:      fmt.Sprintf("redis_data_%s_%d", role, number),
			ClientAddr:  host(d.ClientNet, firstHost+i),
			ClusterAddr: host(d.ClusterNet, firstHost+i),
			BusName:     fmt.Sprintf("redis-%s-%d-bus", role, number),
			Master:      i % d.Masters,
			Replica:     i >= d.Masters,
		}
		if i < len(d.HostPorts) {
			n.HostPort = d.HostPorts[i]
		}
		if i > 0 {
			n.After = nodes[i-1].Name
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// NodeNames lists the names of the nodes of a masters × replicas cluster.
func NodeNames(masters, replicas int) []string {
	var names []string
	for _, n := range (Deployment{Masters: masters, Replicas: replicas}).Nodes() {
		names = append(names, n.Name)
	}
	return names
}

// CreateArgs are the arguments of `redis-cli --cluster create` that would join
// these nodes by hand.
func (d Deployment) CreateArgs() string {
	var args []string
	for _, n := range d.Nodes() {
		args = append(args, fmt.Sprintf("%s:%d", n.ClusterAddr, redisPort))
	}
	return strings.Join(args, " ") + fmt.Sprintf(" --cluster-replicas %d", d.Replicas)
}

// host is the n-th address of a /24; the zero address for no subnet.
func host(subnet netip.Prefix, n int) netip.Addr {
	if !subnet.IsValid() {
		return netip.Addr{}
	}
	a := subnet.Masked().Addr().As4()
	a[3] = byte(n)
	return netip.AddrFrom4(a)
}

// AnnouncesHostname tells whether a server of a version knows
// cluster-announce-hostname, which came with Redis 7.0.
func AnnouncesHostname(version string) bool { return !olderThan(version, "7.0.0") }

// DebugDirective is the directive that lets clients send DEBUG.
const DebugDirective = "enable-debug-command"

// GuardsDebug tells whether a server of a version refuses DEBUG unless DebugDirective allows
// it, which came with Redis 7.0.
func GuardsDebug(version string) bool { return !olderThan(version, "7.0.0") }

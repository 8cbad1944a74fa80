// Package docker is the runtime of containers: Docker with Compose, or what speaks their language.
package docker

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose"
)

// Labels that mark everything that is created in the engine. Nothing without
// RunLabel is ever touched.
const (
	RunLabel   = "io.redis-chaos.run"
	OwnerLabel = "io.redis-chaos.owner" // tells runs of the same id apart
	NodeLabel  = "io.redis-chaos.node"
	// LifelineLabel marks the container by which a run shows that it lives; no node.
	LifelineLabel = "io.redis-chaos.lifeline"
	// HelperLabel marks the container that changes what becomes of a node's packets, and holds the node's
	// name; no node.
	HelperLabel = "io.redis-chaos.helper"
	// announceLabel holds the name that a node announces, if it announces one.
	announceLabel = "io.redis-chaos.announces"
	// zoneLabel holds the zone that a node is in, if there are zones.
	zoneLabel = "io.redis-chaos.zone"
)

// redisPort is the port that every node listens on inside its container.
const redisPort = 6379

// Deployment says what is deployed: everything that the compose file holds.
type Deployment struct {
	compose.Deployment
	// Owner is the OwnerLabel, which only what a run deploys carries.
	Owner string
	// Prefix goes before the names of containers, networks and volumes, so that
	// several runs can stand side by side. Empty gives the plain names.
	Prefix string
	// NetworkTag goes between the prefix and the names of the networks. Empty, unless
	// networks of the plain names are left of an earlier run.
	NetworkTag string
	Image      string
	// Disks has a file system that faults can be set on be mounted on the volume of each node.
	Disks bool
	// ShortMount has redis.conf mounted as source:target:ro.
	ShortMount bool
	// AnnounceNames announces a name in place of the address.
	AnnounceNames bool
	// DNS is the name servers for names that the engine does not know; none leaves
	// the engine's own.
	DNS []string
	// HostPorts are published on 127.0.0.1, one a node.
	HostPorts []int
}

// DefaultDeployment is the cluster of the committed docker-compose.yml, for
// any number of masters and replicas.
func DefaultDeployment(masters, replicas int) Deployment {
	subnets := compose.UsualSubnets()
	d := Deployment{
		Deployment: compose.Deployment{
			RunID:            compose.DefaultRunID,
			Masters:          masters,
			Replicas:         replicas,
			AnnounceHostname: true,
			ClientNet:        subnets[0],
			ClusterNet:       subnets[1],
		},
		Image: "redis:7-alpine",
	}
	for i := range masters * (1 + replicas) {
		d.HostPorts = append(d.HostPorts, redisPort+i)
	}
	return d
}

// The networks as the compose file calls them.
const (
	clientNet  = "redis_client_net"
	clusterNet = "redis_cluster_net"
)

// networkName is what the engine calls a network of the compose file.
func (d Deployment) networkName(network string) string { return d.Prefix + d.NetworkTag + network }

// planned is a node as the compose file has it.
type planned struct {
	compose.Planned
	Volume string // redis_data_master_1
	// BusName is the node's name on the cluster network alone: its plain name is
	// known on both networks, and would lead other nodes to the one for clients.
	BusName  string
	HostPort int
	// After is the node that starts before it; "" for the first.
	After string
}

// planned lists the nodes.
func (d Deployment) planned() []planned {
	var all []planned
	for i, n := range d.Nodes() {
		p := planned{Planned: n, BusName: n.Name + "-bus"}
		p.Volume = "redis_data_" + strings.ReplaceAll(strings.TrimPrefix(n.Name, "redis-"), "-", "_")
		if i < len(d.HostPorts) {
			p.HostPort = d.HostPorts[i]
		}
		if i > 0 {
			p.After = all[i-1].Name
		}
		all = append(all, p)
	}
	return all
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

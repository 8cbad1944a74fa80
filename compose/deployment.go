// Package compose is what a cluster is: its nodes, what it is planned from, how nodes are joined, and
// the contract of the runtimes that run it, which are in folders of their own. It knows nothing of
// workloads or reports.
package compose

import (
	"fmt"
	"net/netip"

	"github.com/redis-chaos/redis-chaos/compose/version"
)

// Deployment says what is deployed, whatever runs it.
type Deployment struct {
	RunID    string
	Masters  int // 3 to 30
	Replicas int // per master, 0 to 5
	// Zones are what the nodes are spread over; none is for a cluster without zones.
	Zones []string
	// Config holds redis.conf directives on top of the shared ones, each with its lines'
	// arguments.
	Config map[string][]string
	// AnnounceHostname also announces the node's name (Redis >= 7.0), for people.
	AnnounceHostname bool
	Access           Access
	// AccessFolder is where the nodes find the files of Access.
	AccessFolder string
	ClientNet    netip.Prefix // a /24
	ClusterNet   netip.Prefix // a /24
}

// firstHost is the host number of the first node in both subnets.
const firstHost = 11

// UsualSubnets are those that a cluster has unless they are taken: of clients, and of the cluster.
func UsualSubnets() [2]netip.Prefix {
	return [2]netip.Prefix{netip.MustParsePrefix("172.30.1.0/24"), netip.MustParsePrefix("172.30.2.0/24")}
}

// Planned is a node before it is deployed.
type Planned struct {
	Name        string // redis-master-1, redis-replica-4
	ClientAddr  netip.Addr
	ClusterAddr netip.Addr
	// Master is the number, from 0, of the master that this node is or replicates.
	Master int
	// Replica: starts as a replica.
	Replica bool
	// Zone is one of the deployment's, if it has any.
	Zone string
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
		nodes = append(nodes, Planned{
			Name:        fmt.Sprintf("redis-%s-%d", role, number),
			ClientAddr:  host(d.ClientNet, firstHost+i),
			ClusterAddr: host(d.ClusterNet, firstHost+i),
			Master:      i % d.Masters,
			Replica:     i >= d.Masters,
			Zone:        d.zone(i%d.Masters, i/d.Masters),
		})
	}
	return nodes
}

// zone is that of a master, by its number, or of its n-th replica, from 1.
func (d Deployment) zone(master, n int) string {
	if len(d.Zones) == 0 {
		return ""
	}
	return d.Zones[(master+n)%len(d.Zones)]
}

// NodeNames lists the names of the nodes of a masters × replicas cluster.
func NodeNames(masters, replicas int) []string {
	var names []string
	for _, n := range (Deployment{Masters: masters, Replicas: replicas}).Nodes() {
		names = append(names, n.Name)
	}
	return names
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
func AnnouncesHostname(of string) bool { return !version.Older(of, "7.0.0") }

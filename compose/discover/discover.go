// Package discover finds out which servers are the nodes of a cluster, and how each is reached, by asking them. It
// knows nothing of what they run in.
package discover

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// Candidate is something that may be a server.
type Candidate struct {
	// Addr is the host:port where it is dialled, by an interface.
	Addr string
	By   netdev.Device
	// Also are other addresses that lead to it, such as a published port.
	Also []string
	// Name is what people call it; "" leaves that to the host name that it announces, or its address.
	Name string
	// In is what it runs in, as the caller knows it; "" if that is not known. Several candidates can be in the same:
	// several servers, or several addresses of one.
	In string
}

// Survey says whom to ask, and how.
type Survey struct {
	// Candidates are asked in this order of preference: a server that is found at several has the first that it
	// announces, or else the first.
	Candidates []Candidate
	Access     compose.Access
	// Silent are what is known not to answer, and why: they are told where a node is missing.
	Silent []Other
	// AddressMap has, for what nodes announce (host:port), where they are dialled.
	AddressMap map[string]string
	// Follow has nodes that are named by others, and are no candidates, be looked for where they announce.
	Follow bool
}

// Node is a node of the cluster that was found.
type Node struct {
	// Name is fit for people and for names of files.
	Name string
	// ID is the 40 hex digits of CLUSTER MYID.
	ID string
	// Announced is the host:port by which the other nodes know it, Host the host name that it announces beside that, if
	// any, and Bus the announced port of the cluster bus.
	Announced, Host string
	Bus             int
	// Shard is its shard, by starting slot; Replica: it is one at the moment.
	Shard   int
	Replica bool
	Server  view.Server
	At      Candidate
}

// Other is what is in none of the cluster's nodes.
type Other struct {
	Candidate
	// Why says what it is, or why that is not known: "it is a Sentinel".
	Why string
}

// answer is what it would say of itself.
func (o Other) answer() answer { return answer{at: o.Candidate, err: errors.New(o.Why)} }

// Cluster is what was found.
type Cluster struct {
	// Nodes are ordered by shard, masters first.
	Nodes []Node
	// Shards are the slots of each.
	Shards [][]slots.Range
	// Dial has, for all that nodes announce, where they are dialled.
	Dial   map[string]Candidate
	Others []Other
}

// Find asks all candidates, and finds the one cluster that they are of. A cluster that is not healthy is an
// *UnhealthyError, and servers that are of none yet are an *UnformedError.
func (s Survey) Find(ctx context.Context) (*Cluster, error) {
	answers := s.askAll(ctx, s.mapped(s.Candidates))
	asked := map[string]bool{}
	for s.Follow {
		for _, a := range answers {
			asked[a.at.Addr] = true
		}
		more := slices.DeleteFunc(s.named(answers), func(c Candidate) bool { return asked[c.Addr] })
		if len(more) == 0 {
			break
		}
		answers = append(answers, s.askAll(ctx, more)...)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, o := range s.Silent {
		answers = append(answers, o.answer())
	}
	return assemble(answers, s.AddressMap)
}

// mapped is candidates with those of the address map.
func (s Survey) mapped(candidates []Candidate) []Candidate {
	all := slices.Clone(candidates)
	for _, announced := range slices.Sorted(maps.Keys(s.AddressMap)) {
		addr := s.AddressMap[announced]
		if !slices.ContainsFunc(all, func(c Candidate) bool { return c.Addr == addr }) {
			all = append(all, Candidate{Addr: addr})
		}
	}
	return all
}

// named are the nodes that the servers which answered name, and of which none has answered.
func (s Survey) named(answers []answer) (all []Candidate) {
	known := map[string]bool{} // ids of nodes
	for _, a := range answers {
		known[a.id] = true
	}
	for _, a := range answers {
		for _, n := range a.view.Nodes {
			host, _, err := net.SplitHostPort(n.Addr)
			if known[n.ID] || err != nil || host == "" || n.Flag == "handshake" {
				continue
			}
			known[n.ID] = true
			addr := n.Addr
			if to := s.AddressMap[addr]; to != "" {
				addr = to
			}
			all = append(all, Candidate{Addr: addr})
		}
	}
	return all
}

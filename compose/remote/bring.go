package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/discover"
	"github.com/redis-chaos/redis-chaos/compose/slots"
)

// Brings implements compose.Bringer.
func (host) Brings(b compose.Brought) bool { return len(b.Addrs) > 0 }

// Bring implements compose.Bringer.
func (host) Bring(ctx context.Context, b compose.Brought) (*compose.Found, error) {
	known, err := recall(b.Addrs)
	if err != nil {
		return nil, err
	}
	if !b.Unwell || known == nil {
		if known, err = survey(ctx, b, known); err != nil {
			return nil, err
		}
	}
	lock, err := hold(known.Name)
	if err != nil {
		return nil, err
	}
	c := newCluster(known, b.Access)
	err = c.look(ctx, !b.Unwell)
	if err == nil && !b.Unwell {
		err = c.memory().keep()
	}
	layout, shares := slots.LayoutOf(known.Shards)
	if err = errors.Join(err, shares); err != nil {
		return nil, errors.Join(err, lock.Unregister())
	}
	c.watch()
	return &compose.Found{
		Deployed: compose.Deployed{Cluster: c, Server: compose.Server{Name: known.Software, Version: known.Version}, Engine: c.whereabouts(), Layout: layout},
		Name:     known.Name, Lacks: c.lacks, Notes: c.notes(),
		Leave: func(ctx context.Context) error {
			c.halt()
			return errors.Join(c.left(ctx), lock.Unregister())
		},
	}, nil
}

// survey asks the nodes which cluster they are. before is what was known of it in an earlier run, if that ended in a way
// that its faults may be in force still.
func survey(ctx context.Context, b compose.Brought, before *memory) (*memory, error) {
	s := discover.Survey{Access: b.Access, AddressMap: b.AddressMap, Follow: true}
	for _, addr := range b.Addrs {
		s.Candidates = append(s.Candidates, discover.Candidate{Addr: addr})
	}
	found, err := s.Find(ctx)
	if err != nil && before != nil {
		return nil, fmt.Errorf("%w; a run on this cluster did not leave it as it was found: `chaos heal` with the scenario undoes what is noted", err)
	}
	if err != nil {
		return nil, err
	}
	m := &memory{Shards: found.Shards, Dial: map[string]string{}}
	var ids []string
	for _, n := range found.Nodes {
		ids = append(ids, n.ID)
		m.Nodes = append(m.Nodes, known{
			Node: compose.Node{
				Name: n.Name, ID: n.ID, Addr: n.Announced, Announced: n.Announced, ClientAddr: n.Announced, HostAddr: n.At.Addr,
				Shard: n.Shard, Replica: n.Replica,
			},
			PID: n.Server.PID,
		})
		m.Software, m.Version = n.Server.Name, n.Server.Version
	}
	for announced, at := range found.Dial {
		m.Dial[announced] = at.Addr
	}
	for _, n := range m.Nodes {
		m.Dial[n.HostAddr] = n.HostAddr
	}
	m.Name = nameOf(ids)
	return m, nil
}

// nameOf names a cluster by its nodes.
func nameOf(ids []string) string {
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(slices.Values(ids)), " ")))
	const enough = 6
	return "cluster-" + hex.EncodeToString(sum[:enough])
}

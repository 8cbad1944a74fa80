package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Selector picks nodes by the roles that they have when the fault fires:
//
//	node: redis-master-1            one node, whatever its role is by then
//	role: master, shard: 0          the master of a shard
//	role: replica, shard: 0         all the replicas of a shard
//	role: replica                   all the replicas
//	role: replica, pick: random     one node of that role, by the run's seed
type Selector struct {
	Node  string `yaml:"node"`
	Role  string `yaml:"role"`
	Shard *int   `yaml:"shard"`
	Pick  string `yaml:"pick"`
}

// Targets is the selector itself: faults embed it.
func (s Selector) Targets() Selector { return s }

// Check implements scenarios.FaultSpec: an error where the selector can match
// no node of such a cluster.
func (s Selector) Check(c scenarios.Cluster) error {
	blame := func(field, format string, args ...any) error {
		return &scenarios.FieldError{Field: field, Msg: fmt.Sprintf(format, args...)}
	}
	if s.Node != "" {
		names := compose.NodeNames(c.Masters, c.Replicas)
		switch {
		case s.Role != "" || s.Shard != nil || s.Pick != "":
			return blame("node", "node stands alone: leave out role, shard and pick, or leave out node")
		case !slices.Contains(names, s.Node):
			return blame("node", "no node %q in this cluster; its nodes are redis-master-1 to redis-master-%d%s", s.Node, c.Masters, replicaNames(c))
		}
		return nil
	}
	switch s.Role {
	case "":
		return blame("", "no target: write {node: NAME}, {role: master, shard: 0} or {role: replica, pick: random}")
	case "master":
	case "replica":
		if c.Replicas == 0 {
			return blame("role", "this cluster has no replicas (cluster.replicas: 0)")
		}
	default:
		return blame("role", "unknown role %q; known: master, replica", s.Role)
	}
	if s.Shard != nil && (*s.Shard < 0 || *s.Shard >= c.Masters) {
		return blame("shard", "no shard %d in a cluster of %d masters; shards are numbered 0 to %d", *s.Shard, c.Masters, c.Masters-1)
	}
	if s.Pick != "" && s.Pick != "random" {
		return blame("pick", "unknown pick %q; known: random", s.Pick)
	}
	return nil
}

// SparesMasters implements scenarios.MasterSparer: it picks replicas, or a node that began
// as one.
func (s Selector) SparesMasters() bool {
	return s.Role == "replica" || strings.HasPrefix(s.Node, "redis-replica-")
}

func replicaNames(c scenarios.Cluster) string {
	if c.Replicas == 0 {
		return ""
	}
	return fmt.Sprintf(" and redis-replica-1 to redis-replica-%d", c.Masters*c.Replicas)
}

// resolve picks the targets from the live topology, sorted by name. A role is that of
// a live member of a shard: not of a node that is marked as failed, unless the shard
// has no other, nor of a former master without slots.
func (s Selector) resolve(t observe.Topology, random *rand.Rand) ([]string, error) {
	if s.Node != "" {
		return []string{s.Node}, nil
	}
	var matching, failed []string
	for _, m := range t {
		switch {
		case m.Shard < 0 || m.Master != (s.Role == "master") || s.Shard != nil && m.Shard != *s.Shard:
		case m.Failed:
			failed = append(failed, m.Node)
		default:
			matching = append(matching, m.Node)
		}
	}
	if len(matching) == 0 {
		matching = failed
	}
	slices.Sort(matching)
	if len(matching) == 0 {
		of := ""
		if s.Shard != nil {
			of = fmt.Sprintf(" of shard %d", *s.Shard)
		}
		return nil, fmt.Errorf("no live %s%s to pick", s.Role, of)
	}
	if s.Pick == "random" {
		return []string{matching[random.IntN(len(matching))]}, nil
	}
	return matching, nil
}

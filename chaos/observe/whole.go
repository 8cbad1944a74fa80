package observe

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// missing says what the cluster lacks to be whole by what was asked after since (ms):
// every node answers, all see all others well, agree on the owners of all slots and
// are ok; every other node is a replica of an owner, in sync; and as many shards have one
// as had when the run began, as far as they go round. It does not matter whose replica a node
// began as. "" is whole.
func (o *views) missing(since record.Millis) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, n := range o.nodes {
		switch s := o.last[n.Name]; {
		case s.at < since:
			return n.Name + " has not answered yet"
		case !s.reachable:
			return n.Name + " does not answer"
		case s.state != "ok":
			return n.Name + " reports cluster_state:" + s.state
		}
	}
	for _, n := range o.nodes {
		s := o.last[n.Name]
		for subject, seen := range s.others {
			if seen.flag != "ok" {
				return fmt.Sprintf("%s sees %s as %s", n.Name, subject, seen.flag)
			}
		}
		switch {
		case s.unknown > 0:
			return fmt.Sprintf("%s does not know %d of the other nodes", n.Name, s.unknown)
		case s.orphan >= 0:
			return fmt.Sprintf("shard %d is owned by an ID that %s has no more", s.orphan, s.owners[s.orphan])
		}
		for shard, owner := range s.owners {
			if first := o.last[o.nodes[0].Name].owners[shard]; owner != first {
				return fmt.Sprintf("%s and %s disagree on the master of shard %d", n.Name, o.nodes[0].Name, shard)
			}
		}
	}
	return o.missingReplicas()
}

// missingReplicas says which replica is not in sync, or which shard has none that had some.
func (o *views) missingReplicas() string {
	owners := o.last[o.nodes[0].Name].owners
	inSync := map[string]int{} // by owner
	for _, owner := range owners {
		inSync[owner] = 0
	}
	spare := 0
	for _, n := range o.nodes {
		if _, owns := inSync[n.Name]; owns {
			continue
		}
		master, isReplica := strings.CutPrefix(o.last[n.Name].role, "replica of ")
		if _, owns := inSync[master]; !isReplica || !owns {
			return fmt.Sprintf("%s is a %s, and neither owns slots nor replicates a node that does", n.Name, o.last[n.Name].role)
		}
		if !o.last[master].inSync[n.Name] {
			return fmt.Sprintf("%s is not in sync with %s", n.Name, master)
		}
		inSync[master]++
		spare++
	}
	had, have, first := 0, 0, -1
	for shard, owner := range owners {
		formed := len(o.shards[shard].Replicas) > 0
		if formed {
			had++
		}
		switch {
		case inSync[owner] > 0:
			have++
		case formed && first < 0:
			first = shard
		}
	}
	if have < min(had, spare) {
		return fmt.Sprintf("shard %d has no replica, although there are %d for %d shards", first, spare, len(owners))
	}
	return ""
}

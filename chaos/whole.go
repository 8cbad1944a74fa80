package chaos

import "fmt"

// missing says what the cluster lacks to be whole by what was asked after since
// (ms): every node answers, all see all others well, agree on the owners of all
// slots and are ok, and every master has the replicas that it should have, in
// sync. "" is whole.
func (o *observer) missing(since float64, replicas int) string {
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
		for shard, owner := range s.owners {
			if first := o.last[o.nodes[0].Name].owners[shard]; owner != first {
				return fmt.Sprintf("%s and %s disagree on the master of shard %d", n.Name, o.nodes[0].Name, shard)
			}
		}
	}
	for shard, owner := range o.last[o.nodes[0].Name].owners {
		inSync := 0
		for _, ok := range o.last[owner].inSync {
			if ok {
				inSync++
			}
		}
		if inSync != replicas {
			return fmt.Sprintf("shard %d has %d of %d replicas in sync", shard, inSync, replicas)
		}
	}
	return ""
}

package observe

import (
	"slices"
	"strings"
)

// behind is how many bytes the replica that lacks most is behind its master, by the last word of
// both: of a shard, or of any.
func (o *views) behind(shard *int) (bytes int64, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, n := range o.nodes {
		replica := o.last[n.Name]
		master := o.last[strings.TrimPrefix(replica.role, "replica of ")]
		if master == nil || !master.reachable || !master.view.Replication.Master {
			continue
		}
		owned := slices.Index(master.owners, strings.TrimPrefix(replica.role, "replica of "))
		if owned < 0 || shard != nil && owned != *shard {
			continue
		}
		has := replica.view.Replication.ReplOffset
		for _, seen := range master.view.Replication.Replicas { // by the master's word, which is of the same moment
			if o.who.at(seen.Addr) == n.Name {
				has = max(has, seen.Offset)
			}
		}
		bytes, ok = max(bytes, master.view.Replication.Offset-has), true
	}
	return bytes, ok
}

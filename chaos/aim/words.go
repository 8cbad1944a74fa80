package aim

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/words"
)

// String implements Finder.
func (s Selector) String() string {
	text := s.which()
	switch {
	case s.Count != nil && *s.Count > 1:
		text = fmt.Sprintf("%d of %s, by the run's seed", *s.Count, text)
	case s.Count != nil || s.Pick != "":
		text = "one of " + text + ", by the run's seed"
	case s.Percent != nil:
		text = fmt.Sprintf("%v of %s, by the run's seed", *s.Percent, text)
	}
	if s.ExpectRole != "" {
		text += ", if by then " + s.ExpectRole
	}
	return text
}

// which says which nodes match: "the replicas of shard 0 in zone a, but for redis-replica-1".
func (s Selector) which() string {
	text := s.nodes()
	if len(s.Service) > 0 {
		text += " of " + numbered("service", s.Service)
	}
	if len(s.Zone) > 0 {
		text += " in " + numbered("zone", s.Zone)
	}
	if len(s.Except) > 0 {
		var except []string
		for _, e := range s.Except {
			except = append(except, e.String())
		}
		text += " but for " + strings.Join(except, " and ")
	}
	return text
}

// nodes is which but for zones and exceptions.
func (s Selector) nodes() string {
	slot, bySlot := s.slot()
	all := map[string]string{"": "the nodes", Master: "the masters", Replica: "the replicas"}[s.role()]
	switch {
	case len(s.Node) > 0 && s.Role == "":
		return words.List(s.Node)
	case len(s.Node) > 0:
		return all + " among " + words.List(s.Node)
	case s.ReplicaOf != "":
		return "the replicas of " + s.ReplicaOf
	case bySlot:
		text := fmt.Sprintf("the owner of slot %d", slot)
		if s.Key != "" {
			text = fmt.Sprintf("the owner of key %q (slot %d)", s.Key, slot)
		}
		if s.role() == Replica {
			return "the replicas of " + text
		}
		return text
	case s.Side != "":
		return all + " on the side of the " + s.Side
	case len(s.Shard) == 1 && s.role() == Master:
		return fmt.Sprintf("the master of shard %d", s.Shard[0])
	case len(s.Shard) > 0:
		return all + " of " + numbered("shard", s.Shard)
	}
	return strings.Replace(all, "the ", "all ", 1)
}

// numbered is "shard 0", or "shards 0 and 2".
func numbered[T any](thing string, of []T) string {
	var names []string
	for _, one := range of {
		names = append(names, fmt.Sprint(one))
	}
	if len(names) > 1 {
		thing += "s"
	}
	return thing + " " + words.List(names)
}

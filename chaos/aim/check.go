package aim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/words"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
)

// Check implements scenarios.FaultSpec: an error where the selector contradicts itself, or can match no
// node of such a cluster.
func (s Selector) Check(c scenarios.Cluster) error {
	if s.IsEmpty() {
		return blame("", "no target: write {node: NAME}, {role: master, shard: 0} or {role: replica, pick: random}")
	}
	for _, check := range []func(scenarios.Cluster) error{
		s.checkNode, s.checkRole, s.checkShard, s.checkSlot, s.checkSide, s.checkService, s.checkZone, s.checkNumber, s.checkExpected, s.checkExcept, s.checkMost,
	} {
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

func blame(field, format string, args ...any) error {
	return &scenarios.FieldError{Field: field, Msg: fmt.Sprintf(format, args...)}
}

// within has an error blame a field of the mapping or the item at a path.
func within(path string, err error) error {
	var e *scenarios.FieldError
	if !errors.As(err, &e) {
		return err
	}
	field := path
	if e.Field != "" {
		field += "." + e.Field
	}
	return &scenarios.FieldError{Field: field, Msg: e.Msg}
}

// item is the path of an item of a list, of values that stand without brackets where there is one.
func item[T any](list string, of []T, i int) string {
	if len(of) == 1 {
		return list
	}
	return fmt.Sprintf("%s[%d]", list, i)
}

// given lists which of some fields are given.
func given(fields []field) (names []string) {
	for _, f := range fields {
		if f.given {
			names = append(names, f.name)
		}
	}
	return names
}

type field struct {
	name  string
	given bool
}

// places are the fields that say where in the cluster a node is.
func (s Selector) places() []field {
	return []field{
		{"shard", len(s.Shard) > 0}, {"slot", s.Slot != nil}, {"key", s.Key != ""}, {"replica_of", s.ReplicaOf != ""}, {"side", s.Side != ""},
	}
}

// numbers are the fields that say how many of the nodes are picked.
func (s Selector) numbers() []field {
	return []field{{"count", s.Count != nil}, {"percent", s.Percent != nil}, {"pick", s.Pick != ""}}
}

func (s Selector) checkNode(c scenarios.Cluster) error {
	if len(s.Node) == 0 {
		return nil
	}
	for i, name := range s.Node {
		if err := CheckName(item("node", s.Node, i), name, c); err != nil {
			return err
		}
		if slices.Contains(s.Node[:i], name) {
			return blame(item("node", s.Node, i), "%s is named twice; leave one out", name)
		}
	}
	beside := given(append(s.places(), field{"service", len(s.Service) > 0}, field{"zone", len(s.Zone) > 0}))
	if len(s.Node) == 1 {
		if s.Role != "" && len(beside) == 0 && !s.isRandom() {
			return blame("role", "one node has the role that it has by then: leave role out, or write expect_role: %s, which leaves the step out unless it has that", s.Role)
		}
		beside = append(beside, given(append([]field{{"role", s.Role != ""}, {"except", len(s.Except) > 0}}, s.numbers()...))...)
	}
	if len(beside) > 0 {
		return blame("node", "node says which nodes are meant: leave out %s, or leave out node", words.List(beside))
	}
	return nil
}

// CheckName is an error if a cluster is known to have no node of a name.
func CheckName(field, name string, c scenarios.Cluster) error {
	members := Members(c)
	if !c.IsKnown() || slices.ContainsFunc(members, func(m scenarios.Member) bool { return m.Name == name }) {
		return nil
	}
	return blame(field, "no node %q in this cluster; its nodes are %s", name, namesOf(c, members))
}

// namesOf says which nodes there are.
func namesOf(c scenarios.Cluster, members []scenarios.Member) string {
	switch {
	case c.IsBrought():
		var names []string
		for _, m := range members {
			names = append(names, m.Name)
		}
		return words.List(names)
	case c.Replicas == 0:
		return fmt.Sprintf("redis-master-1 to redis-master-%d", c.Masters)
	}
	return fmt.Sprintf("redis-master-1 to redis-master-%d and redis-replica-1 to redis-replica-%d", c.Masters, c.Masters*c.Replicas)
}

func (s Selector) checkRole(c scenarios.Cluster) error {
	switch s.Role {
	case "", Master:
	case Replica:
		if c.LacksReplicas() {
			return blame("role", "this cluster has no replicas (cluster.replicas: 0)")
		}
	default:
		return blame("role", "unknown role %q; known: master, replica", s.Role)
	}
	if s.ReplicaOf == "" {
		return nil
	}
	if c.LacksReplicas() {
		return blame("replica_of", "this cluster has no replicas (cluster.replicas: 0)")
	}
	if s.Role == Master {
		return blame("role", "replica_of picks replicas: leave role out, or write node: %s for the node itself", s.ReplicaOf)
	}
	return CheckName("replica_of", s.ReplicaOf, c)
}

func (s Selector) checkShard(c scenarios.Cluster) error {
	for i, shard := range s.Shard {
		if c.LacksShard(shard) {
			return blame(item("shard", s.Shard, i), "no shard %d in a cluster of %d masters; shards are numbered 0 to %d", shard, c.Masters, c.Masters-1)
		}
		if slices.Contains(s.Shard[:i], shard) {
			return blame(item("shard", s.Shard, i), "shard %d is named twice; leave one out", shard)
		}
	}
	if places := given(s.places()); len(places) > 1 {
		return blame(places[1], "%s each say where the nodes are; write one of them", words.List(places))
	}
	return nil
}

func (s Selector) checkSlot(scenarios.Cluster) error {
	if s.Slot != nil && (*s.Slot < 0 || *s.Slot >= slots.Count) {
		return blame("slot", "no slot %d; slots are numbered 0 to %d", *s.Slot, slots.Count-1)
	}
	return nil
}

func (s Selector) checkSide(scenarios.Cluster) error {
	if s.Side == "" {
		return nil
	}
	return scenarios.OneOf("side", s.Side, Majority, Minority)
}

func (s Selector) checkService(c scenarios.Cluster) error {
	for i, service := range s.Service {
		var known []string
		for _, m := range Members(c) {
			if m.Service != "" && !slices.Contains(known, m.Service) {
				known = append(known, m.Service)
			}
		}
		switch {
		case !c.IsBrought() || c.IsKnown() && len(known) == 0:
			return blame("service", "this cluster has no Compose services of yours; write node: NAME or role: master")
		case c.IsKnown() && !slices.Contains(known, service):
			return blame(item("service", s.Service, i), "%s", suggest.Unknown("service", service, known))
		case slices.Contains(s.Service[:i], service):
			return blame(item("service", s.Service, i), "service %s is named twice; leave one out", service)
		}
	}
	return nil
}

func (s Selector) checkZone(c scenarios.Cluster) error {
	for i, zone := range s.Zone {
		switch {
		case len(c.Zones) == 0 && c.IsBrought():
			return blame("zone", "the zones of a cluster of your own are not known; write service: NAME or node: NAME")
		case len(c.Zones) == 0:
			return blame("zone", "this cluster has no zones; write cluster.zones: [a, b, c], and its nodes are spread over them")
		case !slices.Contains(c.Zones, zone):
			return blame(item("zone", s.Zone, i), "%s", suggest.Unknown("zone", zone, c.Zones))
		case slices.Contains(s.Zone[:i], zone):
			return blame(item("zone", s.Zone, i), "zone %s is named twice; leave one out", zone)
		}
	}
	return nil
}

func (s Selector) checkNumber(scenarios.Cluster) error {
	if numbers := given(s.numbers()); len(numbers) > 1 {
		return blame(numbers[1], "%s each say how many of the nodes are picked; write one of them", words.List(numbers))
	}
	switch {
	case s.Count != nil && *s.Count < 1:
		return blame("count", "%d nodes are none; write count: 1 or more, or leave it out for all that match", *s.Count)
	case s.Percent != nil && (*s.Percent <= 0 || *s.Percent > 100):
		return blame("percent", "%v is out of range; write more than 0%% and up to 100%%", *s.Percent)
	case s.Pick != "":
		return scenarios.OneOf("pick", s.Pick, pickRandom)
	}
	return nil
}

func (s Selector) checkExpected(c scenarios.Cluster) error {
	switch {
	case s.ExpectRole == "":
		return nil
	case len(s.Node) == 0:
		return blame("expect_role", "only a node by its name can have another role than expected; write role: %s, which picks nodes by the role that they have by then", cmp.Or(s.Role, s.ExpectRole))
	case s.Role != "":
		return blame("expect_role", "role: %s picks nodes that have it by then; leave one of the two out", s.Role)
	case s.ExpectRole == Replica && c.LacksReplicas():
		return blame("expect_role", "this cluster has no replicas (cluster.replicas: 0)")
	}
	if !slices.Contains([]string{Master, Replica}, s.ExpectRole) {
		return blame("expect_role", "unknown role %q; known: master, replica", s.ExpectRole)
	}
	return nil
}

func (s Selector) checkExcept(c scenarios.Cluster) error {
	for i, e := range s.Except {
		path := fmt.Sprintf("except[%d]", i)
		switch {
		case len(e.Except) > 0:
			return blame(path+".except", "an exception has none of its own; write what it leaves out as a fault's target")
		case e.ExpectRole != "":
			return blame(path+".expect_role", "a step is left out by the role of its targets; write it beside except")
		}
		if err := e.Check(c); err != nil {
			return within(path, err)
		}
	}
	return nil
}

// checkMost blames what matches nothing, or never as many nodes as are asked for.
func (s Selector) checkMost(c scenarios.Cluster) error {
	if !c.IsKnown() {
		return nil
	}
	with, without := s.most(c)
	switch {
	case without == 0 && len(s.Service) > 0:
		return blame("service", "no node of %s is ever what is asked for", numbered("service", s.Service))
	case without == 0 && len(s.Zone) > 0:
		return blame("zone", "none of %s is ever in %s; write zone: %s", s.nodes(), numbered("zone", s.Zone), strings.Join(s.zones(c), " or "))
	case with == 0 && len(s.Except) > 0:
		return blame("except", "it leaves out all nodes that match: %s", s.which())
	case s.Count != nil && *s.Count > with:
		return blame("count", "no more than %s can match here; write up to %d, or leave it out for all that match", words.Plural(int64(with), "node"), with)
	}
	return nil
}

// zones are those in which a node matches, but for the zones that are asked for.
func (s Selector) zones(c scenarios.Cluster) (all []string) {
	for _, zone := range c.Zones {
		s.Zone = []string{zone}
		if _, without := s.most(c); without > 0 {
			all = append(all, zone)
		}
	}
	return all
}

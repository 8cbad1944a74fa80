package aim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Forms of groups.
const (
	formSides  = "sides"
	formBridge = "bridge"
	formRing   = "ring"
)

// Groups divide the nodes of a cluster: into groups of their own names, or in one of the usual forms.
type Groups struct {
	// Groups are the nodes of each group, by its name. A node in none of them hears all others.
	Groups map[string]Selector `yaml:"groups"`
	// Form is "sides" (a majority of the masters with their replicas, and a minority), "bridge" (the
	// groups left and right, and a node that hears both), or "ring" (each node hears the one before it and the one after it),
	// in place of groups.
	Form string `yaml:"form"`
	// Bridge is who hears both groups of a bridge: one of the masters, by the run's seed, unless it is given.
	Bridge *Selector `yaml:"bridge"`
}

// Divide divides the nodes of a topology.
func (g Groups) Divide(t observe.Topology, draw Draw) (Division, error) {
	random := rand.New(rand.NewPCG(uint64(draw.Seed), uint64(draw.Step)))
	switch g.Form {
	case formSides:
		return twoSides(t, draw.Seed), nil
	case formRing:
		return ringOf(t), nil
	case formBridge:
		bridge, err := g.bridge().find(t, draw.Seed, random)
		if err != nil {
			return Division{}, fmt.Errorf("bridge: %w", err)
		}
		d := besideBridge(t, bridge.Nodes, random)
		if len(d.Groups) < 2 {
			return Division{}, fmt.Errorf("beside the bridge (%s) there are no two groups", strings.Join(bridge.Nodes, ", "))
		}
		return d, nil
	}
	var d Division
	for _, name := range g.names() {
		found, err := g.Groups[name].find(t, draw.Seed, random)
		if err != nil {
			return Division{}, fmt.Errorf("group %s: %w", name, err)
		}
		for _, node := range found.Nodes {
			if other := d.GroupOf(node); other != "" {
				return Division{}, fmt.Errorf("by now %s is in group %s and in group %s; leave it out of one by except", node, other, name)
			}
			d.add(name, node)
		}
	}
	return d, nil
}

// bridge is who the bridge is.
func (g Groups) bridge() Selector {
	if g.Bridge == nil {
		return Selector{Role: Master, Pick: pickRandom}
	}
	return *g.Bridge
}

// names are those of the groups that are given.
func (g Groups) names() []string { return slices.Sorted(maps.Keys(g.Groups)) }

// Names lists the names of the groups, whoever is in them.
func (g Groups) Names() []string {
	switch g.Form {
	case formSides:
		return []string{Majority, Minority}
	case formBridge:
		return []string{left, right}
	}
	return g.names()
}

// NamesNodes tells whether a group has its nodes by their names or zones.
func (g Groups) NamesNodes() bool {
	for _, s := range g.Groups {
		if s.NamesNodes() {
			return true
		}
	}
	return g.Bridge != nil && g.Bridge.NamesNodes()
}

// String says in words which groups there are.
func (g Groups) String() string {
	switch g.Form {
	case formSides:
		return "a majority of the masters, with their replicas, and a minority, by the run's seed"
	case formRing:
		return "a ring of all nodes"
	case formBridge:
		return fmt.Sprintf("two halves beside a bridge (%s)", g.bridge())
	}
	var groups []string
	for _, name := range g.names() {
		groups = append(groups, fmt.Sprintf("%s (%s)", name, g.Groups[name]))
	}
	return strings.Join(groups, ", ")
}

// groupName is what the name of a group is made of.
var groupName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

// Check is an error where the groups contradict each other, or cannot be in such a cluster.
func (g Groups) Check(c scenarios.Cluster) error {
	forms := []string{formSides, formBridge, formRing}
	switch nodes := len(Members(c)); {
	case g.Form == "" && g.Groups == nil:
		return blame("", "no groups: write form: sides, or groups: {a: {zone: a}, b: {except: {zone: a}}}")
	case g.Form != "" && g.Groups != nil:
		return blame("groups", "form says which groups there are; leave one of the two out")
	case g.Form != "" && !slices.Contains(forms, g.Form):
		return scenarios.OneOf("form", g.Form, forms...)
	case g.Bridge != nil && g.Form != formBridge:
		return blame("bridge", "only form: bridge has one; leave it out, or leave the nodes that hear all out of the groups")
	case g.Form == formRing && c.IsKnown() && nodes < 4:
		return blame("form", "in a ring of %d nodes all hear each other; have replicas or more masters", nodes)
	case g.Bridge != nil:
		if err := g.Bridge.Check(c); err != nil {
			return within("bridge", err)
		}
		if g.Bridge.ExpectRole != "" {
			return blame("bridge.expect_role", "a step is left out by the role of its targets, and a bridge is none; leave it out")
		}
		if with, _ := g.Bridge.most(c); g.Bridge.isRandom() && g.Bridge.howMany(with) >= nodes-1 || !g.Bridge.isRandom() && with >= nodes-1 {
			return blame("bridge", "two groups have to be left beside it; pick fewer nodes")
		}
	case g.Groups != nil:
		return g.checkGroups(c)
	}
	return nil
}

// checkGroups is Check of groups that are given.
func (g Groups) checkGroups(c scenarios.Cluster) error {
	if len(g.Groups) < 2 {
		return blame("groups", "one group is not kept from anybody; write another one, such as b: {except: {zone: a}}")
	}
	start := formed(c)[0]
	in := map[string]string{}
	for _, name := range g.names() {
		s, path := g.Groups[name], "groups."+name
		if !groupName.MatchString(name) {
			return blame("groups", "%q is not a name of a group; write up to 32 lower-case letters, digits, dashes and _, such as a", name)
		}
		if s.ExpectRole != "" {
			return blame(path+".expect_role", "groups are of the nodes that there are by then; leave it out")
		}
		if err := s.Check(c); err != nil {
			return within(path, err)
		}
		if s.isDrawn() || slices.ContainsFunc(s.Except, Selector.isDrawn) {
			continue
		}
		found, err := s.find(start, 0, nil)
		if err != nil {
			continue // it may be there after a failover
		}
		for _, node := range found.Nodes {
			if other := in[node]; other != "" {
				return blame(path, "%s is in group %s as well; leave it out of one by except", node, other)
			}
			in[node] = name
		}
	}
	return nil
}

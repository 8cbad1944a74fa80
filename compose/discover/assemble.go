package discover

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/view"
)

// assemble makes one cluster of what candidates answered.
func assemble(answers []answer, addressMap map[string]string) (*Cluster, error) {
	members, others, err := classify(answers, addressMap)
	if err != nil {
		return nil, err
	}
	clusters, alone := group(members)
	switch {
	case len(clusters) == 0 && len(alone) > 0:
		e := &UnformedError{}
		for _, m := range alone {
			e.Nodes = append(e.Nodes, m.node(nil))
		}
		nameAll(e.Nodes)
		return nil, e
	case len(clusters) == 0:
		return nil, noCluster(others)
	case len(clusters) > 1:
		return nil, severalClusters(clusters)
	}
	found := clusters[0]
	for _, m := range alone {
		others = append(others, Other{m.at, "it is in cluster mode, and belongs to no cluster"})
	}
	if err := missing(found, others); err != nil {
		return nil, err
	}
	if reasons := unwell(found); len(reasons) > 0 {
		return nil, &UnhealthyError{reasons}
	}
	c := layOut(found)
	if err := c.route(addressMap); err != nil {
		return nil, err
	}
	// An address that a node does not answer at is of no interest if it is in something that does have a node.
	holds := map[string]bool{}
	for _, n := range c.Nodes {
		holds[n.At.In] = n.At.In != ""
	}
	for _, o := range others {
		if !holds[o.In] {
			c.Others = append(c.Others, o)
		}
	}
	return c, nil
}

// member is a server in cluster mode.
type member struct{ answer }

// self is its own line of CLUSTER NODES.
func (m member) self() view.Node {
	n, _ := m.view.Myself()
	return n
}

// alone tells whether it knows no other node, and has no slots.
func (m member) alone() bool { return len(m.view.Nodes) <= 1 && len(m.self().Slots) == 0 }

// node is it as a node of a cluster. One that has not been told its address since its start announces none by its own
// word, but by that of others.
func (m member) node(cluster []member) Node {
	self := m.self()
	for _, o := range cluster {
		if !strings.HasPrefix(self.Addr, ":") {
			break
		}
		if i := slices.IndexFunc(o.view.Nodes, func(n view.Node) bool { return n.ID == m.id }); i >= 0 {
			self = o.view.Nodes[i]
		}
	}
	return Node{Name: m.at.Name, ID: m.id, Announced: self.Addr, Host: self.Host, Bus: self.Bus, Server: m.server, At: m.at}
}

// String names it for people.
func (m member) String() string {
	switch {
	case m.at.Addr == "":
		return m.at.Name
	case m.at.Name != "":
		return fmt.Sprintf("%s (%s)", m.at.Name, m.at.Addr)
	}
	return m.at.Addr
}

// classify tells servers in cluster mode from all else, each once.
func classify(answers []answer, addressMap map[string]string) (members []member, others []Other, err error) {
	place := map[string]int{} // of ids, in members
	for _, a := range answers {
		switch {
		case a.err != nil:
			others = append(others, Other{a.at, a.err.Error()})
		case a.server.Mode == sentinelMode:
			others = append(others, Other{a.at, "it is a Sentinel"})
		case a.server.Mode != clusterMode:
			others = append(others, Other{a.at, "it is a server without cluster mode (cluster-enabled is no)"})
		default:
			this := member{a}
			i, twice := place[a.id]
			if !twice {
				place[a.id] = len(members)
				members = append(members, this)
				continue
			}
			first := members[i]
			if first.server.RunID != a.server.RunID {
				return nil, nil, fmt.Errorf("%s and %s both say that they are node %s: one has a copy of the other's nodes.conf; CLUSTER RESET HARD gives it an id of its own", first, this, a.id)
			}
			members[i], this = preferred(first, this, addressMap)
			if this.at.In != members[i].at.In { // a proxy
				others = append(others, Other{this.at, fmt.Sprintf("it leads to %s", members[i])})
			}
		}
	}
	return members, others, nil
}

// preferred tells which of two places where a node was reached it is dialled at: the one that the address map has,
// else the one that it announces, else the first.
func preferred(a, b member, addressMap map[string]string) (one, other member) {
	rank := func(m member) int {
		switch {
		case addressMap[m.self().Addr] == m.at.Addr:
			return 2
		case m.announcesOwn():
			return 1
		}
		return 0
	}
	if rank(b) <= rank(a) {
		a, b = b, a
	}
	// b is dialled. What of it is known by another place is as true of this one.
	if b.at.In == "" {
		b.at.In, b.at.Name = a.at.In, cmp.Or(b.at.Name, a.at.Name)
	}
	if a.at.In == "" {
		a.at.In = b.at.In
	}
	return b, a
}

// announcesOwn tells whether it announces an address that is known to lead to it.
func (m member) announcesOwn() bool {
	self := m.self().Addr
	return m.at.Addr == self || slices.Contains(m.at.Also, self)
}

// group tells clusters apart, by who knows whom.
func group(members []member) (clusters [][]member, alone []member) {
	for _, m := range members {
		if m.alone() {
			alone = append(alone, m)
			continue
		}
		together := []member{m}
		clusters = slices.DeleteFunc(clusters, func(c []member) bool {
			if !slices.ContainsFunc(c, func(o member) bool { return o.knows(m.id) || m.knows(o.id) }) {
				return false
			}
			together = append(slices.Clone(c), together...)
			return true
		})
		clusters = append(clusters, together)
	}
	// One that others know has lost its nodes.conf, and is no less a part of the cluster for it.
	alone = slices.DeleteFunc(alone, func(m member) bool {
		i := slices.IndexFunc(clusters, func(c []member) bool {
			return slices.ContainsFunc(c, func(o member) bool { return o.knows(m.id) })
		})
		if i >= 0 {
			clusters[i] = append(clusters[i], m)
		}
		return i >= 0
	})
	return clusters, alone
}

func (m member) knows(id string) bool {
	return slices.ContainsFunc(m.view.Nodes, func(n view.Node) bool { return n.ID == id && n.Flag != "handshake" })
}

// noCluster is the error of candidates none of which is in cluster mode.
func noCluster(others []Other) error {
	if len(others) == 0 {
		return errors.New("there is no server to ask")
	}
	return fmt.Errorf("no Redis Cluster was found: %s", tell(others))
}

// tell lists what candidates are, those alike together.
func tell(others []Other) string {
	who := map[string][]string{}
	var whys []string
	for _, o := range others {
		if who[o.Why] == nil {
			whys = append(whys, o.Why)
		}
		who[o.Why] = append(who[o.Why], member{answer{at: o.Candidate}}.String())
	}
	for i, why := range whys {
		whys[i] = fmt.Sprintf("%s: %s", strings.Join(who[why], ", "), why)
	}
	return strings.Join(whys, "; ")
}

func severalClusters(clusters [][]member) error {
	var told []string
	for i, c := range clusters {
		told = append(told, fmt.Sprintf("(%d) %s", i+1, list(c)))
	}
	return fmt.Errorf("these are the nodes of %d clusters that do not know each other, and a run is on one: %s; name the nodes of one only", len(clusters), strings.Join(told, "; "))
}

func list(members []member) string {
	var names []string
	for _, m := range members {
		names = append(names, m.String())
	}
	return strings.Join(names, ", ")
}

// missing is the error of nodes that others name, and that nobody reaches.
func missing(found []member, others []Other) error {
	reached := map[string]bool{}
	for _, m := range found {
		reached[m.id] = true
	}
	var lost []string
	namedBy := map[string][]member{}
	for _, m := range found {
		for _, n := range m.view.Nodes {
			if !reached[n.ID] && n.Flag != "handshake" {
				if namedBy[n.ID] == nil {
					lost = append(lost, n.ID)
				}
				namedBy[n.ID] = append(namedBy[n.ID], m)
			}
		}
	}
	if len(lost) == 0 {
		return nil
	}
	var told []string
	for _, id := range lost {
		by := namedBy[id]
		i := slices.IndexFunc(by[0].view.Nodes, func(n view.Node) bool { return n.ID == id })
		n := by[0].view.Nodes[i]
		role := "replica"
		if n.Master {
			role = "master"
		}
		text := fmt.Sprintf("the %s %s, which announces %s, is named by %s, and was not reached", role, id, n.Addr, counted(len(by), "node ("+by[0].String()+")", "nodes"))
		if n.Flag != "ok" {
			text += fmt.Sprintf(" (%s sees it as %s; `CLUSTER FORGET %s` on every node if it is gone for good)", by[0], n.Flag, id)
		}
		told = append(told, text)
	}
	if len(others) > 0 {
		told = append(told, "what else was asked: "+tell(others))
	}
	return &UnhealthyError{told}
}

// layOut numbers the shards by their starting slots, and gives each its nodes. A master without slots has no shard.
func layOut(found []member) *Cluster {
	masters := slices.DeleteFunc(slices.Clone(found), func(m member) bool { return len(m.self().Slots) == 0 })
	slices.SortStableFunc(masters, func(a, b member) int {
		return cmp.Compare(a.self().Slots[0].First, b.self().Slots[0].First)
	})
	c := &Cluster{}
	for shard, master := range masters {
		n := master.node(found)
		n.Shard = shard
		c.Nodes, c.Shards = append(c.Nodes, n), append(c.Shards, master.self().Slots)
		for _, m := range found {
			if m.self().OfID == master.id {
				n := m.node(found)
				n.Shard, n.Replica = shard, true
				c.Nodes = append(c.Nodes, n)
			}
		}
	}
	for _, m := range found {
		if !slices.ContainsFunc(c.Nodes, func(n Node) bool { return n.ID == m.id }) {
			c.Others = append(c.Others, Other{m.at, "it is a node of the cluster that has no slots, and replicates none that has"})
		}
	}
	nameAll(c.Nodes)
	return c
}

// route fills in where what nodes announce is dialled.
func (c *Cluster) route(addressMap map[string]string) error {
	c.Dial = map[string]Candidate{}
	for _, n := range c.Nodes {
		c.Dial[n.Announced] = n.At
		if n.Host != "" {
			c.Dial[n.hostAddr()] = n.At
		}
	}
	for _, announced := range slices.Sorted(maps.Keys(addressMap)) {
		at, known := c.Dial[announced]
		if !known {
			return fmt.Errorf("the address map has %s, which no node announces; they announce %s", announced, strings.Join(c.announced(), ", "))
		}
		if to := addressMap[announced]; at.Addr != to {
			return fmt.Errorf("the address map has %s be dialled at %s, and the node that announces it was reached at %s, and not there", announced, to, at.Addr)
		}
	}
	return nil
}

func (c *Cluster) announced() (all []string) {
	for _, n := range c.Nodes {
		all = append(all, n.Announced)
	}
	return all
}

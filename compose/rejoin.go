package compose

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// Membership is what a node is to its cluster: its ID, and the slots of its shard.
type Membership struct {
	ID    string
	Slots []slots.Range
}

// MembershipOf asks a node what it is to its cluster.
func MembershipOf(ctx context.Context, s Servers, node string) (Membership, error) {
	c := DirectClient(s, Address(s, node), ViewPatience)
	defer c.Close()
	v, err := view.Fetch(ctx, c)
	if err != nil {
		return Membership{}, fmt.Errorf("asking %s for its shard: %w", node, err)
	}
	me, _ := v.Myself()
	m := Membership{ID: me.ID, Slots: me.Slots}
	for _, n := range v.Nodes {
		if me.OfID != "" && n.ID == me.OfID {
			m.Slots = n.Slots
		}
	}
	if len(m.Slots) == 0 {
		return m, fmt.Errorf("%s has no slots, and replicates no node that has some", node)
	}
	return m, nil
}

// rejoiner makes a node that came back with another ID a member of its cluster again.
type rejoiner struct {
	Servers
	node   string
	was    Membership
	me     view.Node // by its own word
	own    view.View
	others map[string]*view.View // of those that answer, by their names
	latest *view.View            // of these
}

func look(ctx context.Context, s Servers, node string, was Membership) (*rejoiner, error) {
	r := &rejoiner{Servers: s, node: node, was: was, others: map[string]*view.View{}}
	views := Views(ctx, s)
	var silent []string
	for i, n := range s.Nodes() {
		switch {
		case views[i] == nil:
			silent = append(silent, n.Name)
		case n.Name == node:
			r.own = *views[i]
			r.me, _ = views[i].Myself()
			views[i] = nil
		default:
			r.others[n.Name] = views[i]
		}
	}
	if len(silent) > 0 { // which have to meet and to forget, too
		return nil, fmt.Errorf("no answer from %s", strings.Join(silent, ", "))
	}
	if r.latest = view.Latest(views); r.latest == nil {
		return nil, fmt.Errorf("%s has no other node to join", node)
	}
	return r, nil
}

// Rejoin makes a node that came back with another ID than it had, and so knows nobody, a member of its cluster again:
// all nodes are introduced to it and forget the ID that it had, and it replicates whoever has the slots of its
// shard by now. Slots that nobody else has are its own again, without their keys. A replica that can still be elected
// is waited for: that is an error. It is to be called again after any error, and does nothing to a node that is who
// it was, or has joined.
func Rejoin(ctx context.Context, s Servers, node string, was Membership) error {
	r, err := look(ctx, s, node, was)
	if err != nil {
		return err
	}
	if r.me.ID == was.ID {
		return nil
	}
	if !r.acquainted() {
		if err := r.meet(ctx); err != nil {
			return err
		}
	}
	return r.takePlace(ctx)
}

// Rejoined says what a node lacks to be a member of its cluster again; nil if it is one.
func Rejoined(ctx context.Context, s Servers, node string, was Membership) error {
	r, err := look(ctx, s, node, was)
	switch {
	case err != nil:
		return err
	case r.me.ID == was.ID:
		return nil
	case !r.acquainted():
		return fmt.Errorf("%s is not known to all other nodes", node)
	case len(r.me.Slots) == 0 && (r.me.OfID == "" || r.me.OfID == was.ID):
		return fmt.Errorf("%s has no slots, and replicates no node", node)
	}
	for _, n := range s.Nodes() {
		if r.view(n.Name).Knows(was.ID) {
			return fmt.Errorf("%s has not forgotten the ID that %s had", n.Name, node)
		}
	}
	return nil
}

// view is that of any node.
func (r *rejoiner) view(name string) view.View {
	if name == r.node {
		return r.own
	}
	return *r.others[name]
}

// acquainted tells whether the node and all others know each other.
func (r *rejoiner) acquainted() bool {
	for _, v := range r.others {
		other, _ := v.Myself()
		if v.Flag(r.me.ID) != "ok" || r.own.Flag(other.ID) != "ok" {
			return false
		}
	}
	return true
}

// meetPatience is how long nodes may take to know each other once they are introduced.
const meetPatience = 5 * time.Second

// meet introduces the node to all others, and waits until they know each other.
func (r *rejoiner) meet(ctx context.Context) error {
	if err := MeetOthers(ctx, r.Servers, r.node); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, meetPatience)
	defer cancel()
	return poll(ctx, func() error {
		now, err := look(ctx, r.Servers, r.node, r.was)
		if err != nil {
			return err
		}
		if *r = *now; !r.acquainted() {
			return fmt.Errorf("%s is not known to all other nodes", r.node)
		}
		return nil
	})
}

// MeetOthers introduces a node to all others that it reaches: by gossip alone it would know them too, later.
func MeetOthers(ctx context.Context, s Servers, node string) error {
	c := DirectClient(s, Address(s, node), ViewPatience)
	defer c.Close()
	var failed []error
	met := 0
	for _, n := range s.Nodes() {
		if n.Name == node {
			continue
		}
		if err := meetAll(ctx, c, []Node{n}); err != nil {
			failed = append(failed, fmt.Errorf("introducing %s to %s: %w", node, n.Name, err))
			continue
		}
		met++
	}
	if met > 0 {
		return nil
	}
	return errors.Join(failed...)
}

// takePlace gives the node its place in its shard.
func (r *rejoiner) takePlace(ctx context.Context) error {
	if len(r.me.Slots) > 0 {
		return r.forget(ctx)
	}
	owner, left := r.owner()
	switch {
	case owner.ID != "" && r.me.OfID == owner.ID:
		return r.forget(ctx)
	case owner.ID != "":
		if err := r.do(ctx, r.node, "CLUSTER", "REPLICATE", owner.ID); err != nil {
			return err
		}
		return r.forget(ctx)
	}
	if heir := r.heir(); heir != "" {
		return r.await(ctx, heir)
	}
	if err := r.forget(ctx); err != nil { // which leaves its slots to nobody
		return err
	}
	c := DirectClient(r, Address(r, r.node), ViewPatience)
	defer c.Close()
	if err := addSlots(ctx, c, left...); err != nil {
		return fmt.Errorf("giving %s the slots %s, which nobody has: %w", r.node, slots.Text(left), err)
	}
	return r.do(ctx, r.node, "CLUSTER", "BUMPEPOCH")
}

// owner is who has slots of the shard by now, and left those that nobody has.
func (r *rejoiner) owner() (owner view.Node, left []slots.Range) {
	for _, of := range r.was.Slots {
		for slot := of.First; slot <= of.Last; slot++ {
			switch n, owned := r.latest.Owner(slot); {
			case !owned || n.ID == r.was.ID:
				left = append(left, slots.Range{First: slot, Last: slot})
			case owner.ID == "":
				owner = n
			}
		}
	}
	return owner, slots.Joined(left)
}

// heir is the name of a replica of who the node was; "" if there is none.
func (r *rejoiner) heir() string {
	for _, n := range r.Nodes() {
		if me, _ := r.view(n.Name).Myself(); me.OfID == r.was.ID {
			return n.Name
		}
	}
	return ""
}

// takeOverRest is how much time is to be left for a replica that is not elected to be made the master.
const takeOverRest = 10 * time.Second

// await has the cluster elect a replica. It is made the master where that will not be, or if there is hardly any time
// left: who finds that another node answers at an address flags the one that it knew there as noaddr, and does not
// mark it as failed any more (clusterProcessPacket and clusterCron in cluster_legacy.c).
func (r *rejoiner) await(ctx context.Context, heir string) error {
	end, bounded := ctx.Deadline()
	if bounded && time.Until(end) < takeOverRest || r.others[heir].Flag(r.was.ID) == "noaddr" {
		if err := r.do(ctx, heir, "CLUSTER", "FAILOVER", "TAKEOVER"); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s is still a replica of who %s was", heir, r.node)
}

// forget has all forget the ID that the node had: the node may have learned it, too. Whoever has forgotten it does not
// learn it again from others for a minute.
func (r *rejoiner) forget(ctx context.Context) error {
	nodes := r.Nodes()
	return EachNode(nodes, func(i int) error {
		if !r.view(nodes[i].Name).Knows(r.was.ID) {
			return nil
		}
		err := r.do(ctx, nodes[i].Name, "CLUSTER", "FORGET", r.was.ID)
		if err != nil && strings.Contains(err.Error(), "Unknown node") {
			return nil
		}
		return err
	})
}

func (r *rejoiner) do(ctx context.Context, node string, command ...any) error {
	c := DirectClient(r, Address(r, node), ViewPatience)
	defer c.Close()
	if err := c.Do(ctx, command...).Err(); err != nil {
		return fmt.Errorf("%v to %s: %w", command, node, err)
	}
	return nil
}

// KnownAt fails unless all other nodes that answer know a node at the address that it announces by now.
func KnownAt(ctx context.Context, s Servers, node string) error {
	nodes, views := s.Nodes(), Views(ctx, s)
	var at, id string
	for i, n := range nodes {
		if n.Name == node && views[i] != nil {
			me, _ := views[i].Myself()
			at, id = n.Announced, me.ID
		}
	}
	if id == "" {
		return fmt.Errorf("%s does not answer", node)
	}
	for i, v := range views {
		if v == nil || nodes[i].Name == node {
			continue
		}
		for _, n := range v.Nodes {
			if n.ID == id && n.Addr != at {
				return fmt.Errorf("%s knows %s at %s, and it is at %s", nodes[i].Name, node, n.Addr, at)
			}
		}
	}
	return nil
}

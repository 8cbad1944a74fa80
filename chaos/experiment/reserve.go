package experiment

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Reserve keeps a cluster between two runs that ask for the same one. The second takes it
// over once it is as good as new: whole and empty, and no replica has to wait with its next
// election because of the last one. It is used by one run at a time, and closed in the end.
type Reserve struct {
	// Always takes a kept cluster over even where deploying a new one would take less time.
	Always bool

	kept *housed
	of   *experiment // the run that deployed it
	key  string      // what the cluster is, to be compared
}

// housed is a cluster with the runtime that it belongs to.
type housed struct {
	compose.Deployed
	runtime chosen
	stands  *Occupied      // the cluster goes on in any case, and is let go of; nil: it is the run's own
	hosts   []compose.Host // that were opened for that
	note    string         // what a reader of the report should know of it
	took    time.Duration  // to deploy
	served  int            // runs that it has served
	moved   bool           // some shard has another master than it was formed with
	// restedBy is when no replica has to wait any more because of an election.
	restedBy time.Time
}

// What has to pass after an election until the same replica may stand again, in times of
// cluster-node-timeout, and at least: auth_retry_time in clusterHandleSlaveFailover of
// cluster.c and cluster_legacy.c.
const (
	electionRestTimes = 4
	electionRestLeast = 4 * time.Second
)

// keep takes the cluster of a run for the next one, if it is as it should be.
func (r *Reserve) keep(ctx context.Context, e *experiment, h *housed) bool {
	if r == nil || ctx.Err() != nil || e.result == nil || e.Keep || h.stands != nil {
		return false
	}
	res := e.result
	if res.Recovered == nil || !*res.Recovered || len(res.Incidents) > 0 || len(res.Missed) > 0 || len(res.Holes) > 0 {
		return false
	}
	h.served++
	h.restedBy = time.Now()
	for _, f := range res.Failovers {
		won := time.Now() // at the latest
		if f.At != nil {
			won = e.rec.Wall().Add((*f.At).D())
		}
		h.moved, h.restedBy = true, later(h.restedBy, won.Add(electionRest(h.Config)))
	}
	if !r.Always && time.Until(h.restedBy) > h.took {
		return false // a new one is there sooner
	}
	if e.served == 0 {
		r.of = e
	}
	r.kept, r.key = h, clusterKey(e)
	return true
}

// electionRest is how long a replica rests after an election.
func electionRest(config map[string]string) time.Duration {
	timeout, err := strconv.ParseInt(config["cluster-node-timeout"], 10, 64)
	if err != nil {
		timeout = 15_000 // the servers' own default
	}
	return max(electionRestTimes*time.Duration(timeout)*time.Millisecond, electionRestLeast)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// clusterKey is what two runs must agree in to have the same cluster.
func clusterKey(e *experiment) string {
	key, err := json.Marshal(struct {
		Cluster         scenarios.Cluster
		Runtime, Server string
		Debug           bool // the servers take DEBUG
	}{e.scenario.Cluster, e.Options.Runtime, e.RedisServer, chaos.Needs(e.asked, compose.Debugging)})
	if err != nil {
		return e.id // which no other run has
	}
	return string(key)
}

// take gives a run the kept cluster, when that is ready; nil if there is none that it could
// have. What is kept and does not fit is removed.
func (r *Reserve) take(ctx context.Context, e *experiment) *housed {
	if r == nil || r.kept == nil {
		return nil
	}
	h := r.kept
	fits := r.key == clusterKey(e) && (!h.moved || !namesNodes(e.scenario)) &&
		chaos.CheckAbilities(e.asked, h.runtime.Lacks) == nil
	if fits {
		fits = r.renew(ctx, e, h)
	}
	if !fits {
		if err := r.Close(ctx); err != nil {
			e.warn(err)
		}
		return nil
	}
	r.kept = nil
	e.runtime, e.cluster, e.served = h.runtime.name, r.of.id, h.served
	return h
}

// namesNodes tells whether a fault finds its targets by names or zones, and not by roles.
func namesNodes(s *scenarios.Scenario) bool {
	return slices.ContainsFunc(s.Faults, func(f scenarios.Fault) bool {
		fault, ok := f.Spec.(chaos.Fault)
		return !ok || fault.Targets().NamesNodes()
	})
}

// renew waits until no replica has to rest, empties the cluster, and has the run see it as
// it is now. It tells whether all of that could be done.
func (r *Reserve) renew(ctx context.Context, e *experiment, h *housed) bool {
	if wait := time.Until(h.restedBy); wait > 0 {
		e.Progress(fmt.Sprintf("the cluster of the last run is used again in %.1f s, when its replicas may stand again", wait.Seconds()))
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
		}
	}
	members, err := observe.CurrentTopology(ctx, h.Cluster, h.Layout)
	if err != nil {
		return false
	}
	before := replicas(h.Cluster.Nodes(), h.Layout)
	nodes := compose.Identified(h.Cluster.Nodes(), compose.Views(ctx, h.Cluster))
	nodes, ok := asMembers(nodes, members, h.Layout)
	if !ok || !slices.Equal(replicas(nodes, h.Layout), before) {
		return false
	}
	offset, within, err := h.Cluster.ClockOffset(ctx)
	if err != nil {
		return false
	}
	if err := emptied(ctx, h.Cluster, nodes); err != nil {
		return false
	}
	inner := h.Cluster
	if again, ok := inner.(*again); ok {
		inner = again.Cluster
	}
	h.Cluster = &again{Cluster: inner, nodes: nodes, since: time.Now().Add(offset - within)}
	h.note = fmt.Sprintf("The cluster was that of %s, and had served %d runs before.", r.of.id, h.served)
	if h.served == 1 {
		h.note = fmt.Sprintf("The cluster was that of %s, and had served that run before.", r.of.id)
	}
	return true
}

// asMembers are the nodes by the roles and shards that they have now; not ok unless every node is a live member of a
// shard, and every shard has one master.
func asMembers(nodes []compose.Node, members observe.Topology, layout slots.Layout) ([]compose.Node, bool) {
	masters := make([]int, layout.Shards())
	for i := range nodes {
		m := slices.IndexFunc(members, func(m observe.Member) bool { return m.Node == nodes[i].Name })
		if m < 0 || members[m].Shard < 0 || members[m].Failed {
			return nil, false
		}
		nodes[i].Shard, nodes[i].Replica = members[m].Shard, !members[m].Master
		if members[m].Master {
			masters[members[m].Shard]++
		}
	}
	return nodes, !slices.ContainsFunc(masters, func(n int) bool { return n != 1 })
}

// replicas counts those of each shard.
func replicas(nodes []compose.Node, layout slots.Layout) []int {
	all := make([]int, layout.Shards())
	for _, n := range nodes {
		if n.Replica {
			all[n.Shard]++
		}
	}
	return all
}

const (
	// emptyPatience bounds each question while a cluster is emptied, and syncPatience the wait
	// for its replicas to have followed.
	emptyPatience = 10 * time.Second
	syncPatience  = 30 * time.Second
)

// emptied removes all that is in the cluster, which is the tool's own, and waits until every
// replica is in sync and no server is busy with its files.
func emptied(ctx context.Context, r compose.Cluster, nodes []compose.Node) error {
	for _, n := range nodes {
		if n.Replica {
			continue
		}
		c := compose.DirectClient(r, n.Addr, emptyPatience)
		err := c.FlushAll(ctx).Err()
		_ = c.Close() // nothing was written that is not answered
		if err != nil {
			return fmt.Errorf("emptying %s: %w", n.Name, err)
		}
	}
	deadline := time.Now().Add(syncPatience)
	for _, n := range nodes {
		if err := settled(ctx, r, n, deadline); err != nil {
			return err
		}
	}
	return nil
}

// settled waits until a node has nothing to do of the last run.
func settled(ctx context.Context, r compose.Cluster, n compose.Node, deadline time.Time) error {
	c := compose.DirectClient(r, n.Addr, emptyPatience)
	defer c.Close()
	for {
		v, err := view.Fetch(ctx, c)
		if err == nil && !v.Persistence.Loading && !v.Persistence.Saving && !v.Persistence.Rewriting && v.State == "ok" && v.Replication.Master != n.Replica && (v.Replication.Master || v.Replication.LinkUp) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not as new", n.Name)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Close removes what is kept.
func (r *Reserve) Close(ctx context.Context) error {
	if r == nil || r.kept == nil {
		return nil
	}
	h := r.kept
	r.kept = nil
	defer h.runtime.Close()
	return r.of.remove(ctx, h)
}

// again is a cluster that has served other runs before: its nodes have the roles that they
// have now, and their logs begin with the run.
type again struct {
	compose.Cluster
	nodes []compose.Node
	since time.Time // by the runtime's clock
}

// Nodes implements compose.Cluster.
func (a *again) Nodes() []compose.Node {
	nodes := slices.Clone(a.nodes)
	for _, is := range a.Cluster.Nodes() { // an address may have changed since
		for i, n := range nodes {
			if n.Name == is.Name {
				nodes[i].Addr, nodes[i].Announced, nodes[i].ClientAddr, nodes[i].HostAddr = is.Addr, is.Announced, is.ClientAddr, is.HostAddr
			}
		}
	}
	return nodes
}

// Commands implements chaos.ByHand, if the cluster does.
func (a *again) Commands(ctx context.Context, node string) []string {
	if hands, ok := a.Cluster.(chaos.ByHand); ok {
		return hands.Commands(ctx, node)
	}
	return nil
}

// Follow implements compose.Cluster.
func (a *again) Follow(ctx context.Context, node string, tell func(compose.LogLine)) error {
	return a.Cluster.Follow(ctx, node, func(line compose.LogLine) {
		if !line.Time.Before(a.since) {
			tell(line)
		}
	})
}

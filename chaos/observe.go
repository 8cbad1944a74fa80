package chaos

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/report/record"
)

const (
	// observePace is the time between two questions to one node, in a cluster of
	// up to observeNodes nodes; beyond, it grows with the number of nodes.
	observePace  = 50 * time.Millisecond
	observeNodes = 12
	// observePatience is how long a node may take to answer.
	observePatience = 500 * time.Millisecond
)

// observer keeps asking every node how it sees the cluster, and records every
// change.
type observer struct {
	runtime compose.Runtime
	rec     *record.Record
	nodes   []compose.Node
	shards  []record.Shard
	names   map[string]string // node id -> name
	byAddr  map[string]string // announced address -> name

	mu   sync.Mutex
	last map[string]*observed // by node name
}

// observed is what is known of one node from its own words.
type observed struct {
	at        float64 // when it was last asked, in ms
	reachable bool
	view      view.View
	flags     map[string]string // subject -> flag
	owners    []string          // by shard
	state     string
	role      string
	inSync    map[string]bool // replica -> in sync
	// target is the offset that the master had when a replica came online: a
	// replica that has reached it has all that was written before.
	target map[string]int64
}

func newObserver(r compose.Runtime, rec *record.Record, shards []record.Shard) *observer {
	o := &observer{
		runtime: r, rec: rec, nodes: r.Nodes(), shards: shards,
		names: map[string]string{}, byAddr: map[string]string{}, last: map[string]*observed{},
	}
	for _, n := range o.nodes {
		o.names[n.ID], o.byAddr[n.Addr] = n.Name, n.Name
		o.last[n.Name] = &observed{
			reachable: true, flags: map[string]string{}, owners: make([]string, len(shards)),
			inSync: map[string]bool{}, target: map[string]int64{},
		}
	}
	return o
}

// run observes until ctx ends.
func (o *observer) run(ctx context.Context) {
	pace := observePace * time.Duration(max(1, (len(o.nodes)+observeNodes-1)/observeNodes))
	var wg sync.WaitGroup
	for i, n := range o.nodes {
		wg.Go(func() {
			client := compose.DirectClient(o.runtime, n.Addr, observePatience)
			defer client.Close()
			// Spread over the interval, so that the nodes are not all asked at once.
			if !sleep(ctx, pace*time.Duration(i)/time.Duration(len(o.nodes))) {
				return
			}
			for {
				next := time.Now().Add(pace)
				o.ask(ctx, n, client)
				if !sleep(ctx, time.Until(next)) {
					return
				}
			}
		})
	}
	wg.Wait()
}

// sleep waits for d; false means that ctx has ended.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (o *observer) ask(ctx context.Context, n compose.Node, client *redis.Client) {
	asked := o.rec.Now()
	v, err := view.Fetch(ctx, client)
	if ctx.Err() != nil {
		return
	}
	now := o.rec.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	was := o.last[n.Name]
	was.at = asked
	if was.reachable != (err == nil) {
		was.reachable = err == nil
		o.rec.AddAt(now, &record.Reachable{Node: n.Name, OK: was.reachable})
	}
	if err != nil {
		return
	}
	was.view = v
	o.compareCluster(now, n.Name, was)
	if v.Replication.Master {
		o.compareReplicas(now, n.Name, was)
	}
}

// compareCluster records what has changed in a node's view of the cluster.
func (o *observer) compareCluster(now float64, name string, was *observed) {
	v := was.view
	if v.State != was.state {
		was.state = v.State
		o.rec.AddAt(now, &record.ClusterState{Node: name, OK: v.State == "ok"})
	}
	for _, seen := range v.Nodes {
		subject, ok := o.names[seen.ID]
		if !ok {
			continue
		}
		if seen.Myself {
			role := "master"
			if !seen.Master {
				role = "replica of " + o.names[seen.OfID]
			}
			if role != was.role {
				was.role = role
				e := &record.Role{Node: name, Role: "master"}
				if !seen.Master {
					e.Role, e.Master = "replica", o.names[seen.OfID]
				}
				o.rec.AddAt(now, e)
			}
			continue
		}
		if flag := seen.Flag; flag != was.flags[subject] {
			was.flags[subject] = flag
			o.rec.AddAt(now, &record.NodeFlag{Observer: name, Subject: subject, Flag: flag})
		}
	}
	for i := range o.shards {
		owner, ok := v.Owner(slots.Share(i, len(o.shards)).First)
		if owns := o.names[owner.ID]; ok && owns != was.owners[i] {
			was.owners[i] = owns
			o.rec.AddAt(now, &record.SlotOwner{Observer: name, Shard: i, Owner: owns, Epoch: owner.Epoch})
		}
	}
}

// compareReplicas records which of a master's replicas have come in or fallen
// out of sync.
func (o *observer) compareReplicas(now float64, name string, was *observed) {
	r := was.view.Replication
	online := map[string]bool{}
	for _, replica := range r.Replicas {
		who, ok := o.byAddr[replica.Addr]
		if !ok || !replica.Online {
			continue
		}
		online[who] = true
		if _, known := was.target[who]; !known {
			was.target[who] = r.Offset
		}
		// The replica's own word is fresher than its acknowledgement, which comes once a second.
		has := max(replica.Offset, o.last[who].view.Replication.ReplOffset)
		if !was.inSync[who] && has >= was.target[who] {
			was.inSync[who] = true
			o.rec.AddAt(now, &record.Replication{Master: name, Replica: who, InSync: true})
		}
	}
	for who := range was.target {
		if !online[who] {
			delete(was.target, who)
			if was.inSync[who] {
				was.inSync[who] = false
				o.rec.AddAt(now, &record.Replication{Master: name, Replica: who})
			}
		}
	}
}

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
		for subject, flag := range s.flags {
			if flag != "ok" {
				return fmt.Sprintf("%s sees %s as %s", n.Name, subject, flag)
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

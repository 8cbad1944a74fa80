package observe

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/report/record"
)

const (
	// observeBudget is the share of one core that asking all nodes may use. Where
	// it would use more, each node is asked less often.
	observeBudget = 0.04
	// exchangeCost is what sending a question and receiving the answer costs,
	// beside understanding it.
	exchangeCost = 100 * time.Microsecond
)

// views keeps asking every node how it sees the cluster, and records every
// change.
type views struct {
	rec    *record.Record
	nodes  []compose.Node
	shards []record.Shard // as they were when the run began
	layout slots.Layout
	who    *identities

	least time.Duration // between two questions to one node
	// cost is what understanding an answer costs, in ns: a moving average.
	cost atomic.Int64

	// recount is the moment since which all nodes are to be asked for their counters at
	// once, on the run's clock in µs.
	recount atomic.Int64

	places map[string]*atomic.Int64 // by node name: the shard that it is a member of

	mu   sync.Mutex
	last map[string]*observed // by node name
}

// observed is what is known of one node from its own words.
type observed struct {
	at        record.Millis // when it was last asked, in ms
	reachable bool
	view      view.View
	others    map[string]seen // by subject
	unknown   int             // nodes that it does not know as who they are by now
	owners    []string        // by shard
	orphan    int             // a shard that is a former identity's of its owner; -1 if there is none
	state     string
	role      string
	epoch     record.Epoch
	disk      view.Persistence
	counters  record.Counters // that were recorded last
	counted   record.Millis   // when it was last asked for them, in ms
	link      *bool           // a replica's link to its master
	inSync    map[string]bool // replica -> in sync
	lag       map[string]int  // replica -> step of its lag
	// target is the offset that the master had when a replica came online: a
	// replica that has reached it has all that was written before.
	target map[string]int64
}

// seen is how a node sees another one.
type seen struct {
	flag string
	down bool // no link
}

func newViews(nodes []compose.Node, who *identities, rec *record.Record, shards []record.Shard, layout slots.Layout, pace time.Duration) *views {
	o := &views{
		rec: rec, nodes: nodes, who: who, shards: shards, layout: layout, least: pace, last: map[string]*observed{},
		places: map[string]*atomic.Int64{},
	}
	for _, n := range o.nodes {
		o.places[n.Name] = &atomic.Int64{}
		o.places[n.Name].Store(int64(n.Shard))
		o.last[n.Name] = &observed{
			reachable: true, others: map[string]seen{}, owners: make([]string, len(shards)), orphan: -1,
			inSync: map[string]bool{}, lag: map[string]int{}, target: map[string]int64{},
		}
	}
	return o
}

// pace is the time between two questions to one node.
func (o *views) pace() time.Duration {
	all := float64(len(o.nodes)) * float64(exchangeCost+time.Duration(o.cost.Load()))
	return max(o.least, time.Duration(all/observeBudget))
}

// spent takes in what it cost to understand an answer.
func (o *views) spent(d time.Duration) {
	const weight = 16 // of the past
	o.cost.Store((o.cost.Load()*(weight-1) + int64(d)) / weight)
}

// count has every node asked for its counters with the next question, and tells when all that
// answer have told them.
func (o *views) count() (done func() bool) {
	since := o.rec.Now()
	o.recount.Store(int64(since * 1000))
	return func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, was := range o.last {
			if was.reachable && was.counted < since {
				return false
			}
		}
		return true
	}
}

// lost takes in that a node gives no answer.
func (o *views) lost(node string, at time.Time) {
	now := o.rec.At(at)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reach(now, node, false)
	o.last[node].at = now
}

// reach records whether a node gives answers.
func (o *views) reach(now record.Millis, node string, ok bool) {
	was := o.last[node]
	if was.reachable != ok {
		was.reachable = ok
		o.rec.AddAt(now, &record.Reachable{Node: node, OK: ok})
	}
}

// answered takes in what a node said at a moment to a question.
func (o *views) answered(node string, asked, at time.Time, replies []string) {
	v, err := view.Parse(replies)
	if err != nil {
		o.lost(node, at)
		return
	}
	now := o.rec.At(at)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reach(now, node, true)
	was := o.last[node]
	was.at, was.view = o.rec.At(asked), v
	o.identify(now, node, v)
	o.compareCluster(now, node, was)
	o.placed(node, was)
	o.compareSelf(now, node, was)
	if v.Replication.Master {
		o.compareReplicas(now, node, was)
	}
	if more := replies[len(view.Commands()):]; len(more) > 0 {
		was.counted = was.at
		o.compareCounters(now, node, was, view.ParseCounters(more))
	}
}

// place is the shard that a node is a member of, by its own word: the last one, if it
// is of none for now.
func (o *views) place(node string) int { return int(o.places[node].Load()) }

// placed takes in which shard a node is a member of.
func (o *views) placed(name string, was *observed) {
	master := name
	if of, isReplica := strings.CutPrefix(was.role, "replica of "); isReplica {
		master = of
	}
	if shard := slices.Index(was.owners, master); shard >= 0 {
		o.places[name].Store(int64(shard))
	}
}

// identify takes in who a node is by its own word, and records it if that has changed.
func (o *views) identify(now record.Millis, node string, v view.View) {
	me, ok := v.Myself()
	if !ok {
		return
	}
	if o.who.is(node, me.ID, me.Addr) {
		o.rec.AddAt(now, &record.Identity{Node: node, ID: me.ID, Address: me.Addr})
	}
}

// compareCluster records what has changed in a node's view of the cluster. What it says of an id that another
// node had before, it says of that node, unless it knows that one as who it is by now.
func (o *views) compareCluster(now record.Millis, name string, was *observed) {
	v := was.view
	if v.State != was.state {
		was.state = v.State
		o.rec.AddAt(now, &record.ClusterState{Node: name, OK: v.State == "ok"})
	}
	was.unknown = len(o.nodes) - 1
	for _, n := range v.Nodes {
		subject, former := o.who.node(n.ID)
		switch {
		case subject == "" || former && v.Knows(o.who.id(subject)):
			continue
		case n.Myself:
			o.compareRole(now, name, was, n)
			continue
		case !former:
			was.unknown--
		}
		before, is := was.others[subject], seen{flag: n.Flag, down: !n.LinkUp}
		if is == before {
			continue
		}
		was.others[subject] = is
		if is.flag != before.flag {
			o.rec.AddAt(now, &record.NodeFlag{Observer: name, Subject: subject, Flag: is.flag})
		}
		if is.down != before.down {
			o.rec.AddAt(now, &record.Link{Observer: name, Subject: subject, Up: !is.down})
		}
	}
	was.orphan = -1
	for i := range o.shards {
		owner, ok := v.Owner(o.layout.First(i))
		owns, former := o.who.node(owner.ID)
		if ok && owns != "" && former {
			was.orphan = i
		}
		if ok && owns != was.owners[i] {
			was.owners[i] = owns
			o.rec.AddAt(now, &record.SlotOwner{Observer: name, Shard: i, Owner: owns, Epoch: owner.Epoch})
		}
	}
}

// compareRole records what has changed in a node's line about itself.
func (o *views) compareRole(now record.Millis, name string, was *observed, self view.Node) {
	role := "master"
	of, _ := o.who.node(self.OfID)
	if !self.Master {
		role = "replica of " + of
	}
	if role != was.role {
		was.role = role
		e := &record.Role{Node: name, Role: "master"}
		if !self.Master {
			e.Role, e.Master = "replica", of
		}
		o.rec.AddAt(now, e)
	}
	if epoch := (record.Epoch{Node: name, Current: was.view.CurrentEpoch, Config: self.Epoch}); epoch != was.epoch {
		was.epoch = epoch
		o.rec.AddAt(now, &epoch)
	}
}

// compareSelf records what has changed in a node's word on its disk and on its
// link to its master.
func (o *views) compareSelf(now record.Millis, name string, was *observed) {
	if disk := was.view.Persistence; disk != was.disk {
		was.disk = disk
		o.rec.AddAt(now, &record.Persistence{
			Node: name, Loading: disk.Loading, Saving: disk.Saving, Rewriting: disk.Rewriting, WriteError: disk.WriteError,
		})
	}
	r := was.view.Replication
	switch {
	case r.Master:
		was.link = nil
	case was.link == nil || *was.link != r.LinkUp:
		was.link = &r.LinkUp
		o.rec.AddAt(now, &record.MasterLink{Replica: name, Up: r.LinkUp})
	}
}

// compareCounters records what a node has counted, if it has counted more, or has
// started anew. The number of its keys, which nearly every write changes, is no reason to.
func (o *views) compareCounters(now record.Millis, name string, was *observed, c view.Counters) {
	e := record.Counters{
		Node: name, RunID: c.RunID, EvictedKeys: c.EvictedKeys, ExpiredKeys: c.ExpiredKeys, RejectedConnections: c.RejectedConnections,
		SyncFull: c.FullSyncs, SyncPartialOK: c.PartialSyncs, SyncPartialErr: c.PartialSyncsRefused,
		Flushes: c.Flushes, SlotChanges: c.SlotChanges, Loading: was.view.Persistence.Loading, Keys: was.counters.Keys,
	}
	if e == was.counters {
		return
	}
	e.Keys = c.Keys
	was.counters = e
	o.rec.AddAt(now, &e)
}

// compareReplicas records which of a master's replicas have come in or fallen
// out of sync.
func (o *views) compareReplicas(now record.Millis, name string, was *observed) {
	r := was.view.Replication
	online := map[string]bool{}
	for _, replica := range r.Replicas {
		who := o.who.at(replica.Addr)
		if who == "" || !replica.Online {
			continue
		}
		online[who] = true
		if _, known := was.target[who]; !known {
			was.target[who] = r.Offset
		}
		// The replica's own word is fresher than its acknowledgement, which comes once a second.
		has := max(replica.Offset, o.last[who].view.Replication.ReplOffset)
		if step := lagStep(r.Offset - has); step != was.lag[who] {
			was.lag[who] = step
			o.rec.AddAt(now, &record.Lag{Master: name, Replica: who, Bytes: max(0, r.Offset-has)})
		}
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

// lagStep is 0 below 4 KiB, 1 below 16 KiB, 2 below 64 KiB, and so on.
func lagStep(bytes int64) (step int) {
	for bound := int64(4 << 10); bytes >= bound; bound *= 4 {
		step++
	}
	return step
}

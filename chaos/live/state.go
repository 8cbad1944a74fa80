// Package live tells what holds in a run that is under way, by what is recorded of it as it happens.
package live

import (
	"sync"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Cluster is what is known of the cluster by asking its nodes: *observe.Observation.
type Cluster interface {
	// Missing says what the cluster lacks to be whole by what was asked after since (ms), compared with
	// what each shard had when the run began; "" is whole.
	Missing(since record.Millis) string
	// Behind is how many bytes the replica that lacks most is behind its master, of a shard or of any.
	Behind(shard *int) (bytes int64, ok bool)
}

// Load is a workload that is under way.
type Load interface {
	Name() string
	// Progress counts the operations that have ended so far.
	Progress() (attempted, acked, failed, indeterminate int64)
}

// State is what holds in a run. It is told of events by Take, and may be asked at any time.
type State struct {
	cluster Cluster
	loads   []Load
	bounds  scenarios.Steady
	now     func() record.Millis

	mu      sync.Mutex
	nodes   map[string]*node
	shards  []*shard
	seconds []second
	spells  map[record.Millis]*spell // by the moment from which on they count
}

// node is what is known of a node.
type node struct {
	silent bool // gives no answer
	ok     *bool
	// master is whose replica it is; empty if it is none, or not known yet.
	master string
	inSync map[string]bool // the replicas that are, by its own word
}

// New is the state of a run of a scenario before anything is known.
func New(s *scenarios.Scenario, cluster Cluster, loads []Load, now func() record.Millis) *State {
	state := &State{
		cluster: cluster, loads: loads, now: now,
		nodes: map[string]*node{}, spells: map[record.Millis]*spell{},
	}
	if s.Steady != nil {
		state.bounds = *s.Steady
	}
	return state
}

func (s *State) node(name string) *node {
	if s.nodes[name] == nil {
		s.nodes[name] = &node{inSync: map[string]bool{}}
	}
	return s.nodes[name]
}

// Take takes in an event of the record. It tells whether another condition may hold for it.
func (s *State) Take(e record.Event) (matters bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch d := e.Data.(type) {
	case *record.RunStarted:
		s.begin(d)
	case *record.Reachable:
		s.node(d.Node).silent = !d.OK
	case *record.ClusterState:
		s.node(d.Node).ok = &d.OK
	case *record.Role:
		s.node(d.Node).master = d.Master
	case *record.Replication:
		s.node(d.Master).inSync[d.Replica] = d.InSync
	case *record.NodeFlag, *record.Log, *record.SlotOwner:
	case *record.LatencyInterval:
		s.measured(e.At, d)
		return false
	default:
		return false
	}
	s.followFailovers(e)
	return true
}

// begin takes in who is who when the run starts.
func (s *State) begin(d *record.RunStarted) {
	for _, of := range d.Shards {
		s.shards = append(s.shards, newShard(of))
		s.node(of.Master)
		for _, replica := range of.Replicas {
			s.node(replica).master = of.Master
		}
	}
}

// Holds tells since when a condition has held, or when what it waits for came, from a moment on.
// It is not ok if that has not come about.
func (s *State) Holds(w scenarios.When, from record.Millis) (at record.Millis, ok bool) {
	now := s.now()
	switch {
	case w.Cluster == scenarios.ClusterWhole:
		return now, s.cluster.Missing(from) == ""
	case w.Steady > 0:
		return now, s.Unsteady(w.Steady.D(), from) == ""
	case w.Behind != nil:
		bytes, known := s.cluster.Behind(w.Shard)
		return now, known && bytes >= int64(*w.Behind)
	case w.Writes > 0:
		return now, s.acked(w.Workload) >= w.Writes
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case w.Failover != "":
		return s.reached(w, from)
	case w.Replicas != "":
		return now, s.inSync(w.Shard)
	default:
		return now, s.says(w.Cluster)
	}
}

// says tells whether the nodes that answer say that the cluster is ok, or one of them that it is down.
func (s *State) says(c scenarios.ClusterCondition) bool {
	up, down := 0, 0
	for _, n := range s.nodes {
		switch {
		case n.silent || n.ok == nil:
		case *n.ok:
			up++
		default:
			down++
		}
	}
	if c == scenarios.ClusterDown {
		return down > 0
	}
	return up > 0 && down == 0
}

// inSync tells whether every replica of a shard, or of all, is in sync, and there is one.
func (s *State) inSync(shard *int) bool {
	some := false
	for name, n := range s.nodes {
		if n.master == "" || shard != nil && s.shardOf(n.master) != s.shards[*shard] {
			continue
		}
		if master := s.node(n.master); n.silent || master.silent || !master.inSync[name] {
			return false
		}
		some = true
	}
	return some
}

// acked counts the acked writes of a workload, or of all.
func (s *State) acked(workload string) (sum int64) {
	for _, l := range s.loads {
		if workload == "" || l.Name() == workload {
			_, acked, _, _ := l.Progress()
			sum += acked
		}
	}
	return sum
}

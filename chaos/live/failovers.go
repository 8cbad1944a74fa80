package live

import (
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// shard is what is known of a shard and of its last failover.
type shard struct {
	number int
	master string
	epoch  int64
	// owners are whom each node names as the master.
	owners map[string]string
	// reached is when each phase was reached last.
	reached map[scenarios.FailoverPhase]record.Millis
	// open is the phases that the failover under way is yet to reach after its promotion.
	converging, bare bool
}

func newShard(of record.Shard) *shard {
	return &shard{number: of.Shard, master: of.Master, owners: map[string]string{}, reached: map[scenarios.FailoverPhase]record.Millis{}}
}

// shardOf is the shard of which a node is the master, or a replica; nil if it is of none.
func (s *State) shardOf(name string) *shard {
	for _, name := range []string{name, s.node(name).master} {
		for _, of := range s.shards {
			if of.master == name {
				return of
			}
		}
	}
	return nil
}

// mastered is the shard of which a node is the master; nil if there is none.
func (s *State) mastered(name string) *shard {
	if of := s.shardOf(name); of != nil && of.master == name {
		return of
	}
	return nil
}

// reached is when a phase was last reached, if that was since a moment.
func (s *State) reached(w scenarios.When, from record.Millis) (at record.Millis, ok bool) {
	for _, of := range s.shards {
		if w.Shard != nil && of.number != *w.Shard {
			continue
		}
		if reached, ever := of.reached[w.Failover]; ever && reached >= from && (!ok || reached < at) {
			at, ok = reached, true
		}
	}
	return at, ok
}

// followFailovers takes in what an event tells of failovers.
func (s *State) followFailovers(e record.Event) {
	switch d := e.Data.(type) {
	case *record.NodeFlag:
		if of := s.mastered(d.Subject); of != nil && d.Flag != "ok" {
			of.suspected(e.At, d.Flag == "fail")
		}
	case *record.Log:
		if e.At >= 0 { // else it is of before the run
			s.followLog(e.At, d)
		}
	case *record.SlotOwner:
		s.followOwner(e.At, d)
	case *record.Reachable:
		for _, of := range s.shards {
			s.agree(of, e.At)
		}
	case *record.Replication:
		if of := s.mastered(d.Master); of != nil && of.bare && d.InSync {
			of.reach(scenarios.PhaseRedundant, e.At)
			of.bare = false
		}
	}
}

func (s *State) followLog(at record.Millis, d *record.Log) {
	switch d.Kind {
	case record.LogMarkedFail, record.LogFailReceived:
		if of := s.mastered(d.Subject); of != nil {
			of.suspected(at, true)
		}
	case record.LogElectionStarted:
		if of := s.shardOf(d.Node); of != nil {
			of.reach(scenarios.PhaseElection, at)
		}
	case record.LogElectionWon:
		if of := s.shardOf(d.Node); of != nil {
			of.promoted(d.Node, at)
		}
	}
}

// followOwner takes in whom a node names as the master of a shard. A later epoch wins.
func (s *State) followOwner(at record.Millis, d *record.SlotOwner) {
	if d.Shard < 0 || d.Shard >= len(s.shards) {
		return
	}
	of := s.shards[d.Shard]
	of.owners[d.Observer] = d.Owner
	if d.Owner != of.master && d.Epoch > of.epoch {
		of.promoted(d.Owner, at)
	}
	if d.Owner == of.master {
		of.epoch = max(of.epoch, d.Epoch)
	}
	s.agree(of, at)
}

// agree notes when every node that answers names the new master.
func (s *State) agree(of *shard, at record.Millis) {
	if !of.converging {
		return
	}
	for observer, owner := range of.owners {
		if !s.node(observer).silent && owner != of.master {
			return
		}
	}
	of.reach(scenarios.PhaseConverged, at)
	of.converging = false
}

func (of *shard) reach(p scenarios.FailoverPhase, at record.Millis) { of.reached[p] = at }

// suspected takes in that the master is suspected, or marked as failed.
func (of *shard) suspected(at record.Millis, failed bool) {
	of.reach(scenarios.PhasePFail, at)
	if failed {
		of.reach(scenarios.PhaseFail, at)
	}
}

// promoted takes in that a node has become the master.
func (of *shard) promoted(node string, at record.Millis) {
	if of.master == node {
		return
	}
	of.master, of.converging, of.bare = node, true, true
	of.reach(scenarios.PhasePromoted, at)
}

package check

import (
	"sync"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Group keeps account of what a consumer group got, over all streams: nine bytes
// for each write, and more only for those that were applied twice.
type Group struct {
	Name string

	mu     sync.Mutex // guards what follows
	states []groupStates
	// again is the states of further entries with the value of one that is in states.
	again map[history.StreamEntry]entryState

	delivered, acked, foreign int64
	afterAck, unacked         int64 // redelivered
	redelivered, lostWindow   *[2]record.Millis
	lost                      int64
	// made counts how often the group was made, by key: who finds it missing makes it
	// again, unless another consumer has done so meanwhile.
	made        []int
	undelivered *int64
	problem     error // the first reason why figures are incomplete
}

// entryState is what has become of an entry in a group.
type entryState uint8

const (
	stateNone      entryState = iota
	stateDelivered            // and XACK not answered
	stateAcked
)

// groupStates is what has become of a client's entries, by sequence number.
type groupStates struct {
	ids    []history.EntryID // of the entry that was delivered first
	states []entryState
}

func NewGroup(name string, clients, keys int) *Group {
	return &Group{Name: name, states: make([]groupStates, clients), again: map[history.StreamEntry]entryState{}, made: make([]int, keys)}
}

// farAhead is how far ahead of all others a write can be and take up no room for
// those in between.
const farAhead = 1 << 20

// at is where the state of an entry stands; nil if in again.
func (g *Group) at(e history.StreamEntry) *entryState {
	s := &g.states[e.Client]
	if int64(e.N)-int64(len(s.ids)) > farAhead {
		return nil
	}
	for uint32(len(s.ids)) <= e.N {
		s.ids, s.states = append(s.ids, 0), append(s.states, stateNone)
	}
	if s.states[e.N] == stateNone {
		s.ids[e.N] = e.ID
	}
	if s.ids[e.N] != e.ID {
		return nil
	}
	return &s.states[e.N]
}

// Knows tells whether there is such a client.
func (g *Group) Knows(w history.WriteID) bool { return int(w.Client) < len(g.states) }

// state is what has become of an entry.
func (g *Group) state(e history.StreamEntry) entryState {
	if s := g.at(e); s != nil {
		return *s
	}
	return g.again[e]
}

func (g *Group) setState(e history.StreamEntry, to entryState) {
	if s := g.at(e); s != nil {
		*s = to
		return
	}
	g.again[e] = to
}

// Deliver takes in that a consumer got an entry.
func (g *Group) Deliver(e history.StreamEntry, ms record.Millis) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch g.state(e) {
	case stateNone:
		g.delivered++
		g.setState(e, stateDelivered)
		return
	case stateAcked:
		g.afterAck++
	default:
		g.unacked++
	}
	widen(&g.redelivered, ms)
}

// Ack takes in that the XACK of an entry was answered.
func (g *Group) Ack(e history.StreamEntry) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state(e) == stateDelivered {
		g.acked++
		g.setState(e, stateAcked)
	}
}

// got tells whether an entry was delivered.
func (g *Group) got(e history.StreamEntry) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state(e) != stateNone
}

// ForeignEntry takes in an entry that the workload did not write.
func (g *Group) ForeignEntry() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.foreign++
}

// Incomplete notes why figures are.
func (g *Group) Incomplete(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.problem == nil {
		g.problem = err
	}
}

// TimesMade is how often the group was made on a stream.
func (g *Group) TimesMade(key int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.made[key]
}

// Remade notes that the group was found missing on a stream, when it had been made
// so many times, and has been made again.
func (g *Group) Remade(key, timesMade int, ms record.Millis) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.made[key] != timesMade {
		return // another consumer was faster
	}
	g.made[key]++
	g.lost++
	widen(&g.lostWindow, ms)
}

// Result sums up.
func (g *Group) Result(pending *int64) record.Group {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := record.Group{
		Group: g.Name, Delivered: g.delivered, Acked: g.acked, Foreign: g.foreign,
		RedeliveredAfterAck: g.afterAck, RedeliveredUnacked: g.unacked, RedeliveredWindow: g.redelivered,
		Undelivered: g.undelivered, Pending: pending, Lost: g.lost, LostWindow: g.lostWindow,
	}
	if g.problem != nil {
		r.Error = g.problem.Error()
	}
	return r
}

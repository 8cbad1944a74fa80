package workload

import (
	"sync"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// group keeps account of what a consumer group got, over all streams: nine bytes
// for each write, and more only for those that were applied twice.
type group struct {
	name string

	mu     sync.Mutex // guards what follows
	states []groupStates
	// again is the states of further entries with the value of one that is in states.
	again map[streamEntry]entryState

	delivered, acked, foreign int64
	afterAck, unacked         int64 // redelivered
	redelivered, lostWindow   *[2]float64
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
	ids    []entryID // of the entry that was delivered first
	states []entryState
}

func newGroup(name string, clients, keys int) *group {
	return &group{name: name, states: make([]groupStates, clients), again: map[streamEntry]entryState{}, made: make([]int, keys)}
}

// farAhead is how far ahead of all others a write can be and take up no room for
// those in between.
const farAhead = 1 << 20

// at is where the state of an entry stands; nil if in again.
func (g *group) at(e streamEntry) *entryState {
	s := &g.states[e.client]
	if int64(e.n)-int64(len(s.ids)) > farAhead {
		return nil
	}
	for uint32(len(s.ids)) <= e.n {
		s.ids, s.states = append(s.ids, 0), append(s.states, stateNone)
	}
	if s.states[e.n] == stateNone {
		s.ids[e.n] = e.id
	}
	if s.ids[e.n] != e.id {
		return nil
	}
	return &s.states[e.n]
}

// knows tells whether there is such a client.
func (g *group) knows(w writeID) bool { return int(w.client) < len(g.states) }

// state is what has become of an entry.
func (g *group) state(e streamEntry) entryState {
	if s := g.at(e); s != nil {
		return *s
	}
	return g.again[e]
}

func (g *group) setState(e streamEntry, to entryState) {
	if s := g.at(e); s != nil {
		*s = to
		return
	}
	g.again[e] = to
}

// deliver takes in that a consumer got an entry.
func (g *group) deliver(e streamEntry, ms float64) {
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

// ack takes in that the XACK of an entry was answered.
func (g *group) ack(e streamEntry) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state(e) == stateDelivered {
		g.acked++
		g.setState(e, stateAcked)
	}
}

// got tells whether an entry was delivered.
func (g *group) got(e streamEntry) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state(e) != stateNone
}

// foreignEntry takes in an entry that the workload did not write.
func (g *group) foreignEntry() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.foreign++
}

// incomplete notes why figures are.
func (g *group) incomplete(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.problem == nil {
		g.problem = err
	}
}

// timesMade is how often the group was made on a stream.
func (g *group) timesMade(key int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.made[key]
}

// remade notes that the group was found missing on a stream, when it had been made
// so many times, and has been made again.
func (g *group) remade(key, timesMade int, ms float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.made[key] != timesMade {
		return // another consumer was faster
	}
	g.made[key]++
	g.lost++
	widen(&g.lostWindow, ms)
}

// result sums up.
func (g *group) result(pending *int64) record.Group {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := record.Group{
		Group: g.name, Delivered: g.delivered, Acked: g.acked, Foreign: g.foreign,
		RedeliveredAfterAck: g.afterAck, RedeliveredUnacked: g.unacked, RedeliveredWindowMS: g.redelivered,
		Undelivered: g.undelivered, Pending: pending, Lost: g.lost, LostWindowMS: g.lostWindow,
	}
	if g.problem != nil {
		r.Error = g.problem.Error()
	}
	return r
}

package check

import (
	"cmp"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Group keeps account of what a consumer group got, over all streams: nine bytes
// for each write, and more only for those that were applied twice.
type Group struct {
	name    string
	history *history.Group
	written []history.History
	states  []groupStates // by client
	// again is the states of further entries with the value of one that is in states.
	again map[history.StreamEntry]entryState
	// room is how much further states may grow.
	room int64

	result      record.Group
	undelivered *int64
	unread      string // why it is not known what was not delivered
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

const (
	// roomAtFirst and roomForEach are how many writes there is room for in states, and how
	// many more with each delivery: an entry can be far ahead of all others, and takes up
	// no room for those in between then.
	roomAtFirst = 1 << 16
	roomForEach = 16
)

// NewGroup goes through the history of a group, of entries that clients have written.
func NewGroup(name string, h *history.Group, written []history.History) *Group {
	g := &Group{
		name: name, history: h, written: written, states: make([]groupStates, len(written)),
		again: map[history.StreamEntry]entryState{}, room: roomAtFirst,
	}
	got := map[int][]history.StreamEntry{} // last, by consumer
	for e := range h.All() {
		switch e.Kind {
		case history.Delivered:
			g.result.Foreign += e.Foreign
			for _, entry := range e.Entries {
				g.deliver(entry, e.At)
			}
			got[e.Consumer] = e.Entries
		case history.AckedAll:
			for _, entry := range got[e.Consumer] {
				g.ack(entry)
			}
		case history.Remade:
			g.result.Lost++
			widen(&g.result.LostWindow, e.At)
		}
	}
	return g
}

// at is where the state of an entry stands; nil if in again.
func (g *Group) at(e history.StreamEntry) *entryState {
	if _, again := g.again[e]; again {
		return nil
	}
	s := &g.states[e.Client]
	if more := int64(e.N) + 1 - int64(len(s.ids)); more > 0 {
		if more > g.room {
			return nil
		}
		g.room -= more
		s.ids = append(s.ids, make([]history.EntryID, more)...)
		s.states = append(s.states, make([]entryState, more)...)
	}
	if s.states[e.N] == stateNone {
		s.ids[e.N] = e.ID
	}
	if s.ids[e.N] != e.ID {
		return nil
	}
	return &s.states[e.N]
}

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

// ours tells whether the workload has written an entry.
func (g *Group) ours(w history.WriteID) bool {
	return int(w.Client) < len(g.written) && w.N < g.written[w.Client].Len()
}

// deliver takes in that a consumer got an entry.
func (g *Group) deliver(e history.StreamEntry, ms record.Millis) {
	if !g.ours(e.WriteID) {
		g.result.Foreign++
		return
	}
	g.room += roomForEach
	switch g.state(e) {
	case stateNone:
		g.result.Delivered++
		g.setState(e, stateDelivered)
		return
	case stateAcked:
		g.result.RedeliveredAfterAck++
	default:
		g.result.RedeliveredUnacked++
	}
	widen(&g.result.RedeliveredWindow, ms)
}

// ack takes in that the XACK of an entry was answered.
func (g *Group) ack(e history.StreamEntry) {
	if g.ours(e.WriteID) && g.state(e) == stateDelivered {
		g.result.Acked++
		g.setState(e, stateAcked)
	}
}

// got tells whether an entry was delivered.
func (g *Group) got(e history.StreamEntry) bool {
	if s := g.states[e.Client]; int64(e.N) < int64(len(s.ids)) && s.ids[e.N] == e.ID && s.states[e.N] != stateNone {
		return true
	}
	return g.again[e] != stateNone
}

// verdict sums up.
func (g *Group) verdict() record.Group {
	r := g.result
	r.Group, r.Undelivered, r.Pending, r.Errors = g.name, g.undelivered, g.history.Pending, g.history.Errors
	r.Error = cmp.Or(g.history.Problem, g.unread, g.history.Unasked)
	return r
}

package check

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// world is a random history, what keys hold after it, and what a checker must
// say of the two.
type world struct {
	*rand.Rand
	spec       scenarios.Workload
	ttl        time.Duration
	keyOf      func(client int, n uint32) int
	checker    func() Checker
	fresh      func() readChecker // of types that can be read
	clients    []history.History
	shardOf    []int
	keys       [][]string // what each holds
	unreadable map[int]bool
	want       record.Verified
	wantLost   []madeWrite
	nodes      map[history.WriteID]string // that acked
}

// newWorld makes up a history, of a workload with some options if they are given.
// Nothing has been applied yet.
func newWorld(t *testing.T, typ string, seed uint64, options ...func(*world)) *world {
	t.Helper()
	w := &world{Rand: rand.New(rand.NewPCG(seed, 1)), unreadable: map[int]bool{}, nodes: map[history.WriteID]string{}}
	clients := 1 + w.IntN(4)
	w.spec = scenarios.Workload{
		Type: typ, Clients: clients, Keys: clients + w.IntN(4), ValueSize: sizeRange(w.IntN(20), w.IntN(5)),
	}
	if typ == "list" {
		w.spec.Pipeline = 1 + w.IntN(3)
	}
	for _, set := range options {
		set(w)
	}
	w.plan(t, typ, int64(seed))
	w.shardOf, w.keys = shards(w.spec.Keys), make([][]string, w.spec.Keys)
	w.clients = make([]history.History, clients)
	nodes := []string{"one", "another"}
	for c := range w.clients {
		for ms := range w.IntN(40) {
			o := history.Acked
			if w.IntN(3) == 0 {
				o = history.Outcome(w.IntN(4))
			}
			if node := nodes[w.IntN(2)]; o.IsAcked() {
				id := history.WriteID{Client: uint32(c), N: w.clients[c].Len()}
				w.clients[c].Ackers.Ack(id.N, w.shardOf[w.keyOf(c, id.N)], node)
				w.nodes[id] = node
			}
			w.clients[c].Add(o, record.Millis(10*ms+w.IntN(10)))
		}
	}
	if w.IntN(4) == 0 {
		w.unreadable[w.IntN(w.spec.Keys)] = true
	}
	return w
}

// plan is what workloads of a type make.
func (w *world) plan(t *testing.T, typ string, seed int64) {
	t.Helper()
	spread, own, size, lasts := keyspace.NewSpread(w.spec, seed), keyspace.Owned{Clients: w.spec.Clients, Keys: w.spec.Keys}, keyspace.SizesOf(w.spec), NewExpiry(w.ttl, w.spec.Pipeline)
	w.keyOf = spread.KeyOf
	switch typ {
	case "set":
		w.checker = func() Checker { return NewSet(spread, size, w.clients, w.shardOf) }
	case "list":
		w.checker = func() Checker { return NewSequence(spread, size, w.spec.Pipeline, w.clients, w.shardOf) }
	case "counter":
		w.checker = func() Checker { return NewCounter(spread, w.clients, w.shardOf) }
		w.fresh = func() readChecker { return NewCounterFreshness(spread, w.spec.Keys) }
	case "register":
		w.keyOf = own.KeyOf
		w.checker = func() Checker { return NewRegister(own, size, lasts, w.clients, w.shardOf) }
		w.fresh = func() readChecker { return NewRegisterFreshness(own, size, lasts) }
	default:
		t.Fatalf("no checker of a %s", typ)
	}
}

// readChecker knows what a read must see.
type readChecker interface {
	Pick(client int, random uint64) int
	Wrote(key int, n uint32, o history.Outcome, ms record.Millis)
	Acked(key int) history.AckedYet
	Judge(h *history.History, key int, must history.AckedYet, value *string, ms record.Millis) history.View
}

// madeWrite is a write of a world.
type madeWrite struct {
	history.WriteID
	outcome history.Outcome
	ms      record.Millis
	key     int
	text    string
}

// writes lists all writes, in an order in which they may have been made.
func (w *world) writes() (all []madeWrite) {
	next := make([]uint32, len(w.clients))
	for {
		var going []int
		for c := range w.clients {
			if next[c] < w.clients[c].Len() {
				going = append(going, c)
			}
		}
		if len(going) == 0 {
			return all
		}
		c := going[w.IntN(len(going))]
		n := next[c]
		next[c]++
		o, ms := w.clients[c].At(n)
		all = append(all, madeWrite{
			history.WriteID{Client: uint32(c), N: n}, o, record.Millis(ms), w.keyOf(c, n),
			string(keyspace.AppendValue(nil, c, n, keyspace.SizesOf(w.spec))),
		})
	}
}

// chance is true once in n.
func (w *world) chance(n int) bool { return w.IntN(n) == 0 }

// insert puts a value somewhere into what a key holds, from an index on.
func (w *world) insert(key int, value string, from int) {
	at := from + w.IntN(len(w.keys[key])-from+1)
	w.keys[key] = slices.Insert(w.keys[key], at, value)
}

// lost expects a lost write.
func (w *world) lost(m madeWrite) {
	w.wantLost = append(w.wantLost, m)
	w.want.Lost++
	if w.want.LostByShard == nil {
		w.want.LostByShard = map[int]int64{}
		w.want.LossWindow = &[2]record.Millis{m.ms, m.ms}
	}
	w.want.LostByShard[w.shardOf[m.key]]++
	w.want.LossWindow[0] = min(w.want.LossWindow[0], m.ms)
	w.want.LossWindow[1] = max(w.want.LossWindow[1], m.ms)
}

// foreign is a value that no write to the key stands for.
func (w *world) foreign(key int) string {
	switch all := w.writes(); w.IntN(4) {
	case 0:
		return string(keyspace.AppendValue(nil, 0, w.clients[0].Len()+uint32(w.IntN(5)), keyspace.SizesOf(w.spec)))
	case 1:
		return string(keyspace.AppendValue(nil, len(w.clients), 0, keyspace.SizesOf(w.spec)))
	case 2:
		for _, m := range all {
			if m.key != key {
				return m.text
			}
		}
		return "of no other key"
	default:
		if len(all) == 0 {
			return ""
		}
		return all[0].text + "x"
	}
}

// verdict shows the checker what the keys hold, with readings that break off
// and begin again. Where a key has no order, neither has what is seen.
func (w *world) verdict(ordered bool) *record.Verified {
	check := w.checker()
	for key, values := range w.keys {
		if w.unreadable[key] || w.chance(3) {
			check.Begin(key)
			for _, v := range values[:w.IntN(len(values)+1)] {
				check.See(key, v)
			}
		}
		if w.unreadable[key] {
			check.Unreadable(key, errors.New("no master"))
			continue
		}
		check.Begin(key)
		values = slices.Clone(values)
		if !ordered {
			w.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		}
		for _, v := range values {
			check.See(key, v)
			if !ordered && w.chance(5) {
				check.See(key, v)
			}
		}
		check.End(key)
	}
	return check.Verdict()
}

// expectExactly compares all figures of a verdict.
func (w *world) expectExactly(t *testing.T, seed uint64, got *record.Verified) {
	t.Helper()
	if got.Unverified > 0 && got.Error == "" {
		t.Errorf("world %d: %d unverified for no reason", seed, got.Unverified)
	}
	figures := *got
	figures.Error, figures.Losses = "", nil
	w.expectLosses(t, seed, got.Losses)
	if describe(figures) != describe(w.want) {
		t.Errorf("world %d\ngot  %s\nwant %s", seed, describe(figures), describe(w.want))
	}
}

// expectLosses wants every lost write that is known by itself to be in one loss, by
// whom it concerns.
func (w *world) expectLosses(t *testing.T, seed uint64, got []record.Loss) {
	t.Helper()
	for i := range got {
		for _, m := range w.wantLost {
			l := &got[i]
			if int(m.Client) == l.Client && w.shardOf[m.key] == l.Shard && w.nodes[m.WriteID] == l.Node && l.First <= m.ms && m.ms <= l.Last {
				l.Count--
			}
		}
		if got[i].Count != 0 || got[i].Node == "" {
			t.Errorf("world %d: %+v does not hold as many lost writes as it says, by %d", seed, got[i], got[i].Count)
		}
	}
	if len(got) == 0 && len(w.wantLost) > 0 {
		t.Errorf("world %d: %d lost writes are in no loss", seed, len(w.wantLost))
	}
}

// applyOnce applies what was acked and some of what nobody knows of, loses
// some, and applies some of what was refused, one write at most once. Each is
// appended to its key.
func (w *world) applyOnce() {
	for _, m := range w.writes() {
		readable := !w.unreadable[m.key]
		lose, apply := w.chance(6), w.chance(3)
		switch {
		case m.outcome.IsAcked() && !readable:
			w.want.Unverified++
		case m.outcome.IsAcked():
			w.want.Checked++
			if lose {
				w.lost(m)
			}
		case apply && readable && m.outcome == history.Failed:
			w.want.FailedApplied++
		case apply && readable:
			w.want.UnackedApplied++
		}
		if m.outcome.IsAcked() && !lose || !m.outcome.IsAcked() && apply {
			w.keys[m.key] = append(w.keys[m.key], m.text)
		}
	}
}

// worlds is how many random histories each checker is put to.
const worlds = 500

func count(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// describe is a value in full.
func describe(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// sizeRange is sizes from least on, over a range.
func sizeRange(least, more int) units.SizeRange {
	return units.SizeRange{Least: units.Size(least), Most: units.Size(least + more)}
}

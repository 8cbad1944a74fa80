package workload

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// worlds is how many random histories each checker is put to.
const worlds = 500

// world is a random history, what keys hold after it, and what a checker must
// say of the two.
type world struct {
	*rand.Rand
	spec       scenarios.Workload
	kind       kind
	clients    []history
	shardOf    []int
	keys       [][]string // what each holds
	unreadable map[int]bool
	want       record.Verified
}

// newWorld makes up a history. Nothing has been applied yet.
func newWorld(t *testing.T, typ string, seed uint64) *world {
	t.Helper()
	w := &world{Rand: rand.New(rand.NewPCG(seed, 1)), unreadable: map[int]bool{}}
	clients := 1 + w.IntN(4)
	w.spec = scenarios.Workload{
		Type: typ, Clients: clients, Keys: clients + w.IntN(4), ValueSize: sizeRange(w.IntN(20), w.IntN(5)),
	}
	var err error
	w.kind, err = plans()[typ].kind(w.spec, int64(seed))
	must(t, err)
	w.shardOf, w.keys = shards(w.spec.Keys), make([][]string, w.spec.Keys)
	w.clients = make([]history, clients)
	for c := range w.clients {
		for ms := range w.IntN(40) {
			o := acked
			if w.IntN(3) == 0 {
				o = outcome(w.IntN(4))
			}
			w.clients[c].add(o, float64(10*ms+w.IntN(10)))
		}
	}
	if w.IntN(4) == 0 {
		w.unreadable[w.IntN(w.spec.Keys)] = true
	}
	return w
}

// madeWrite is a write of a world.
type madeWrite struct {
	writeID
	outcome outcome
	ms      float64
	key     int
	text    string
}

// writes lists all writes, in an order in which they may have been made.
func (w *world) writes() (all []madeWrite) {
	next := make([]uint32, len(w.clients))
	for {
		var going []int
		for c := range w.clients {
			if next[c] < w.clients[c].len() {
				going = append(going, c)
			}
		}
		if len(going) == 0 {
			return all
		}
		c := going[w.IntN(len(going))]
		n := next[c]
		next[c]++
		o, ms := w.clients[c].at(n)
		all = append(all, madeWrite{
			writeID{uint32(c), n}, o, float64(ms), w.kind.keyOf(c, n),
			string(appendValue(nil, c, n, sizesOf(w.spec))),
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
	w.want.Lost++
	if w.want.LostByShard == nil {
		w.want.LostByShard = map[int]int64{}
		w.want.LossWindowMS = &[2]float64{m.ms, m.ms}
	}
	w.want.LostByShard[w.shardOf[m.key]]++
	w.want.LossWindowMS[0] = min(w.want.LossWindowMS[0], m.ms)
	w.want.LossWindowMS[1] = max(w.want.LossWindowMS[1], m.ms)
}

// foreign is a value that no write to the key stands for.
func (w *world) foreign(key int) string {
	switch all := w.writes(); w.IntN(4) {
	case 0:
		return string(appendValue(nil, 0, w.clients[0].len()+uint32(w.IntN(5)), sizesOf(w.spec)))
	case 1:
		return string(appendValue(nil, len(w.clients), 0, sizesOf(w.spec)))
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
	check := w.kind.checker(w.clients, w.shardOf)
	for key, values := range w.keys {
		if w.unreadable[key] || w.chance(3) {
			check.begin(key)
			for _, v := range values[:w.IntN(len(values)+1)] {
				check.see(key, v)
			}
		}
		if w.unreadable[key] {
			check.unreadable(key, errors.New("no master"))
			continue
		}
		check.begin(key)
		values = slices.Clone(values)
		if !ordered {
			w.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		}
		for _, v := range values {
			check.see(key, v)
			if !ordered && w.chance(5) {
				check.see(key, v)
			}
		}
		check.end(key)
	}
	return check.verdict()
}

// expectExactly compares all figures of a verdict.
func (w *world) expectExactly(t *testing.T, seed uint64, got *record.Verified) {
	t.Helper()
	if got.Unverified > 0 && got.Error == "" {
		t.Errorf("world %d: %d unverified for no reason", seed, got.Unverified)
	}
	figures := *got
	figures.Error = ""
	if describe(figures) != describe(w.want) {
		t.Errorf("world %d\ngot  %s\nwant %s", seed, describe(figures), describe(w.want))
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
		case m.outcome.isAcked() && !readable:
			w.want.Unverified++
		case m.outcome.isAcked():
			w.want.Checked++
			if lose {
				w.lost(m)
			}
		case apply && readable && m.outcome == failed:
			w.want.FailedApplied++
		case apply && readable:
			w.want.UnackedApplied++
		}
		if m.outcome.isAcked() && !lose || !m.outcome.isAcked() && apply {
			w.keys[m.key] = append(w.keys[m.key], m.text)
		}
	}
}

// TestUnorderedIsExact has types that hold each write once, wherever. Exactly
// the writes that were taken away are lost, and exactly the values that were
// added are foreign.
func TestUnorderedIsExact(t *testing.T) {
	for _, typ := range []string{"set", "hash"} {
		for seed := range uint64(worlds) {
			w := newWorld(t, typ, seed)
			w.applyOnce()
			for key := range w.keys {
				if !w.unreadable[key] && w.chance(3) {
					w.keys[key] = append(w.keys[key], w.foreign(key))
					w.want.Foreign++
				}
			}
			w.expectExactly(t, seed, w.verdict(false))
		}
	}
}

// TestOrderedIsExact has types that hold each write as often as it was applied,
// in that order. On top of the above, exactly the copies that were added are
// duplicates, wherever they are, and exactly the writes that were moved to
// before an earlier one are found to be out of order.
func TestOrderedIsExact(t *testing.T) {
	for _, typ := range []string{"list", "stream"} {
		for seed := range uint64(worlds) {
			w := newWorld(t, typ, seed)
			w.applyOnce()
			var duplicated int64
			for key := range w.keys {
				for i := 1; i < len(w.keys[key]); i++ {
					if w.chance(10) {
						j := w.IntN(i)
						w.keys[key][i], w.keys[key][j] = w.keys[key][j], w.keys[key][i]
					}
				}
				for i := 0; i < len(w.keys[key]); i++ {
					if w.chance(5) {
						w.insert(key, w.keys[key][i], i+1) // the first is where it was
						if !w.unreadable[key] {
							duplicated++
						}
					}
				}
				if w.chance(3) {
					w.insert(key, w.foreign(key), 0)
					if !w.unreadable[key] {
						w.want.Foreign++
					}
				}
			}
			outOfOrder := w.outOfOrder()
			w.want.Duplicated, w.want.OutOfOrder = &duplicated, &outOfOrder
			w.expectExactly(t, seed, w.verdict(true))
		}
	}
}

// outOfOrder compares each write with every other: those of one client in one
// key that were acked without doubt, each where it is first.
func (w *world) outOfOrder() (n int64) {
	all := w.writes()
	for _, m := range all {
		at := slices.Index(w.keys[m.key], m.text)
		if at >= 0 && m.outcome == acked && !w.unreadable[m.key] && slices.ContainsFunc(all, func(later madeWrite) bool {
			before := slices.Index(w.keys[m.key], later.text)
			return later.client == m.client && later.n > m.n && later.key == m.key && later.outcome == acked &&
				before >= 0 && before < at
		}) {
			n++
		}
	}
	return n
}

// TestRegisterIsExact has each key hold any of its writes, nothing, or a value
// that is none of them. An acked write is lost if there is no way that it was
// applied: it is newer than the one that the key holds, and no attempt at that
// may have been applied late. If one may, nobody knows.
func TestRegisterIsExact(t *testing.T) {
	for seed := range uint64(worlds) {
		w := newWorld(t, "register", seed)
		of := make([][]madeWrite, w.spec.Keys)
		for _, m := range w.writes() {
			of[m.key] = append(of[m.key], m)
		}
		for key, writes := range of {
			held := w.IntN(len(writes)+1) - 1 // -1: the key is missing
			late := false
			if held >= 0 {
				w.keys[key] = []string{writes[held].text}
				o := writes[held].outcome
				late = o == ackedInDoubt || o == indeterminate
				if !w.unreadable[key] {
					w.want.UnackedApplied += count(o == indeterminate)
					w.want.FailedApplied += count(o == failed)
				}
			}
			isForeign := !w.unreadable[key] && w.chance(6)
			if isForeign {
				w.keys[key] = []string{fmt.Sprint("foreign ", key)}
				w.want.Foreign++
				if held >= 0 {
					w.want.UnackedApplied -= count(writes[held].outcome == indeterminate)
					w.want.FailedApplied -= count(writes[held].outcome == failed)
				}
			}
			for i, m := range writes {
				switch {
				case !m.outcome.isAcked():
				case w.unreadable[key], isForeign, i > held && late:
					w.want.Unverified++
				default:
					w.want.Checked++
					if i > held {
						w.lost(m)
					}
				}
			}
		}
		w.expectExactly(t, seed, w.verdict(true))
	}
}

// TestCounterIsExact has keys hold any number, or none, or what is no number.
// Of all ways in which a number can have come about, the checker must tell one
// that takes the fewest losses, and of these one with the fewest duplicates.
func TestCounterIsExact(t *testing.T) {
	for seed := range uint64(worlds) {
		w := newWorld(t, "counter", seed)
		w.want.Duplicated = new(int64)
		for key := range w.keys {
			var acked, unacked int64
			for _, m := range w.writes() {
				if m.key == key {
					acked += count(m.outcome.isAcked())
					unacked += count(m.outcome == indeterminate)
				}
			}
			held := w.Int64N(acked + unacked + 5)
			if held > 0 || w.chance(2) {
				w.keys[key] = []string{fmt.Sprint(held)}
			}
			isForeign := w.chance(6)
			if isForeign {
				w.keys[key] = []string{[]string{"-1", "", "1.5", "x"}[w.IntN(4)]}
				w.want.Foreign += count(!w.unreadable[key])
			}
			if isForeign || w.unreadable[key] {
				w.want.Unverified += acked
				continue
			}
			w.want.Checked += acked
			lost, applied, duplicated := explain(held, acked, unacked)
			w.want.UnackedApplied += applied
			*w.want.Duplicated += duplicated
			if w.want.Lost += lost; lost > 0 {
				if w.want.LostByShard == nil {
					w.want.LostByShard = map[int]int64{}
				}
				w.want.LostByShard[w.shardOf[key]] += lost
			}
		}
		w.expectExactly(t, seed, w.verdict(true))
	}
}

// explain tries all ways in which a number can have come about.
func explain(held, acked, unacked int64) (lost, applied, duplicated int64) {
	lost = acked + 1
	for l := range acked + 1 {
		for a := range unacked + 1 {
			d := held - (acked - l) - a
			if d >= 0 && (l < lost || l == lost && d < duplicated) {
				lost, applied, duplicated = l, a, d
			}
		}
	}
	return lost, applied, duplicated
}

// TestCounterIsNoMoreThanTrue applies writes, some of them not at all and some
// of them again: the checker never tells of more losses or duplicates than
// there were, and of all of them where every write was acked.
func TestCounterIsNoMoreThanTrue(t *testing.T) {
	for seed := range uint64(worlds) {
		w := newWorld(t, "counter", seed)
		clear(w.unreadable)
		held := make([]int64, w.spec.Keys)
		var lost, duplicated int64
		doubt := false
		lossy := w.chance(2) // or else there are duplicates
		for _, m := range w.writes() {
			doubt = doubt || m.outcome == indeterminate
			times := count(m.outcome.isAcked() || m.outcome == indeterminate && w.chance(2))
			switch {
			case times == 0:
			case lossy && m.outcome.isAcked() && w.chance(5):
				times = 0
				lost++
			case !lossy && w.chance(5):
				times++
				duplicated++
			}
			held[m.key] += times
		}
		for key, n := range held {
			w.keys[key] = []string{fmt.Sprint(n)}
		}
		got := w.verdict(true)
		if got.Lost > lost || *got.Duplicated > duplicated || !doubt && (got.Lost != lost || *got.Duplicated != duplicated) {
			t.Errorf("world %d: %d lost, %d duplicated; got %s", seed, lost, duplicated, describe(got))
		}
	}
}

func count(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// sizeRange is sizes from least on, over a range.
func sizeRange(least, more int) scenarios.SizeRange {
	return scenarios.SizeRange{Least: scenarios.Size(least), Most: scenarios.Size(least + more)}
}

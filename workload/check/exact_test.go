package check

import (
	"fmt"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/workload/history"
)

// TestUnorderedIsExact has types that hold each write once, wherever. Exactly
// the writes that were taken away are lost, and exactly the values that were
// added are foreign.
func TestUnorderedIsExact(t *testing.T) {
	for seed := range uint64(worlds) {
		w := newWorld(t, "set", seed)
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

// TestOrderedIsExact has types that hold each write as often as it was applied,
// in that order. On top of the above, exactly the copies that were added are
// duplicates, wherever they are, and exactly the writes that were moved to
// before an earlier one are found to be out of order.
func TestOrderedIsExact(t *testing.T) {
	for seed := range uint64(worlds) {
		w := newWorld(t, "list", seed)
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

// outOfOrder compares each write with every other: those of one client in one
// key that were acked without doubt, each where it is first. A client waits for
// its pipeline, and not for a write in it.
func (w *world) outOfOrder() (n int64) {
	all, depth := w.writes(), uint32(w.spec.Pipeline)
	for _, m := range all {
		at := slices.Index(w.keys[m.key], m.text)
		if at >= 0 && m.outcome == history.Acked && !w.unreadable[m.key] && slices.ContainsFunc(all, func(later madeWrite) bool {
			before := slices.Index(w.keys[m.key], later.text)
			return later.Client == m.Client && later.N/depth > m.N/depth && later.key == m.key && later.outcome == history.Acked &&
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
				late = o == history.AckedInDoubt || o == history.Indeterminate
				if !w.unreadable[key] {
					w.want.UnackedApplied += count(o == history.Indeterminate)
					w.want.FailedApplied += count(o == history.Failed)
				}
			}
			isForeign := !w.unreadable[key] && w.chance(6)
			if isForeign {
				w.keys[key] = []string{fmt.Sprint("foreign ", key)}
				w.want.Foreign++
				if held >= 0 {
					w.want.UnackedApplied -= count(writes[held].outcome == history.Indeterminate)
					w.want.FailedApplied -= count(writes[held].outcome == history.Failed)
				}
			}
			for i, m := range writes {
				switch {
				case !m.outcome.IsAcked():
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
					acked += count(m.outcome.IsAcked())
					unacked += count(m.outcome == history.Indeterminate)
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
			doubt = doubt || m.outcome == history.Indeterminate
			times := count(m.outcome.IsAcked() || m.outcome == history.Indeterminate && w.chance(2))
			switch {
			case times == 0:
			case lossy && m.outcome.IsAcked() && w.chance(5):
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

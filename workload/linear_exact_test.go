package workload

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/anishathalye/porcupine"
)

// madeOp is an operation of a made-up history: what is told of it, and when it
// truly had its effects.
type madeOp struct {
	op
	failed  bool
	effects []int64 // times
}

// makeHistory has clients use a register, in an order that it is free to choose:
// every operation has its effect between its call and its answer. Attempts that
// nobody answered have theirs at any later time, or never. What is told of it is
// linearizable. Of a hundred writes, about doubtful are not answered, and as many at
// a later attempt only.
func makeHistory(r *rand.Rand, clients, ops, doubtful int) []madeOp {
	var all []madeOp
	for c := range clients {
		at := int64(r.IntN(20))
		for n := range uint32(ops) {
			// No two times are the same.
			tick := func(most int) int64 { at += int64(1 + r.IntN(most)); return at*64 + int64(c) }
			m := madeOp{op: op{client: int32(c), kind: opKind(r.IntN(3)), callNS: tick(5)}}
			m.effects = []int64{tick(20)}
			m.overNS, m.answered = tick(20), true
			if m.kind != opRead {
				m.sets = idOf(c, n)
			}
			late := func() int64 { return m.callNS + 64*int64(1+r.IntN(300)) }
			switch chance := r.IntN(100); {
			case chance < doubtful && m.kind != opRead: // never answered
				m.overNS, m.answered, m.doubts, m.effects = 0, false, uint8(1+r.IntN(2)), nil
			case chance < 2*doubtful: // answered at the last attempt
				m.doubts = uint8(1 + r.IntN(2))
			case chance >= 95:
				m.failed, m.answered, m.effects = true, false, nil
			}
			for range m.doubts {
				if r.IntN(3) > 0 {
					m.effects = append(m.effects, late())
				}
			}
			all = append(all, m)
		}
	}
	perform(r, all)
	return all
}

// perform has the operations take their effects in turn, and tells them what they
// found. A compare and set wants what its client may have seen.
func perform(r *rand.Rand, all []madeOp) {
	type effect struct {
		at   int64
		op   *madeOp
		tell bool
	}
	var effects []effect
	for i := range all {
		for j, at := range all[i].effects {
			effects = append(effects, effect{at, &all[i], j == 0 && all[i].answered})
		}
	}
	slices.SortFunc(effects, func(a, b effect) int { return int(a.at - b.at) })
	held, past := valueID(0), []valueID{0}
	wanted := map[*madeOp]bool{}
	for _, e := range effects {
		m := e.op
		if m.kind == opCAS && !wanted[m] {
			m.wants, wanted[m] = held, true
			if r.IntN(2) == 0 {
				m.wants = past[r.IntN(len(past))]
			}
		}
		if e.tell && m.kind != opWrite {
			m.found = held
		}
		if m.kind == opWrite || m.kind == opCAS && held == m.wants {
			held = m.sets
			past = append(past, held)
		}
	}
}

// seenOf is what the checker gets to see.
func seenOf(all []madeOp) (ops []op) {
	for _, m := range all {
		if !m.failed && (m.answered || m.kind != opRead) {
			ops = append(ops, m.op)
		}
	}
	return ops
}

func isLinearizable(ops []op) bool {
	return porcupine.CheckOperations(oneRegister(), stepsOf(ops))
}

// TestLinearizableIsExact has histories that are linearizable by the way in which
// they were made: all must be found to be.
func TestLinearizableIsExact(t *testing.T) {
	for seed := range uint64(worlds) {
		r := rand.New(rand.NewPCG(seed, 3))
		made := makeHistory(r, 1+r.IntN(6), 1+r.IntN(40), int(seed%2)*4)
		if !isLinearizable(seenOf(made)) {
			t.Fatalf("world %d: violated: %s", seed, listed(seenOf(made)))
		}
	}
}

// mutations make of a linearizable history one that is not. Each looks for an
// operation that was answered, and changes what it was told; false if there is none.
func mutations() map[string]func(r *rand.Rand, ops []op) bool {
	// overwritten finds a value that was there no more when o was called: it was set
	// by an operation that was over before another write was called, which was over
	// before o was. No attempt that nobody answered may set it again.
	overwritten := func(ops []op, o op) (valueID, bool) {
		for _, old := range ops {
			for _, next := range ops {
				if old.answered && old.doubts == 0 && old.sets != 0 && old.leaves() == old.sets &&
					next.answered && next.kind == opWrite && old.overNS < next.callNS && next.overNS < o.callNS {
					return old.sets, true
				}
			}
		}
		return 0, false
	}
	pick := func(r *rand.Rand, ops []op, change func(*op) bool) bool {
		for _, i := range r.Perm(len(ops)) {
			if ops[i].answered && change(&ops[i]) {
				return true
			}
		}
		return false
	}
	return map[string]func(r *rand.Rand, ops []op) bool{
		"a stale read": func(r *rand.Rand, ops []op) bool {
			return pick(r, ops, func(o *op) bool {
				stale, ok := overwritten(ops, *o)
				if !ok || o.kind != opRead {
					return false
				}
				o.found = stale
				return true
			})
		},
		"a lost write": func(r *rand.Rand, ops []op) bool {
			return pick(r, ops, func(o *op) bool {
				if o.kind != opRead || !slices.ContainsFunc(ops, func(w op) bool { return w.answered && w.kind == opWrite && w.overNS < o.callNS }) {
					return false
				}
				o.found = 0
				return true
			})
		},
		"a value that nobody wrote": func(r *rand.Rand, ops []op) bool {
			return pick(r, ops, func(o *op) bool {
				o.found = foreignValue
				return o.kind != opWrite
			})
		},
		"a compare and set that should have failed": func(r *rand.Rand, ops []op) bool {
			return pick(r, ops, func(o *op) bool {
				stale, ok := overwritten(ops, *o)
				if !ok || o.kind != opCAS {
					return false
				}
				o.wants, o.found = stale, stale
				return true
			})
		},
		"a read from the future": func(r *rand.Rand, ops []op) bool {
			return pick(r, ops, func(o *op) bool {
				for _, w := range ops {
					if o.kind == opRead && w.sets != 0 && w.callNS > o.overNS {
						o.found = w.sets
						return true
					}
				}
				return false
			})
		},
	}
}

func TestMutatedIsViolated(t *testing.T) {
	for name, mutate := range mutations() {
		mutated := 0
		for seed := range uint64(worlds) {
			r := rand.New(rand.NewPCG(seed, 4))
			made := makeHistory(r, 1+r.IntN(6), 5+r.IntN(30), int(seed%2)*4)
			ops := seenOf(made)
			if !mutate(r, ops) {
				continue
			}
			mutated++
			if isLinearizable(ops) {
				t.Errorf("world %d: %s was not found: %s", seed, name, listed(ops))
			}
		}
		if mutated < worlds/2 {
			t.Errorf("%s: only %d of %d histories", name, mutated, worlds)
		}
	}
}

// TestAgainstBruteForce has small histories, with and without mistakes in them,
// judged by trying all orders.
func TestAgainstBruteForce(t *testing.T) {
	verdicts := map[bool]int{}
	for seed := range uint64(100 * worlds) {
		r := rand.New(rand.NewPCG(seed, 5))
		ops := seenOf(makeHistory(r, 1+r.IntN(3), 1+r.IntN(3), int(seed%3)*20))
		if seed%2 == 0 && len(ops) > 0 {
			o := &ops[r.IntN(len(ops))]
			if other := ops[r.IntN(len(ops))]; o.kind != opWrite && o.answered {
				o.found = other.sets
			} else if o.answered {
				o.overNS = o.callNS + 1
			}
		}
		all := attemptsOf(ops)
		if len(all) > 9 {
			continue // there are too many orders
		}
		want := anyOrder(all, 0)
		verdicts[want]++
		if got := isLinearizable(ops); got != want {
			t.Fatalf("world %d: %v, want %v: %s", seed, got, want, listed(ops))
		}
	}
	if verdicts[true] < worlds || verdicts[false] < worlds {
		t.Errorf("verdicts: %v", verdicts)
	}
}

// attempt is an effect that an operation may have, or must have.
type attempt struct {
	*op
	sure bool // it has it, by overNS, and finds what it was answered
}

// attemptsOf lists all of a history.
func attemptsOf(ops []op) (all []attempt) {
	for i := range ops {
		o := &ops[i]
		if o.answered {
			all = append(all, attempt{o, true})
		}
		if o.kind != opRead {
			for range o.doubts {
				all = append(all, attempt{o, false})
			}
		}
	}
	return all
}

// anyOrder tries all orders of attempts, and tells whether one explains them.
func anyOrder(left []attempt, held valueID) bool {
	if !slices.ContainsFunc(left, func(a attempt) bool { return a.sure }) {
		return true // the others need not have any effect
	}
	for i, a := range left {
		if slices.ContainsFunc(left, func(b attempt) bool { return b.sure && b.overNS < a.callNS }) {
			continue
		}
		if a.sure && a.kind != opWrite && a.found != held {
			continue
		}
		after := held
		if a.kind == opWrite || a.kind == opCAS && a.wants == held {
			after = a.sets
		}
		if anyOrder(slices.Delete(slices.Clone(left), i, i+1), after) {
			return true
		}
	}
	return false
}

// listed is a history for a person.
func listed(ops []op) (text string) {
	for i, o := range ops {
		text += fmt.Sprintf("\n%d: %d – %d, %d doubts: %s", o.client, o.callNS, o.overNS, o.doubts, (&step{op: &ops[i], found: o.found}).describe())
	}
	return text
}

// TestAttemptsAreCounted has a value come back that was overwritten: as often as
// there were attempts that nobody answered, and no more.
func TestAttemptsAreCounted(t *testing.T) {
	history := func(first op, comebacks int) []op {
		first.kind, first.sets = opWrite, idOf(0, 0)
		ops := []op{first}
		at := int64(100)
		for n := range uint32(comebacks) {
			ops = append(ops,
				op{client: 1, kind: opWrite, sets: idOf(1, n), callNS: at, overNS: at + 1, answered: true},
				op{client: 1, kind: opRead, found: idOf(1, n), callNS: at + 2, overNS: at + 3, answered: true},
				op{client: 1, kind: opRead, found: idOf(0, 0), callNS: at + 4, overNS: at + 5, answered: true})
			at += 10
		}
		return ops
	}
	for _, test := range []struct {
		first     op
		comebacks int
		want      bool
	}{
		{op{overNS: 10, answered: true}, 1, false},
		{op{overNS: 10, answered: true, doubts: 1}, 1, true},
		{op{overNS: 10, answered: true, doubts: 1}, 2, false},
		{op{overNS: 10, answered: true, doubts: 2}, 2, true},
		{op{doubts: 1}, 1, true},
		{op{doubts: 1}, 2, false},
		{op{doubts: 2}, 2, true},
		{op{doubts: 2}, 3, false},
	} {
		ops := history(test.first, test.comebacks)
		if got := isLinearizable(ops); got != test.want || anyOrder(attemptsOf(ops), 0) != test.want {
			t.Errorf("%v, want %v: %s", got, test.want, listed(ops))
		}
	}
}

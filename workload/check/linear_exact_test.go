package check

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/redis-chaos/redis-chaos/workload/history"
)

// madeOp is an operation of a made-up history: what is told of it, and when it
// truly had its effects.
type madeOp struct {
	history.Operation
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
			m := madeOp{Operation: history.Operation{Client: int32(c), Kind: history.Kind(r.IntN(3)), CallNS: tick(5)}}
			m.effects = []int64{tick(20)}
			m.OverNS, m.Answered = tick(20), true
			if m.Kind != history.Read {
				m.Sets = history.NewValueID(c, n)
			}
			late := func() int64 { return m.CallNS + 64*int64(1+r.IntN(300)) }
			switch chance := r.IntN(100); {
			case chance < doubtful && m.Kind != history.Read: // never answered
				m.OverNS, m.Answered, m.Doubts, m.effects = 0, false, uint8(1+r.IntN(2)), nil
			case chance < 2*doubtful: // answered at the last attempt
				m.Doubts = uint8(1 + r.IntN(2))
			case chance >= 95:
				m.failed, m.Answered, m.effects = true, false, nil
			}
			for range m.Doubts {
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
			effects = append(effects, effect{at, &all[i], j == 0 && all[i].Answered})
		}
	}
	slices.SortFunc(effects, func(a, b effect) int { return int(a.at - b.at) })
	held, past := history.ValueID(0), []history.ValueID{0}
	wanted := map[*madeOp]bool{}
	for _, e := range effects {
		m := e.op
		if m.Kind == history.CAS && !wanted[m] {
			m.Wants, wanted[m] = held, true
			if r.IntN(2) == 0 {
				m.Wants = past[r.IntN(len(past))]
			}
		}
		if e.tell && m.Kind != history.Write {
			m.Found = held
		}
		if m.Kind == history.Write || m.Kind == history.CAS && held == m.Wants {
			held = m.Sets
			past = append(past, held)
		}
	}
}

// seenOf is what the checker gets to see.
func seenOf(all []madeOp) (ops []history.Operation) {
	for _, m := range all {
		if !m.failed && (m.Answered || m.Kind != history.Read) {
			ops = append(ops, m.Operation)
		}
	}
	return ops
}

func isLinearizable(ops []history.Operation) bool {
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
func mutations() map[string]func(r *rand.Rand, ops []history.Operation) bool {
	// overwritten finds a value that was there no more when o was called: it was set
	// by an operation that was over before another write was called, which was over
	// before o was. No attempt that nobody answered may set it again.
	overwritten := func(ops []history.Operation, o history.Operation) (history.ValueID, bool) {
		for _, old := range ops {
			for _, next := range ops {
				if old.Answered && old.Doubts == 0 && old.Sets != 0 && old.Leaves() == old.Sets &&
					next.Answered && next.Kind == history.Write && old.OverNS < next.CallNS && next.OverNS < o.CallNS {
					return old.Sets, true
				}
			}
		}
		return 0, false
	}
	pick := func(r *rand.Rand, ops []history.Operation, change func(*history.Operation) bool) bool {
		for _, i := range r.Perm(len(ops)) {
			if ops[i].Answered && change(&ops[i]) {
				return true
			}
		}
		return false
	}
	return map[string]func(r *rand.Rand, ops []history.Operation) bool{
		"a stale read": func(r *rand.Rand, ops []history.Operation) bool {
			return pick(r, ops, func(o *history.Operation) bool {
				stale, ok := overwritten(ops, *o)
				if !ok || o.Kind != history.Read {
					return false
				}
				o.Found = stale
				return true
			})
		},
		"a lost write": func(r *rand.Rand, ops []history.Operation) bool {
			return pick(r, ops, func(o *history.Operation) bool {
				if o.Kind != history.Read || !slices.ContainsFunc(ops, func(w history.Operation) bool { return w.Answered && w.Kind == history.Write && w.OverNS < o.CallNS }) {
					return false
				}
				o.Found = 0
				return true
			})
		},
		"a value that nobody wrote": func(r *rand.Rand, ops []history.Operation) bool {
			return pick(r, ops, func(o *history.Operation) bool {
				o.Found = history.ForeignValue
				return o.Kind != history.Write
			})
		},
		"a compare and set that should have failed": func(r *rand.Rand, ops []history.Operation) bool {
			return pick(r, ops, func(o *history.Operation) bool {
				stale, ok := overwritten(ops, *o)
				if !ok || o.Kind != history.CAS {
					return false
				}
				o.Wants, o.Found = stale, stale
				return true
			})
		},
		"a read from the future": func(r *rand.Rand, ops []history.Operation) bool {
			return pick(r, ops, func(o *history.Operation) bool {
				for _, w := range ops {
					if o.Kind == history.Read && w.Sets != 0 && w.CallNS > o.OverNS {
						o.Found = w.Sets
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
			if other := ops[r.IntN(len(ops))]; o.Kind != history.Write && o.Answered {
				o.Found = other.Sets
			} else if o.Answered {
				o.OverNS = o.CallNS + 1
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
	*history.Operation
	sure bool // it has it, by overNS, and finds what it was answered
}

// attemptsOf lists all of a history.
func attemptsOf(ops []history.Operation) (all []attempt) {
	for i := range ops {
		o := &ops[i]
		if o.Answered {
			all = append(all, attempt{o, true})
		}
		if o.Kind != history.Read {
			for range o.Doubts {
				all = append(all, attempt{o, false})
			}
		}
	}
	return all
}

// anyOrder tries all orders of attempts, and tells whether one explains them.
func anyOrder(left []attempt, held history.ValueID) bool {
	if !slices.ContainsFunc(left, func(a attempt) bool { return a.sure }) {
		return true // the others need not have any effect
	}
	for i, a := range left {
		if slices.ContainsFunc(left, func(b attempt) bool { return b.sure && b.OverNS < a.CallNS }) {
			continue
		}
		if a.sure && a.Kind != history.Write && a.Found != held {
			continue
		}
		after := held
		if a.Kind == history.Write || a.Kind == history.CAS && a.Wants == held {
			after = a.Sets
		}
		if anyOrder(slices.Delete(slices.Clone(left), i, i+1), after) {
			return true
		}
	}
	return false
}

// listed is a history for a person.
func listed(ops []history.Operation) (text string) {
	for i, o := range ops {
		text += fmt.Sprintf("\n%d: %d – %d, %d doubts: %s", o.Client, o.CallNS, o.OverNS, o.Doubts, (&step{Operation: &ops[i], found: o.Found}).describe())
	}
	return text
}

// TestAttemptsAreCounted has a value come back that was overwritten: as often as
// there were attempts that nobody answered, and no more.
func TestAttemptsAreCounted(t *testing.T) {
	ops := func(first history.Operation, comebacks int) []history.Operation {
		first.Kind, first.Sets = history.Write, history.NewValueID(0, 0)
		ops := []history.Operation{first}
		at := int64(100)
		for n := range uint32(comebacks) {
			ops = append(ops,
				history.Operation{Client: 1, Kind: history.Write, Sets: history.NewValueID(1, n), CallNS: at, OverNS: at + 1, Answered: true},
				history.Operation{Client: 1, Kind: history.Read, Found: history.NewValueID(1, n), CallNS: at + 2, OverNS: at + 3, Answered: true},
				history.Operation{Client: 1, Kind: history.Read, Found: history.NewValueID(0, 0), CallNS: at + 4, OverNS: at + 5, Answered: true})
			at += 10
		}
		return ops
	}
	for _, test := range []struct {
		first     history.Operation
		comebacks int
		want      bool
	}{
		{history.Operation{OverNS: 10, Answered: true}, 1, false},
		{history.Operation{OverNS: 10, Answered: true, Doubts: 1}, 1, true},
		{history.Operation{OverNS: 10, Answered: true, Doubts: 1}, 2, false},
		{history.Operation{OverNS: 10, Answered: true, Doubts: 2}, 2, true},
		{history.Operation{Doubts: 1}, 1, true},
		{history.Operation{Doubts: 1}, 2, false},
		{history.Operation{Doubts: 2}, 2, true},
		{history.Operation{Doubts: 2}, 3, false},
	} {
		ops := ops(test.first, test.comebacks)
		if got := isLinearizable(ops); got != test.want || anyOrder(attemptsOf(ops), 0) != test.want {
			t.Errorf("%v, want %v: %s", got, test.want, listed(ops))
		}
	}
}

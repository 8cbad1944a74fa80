package workload

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"
)

// step is an operation as the checker of linearizability has it.
type step struct {
	*op
	found valueID
	// blind: what it found is not known.
	blind bool
}

// stepsOf makes of a history what is to be linearized. It is linearizable if that
// is, but takes far less time to check. Every value is set by one operation only,
// and whatever is answered tells the value that was found; so it is known which
// effects were seen. One that nobody saw is left out. The effect of an operation
// without an answer was there before the first that saw it had its answer. What an
// attempt may do on top of the one that counts changes nothing right after that,
// and need not come later than the last answer that tells of it.
func stepsOf(ops []op) []porcupine.Operation {
	sights := sightsOf(ops)
	clients := 0
	for i := range ops {
		clients = max(clients, int(ops[i].client)+1)
	}
	var steps []porcupine.Operation
	add := func(client int, s *step, overNS int64) {
		steps = append(steps, porcupine.Operation{ClientId: client, Input: s, Call: s.callNS, Return: max(overNS, s.callNS)})
	}
	for i := range ops {
		o := &ops[i]
		seen, wasSeen := sights[o.sets]
		again := int(o.doubts)
		switch {
		case o.answered:
			add(int(o.client), &step{op: o, found: o.found}, o.overNS)
		case wasSeen:
			again--
			add(clients, &step{op: o, found: o.wants}, seen.firstNS)
			clients++ // its client went on with something else
		}
		for ; wasSeen && again > 0; again-- {
			add(clients, &step{op: o, blind: true}, max(o.overNS, seen.lastNS))
			clients++
		}
	}
	slices.SortStableFunc(steps, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	return steps
}

// sights is when the first and the last of those that saw a value had their answers.
type sights struct{ firstNS, lastNS int64 }

// sightsOf tells of each value that was seen. A compare and set whose own value was
// seen may have seen the one that it wanted, if not all of its attempts were
// answered.
func sightsOf(ops []op) map[valueID]sights {
	all := map[valueID]sights{}
	see := func(v valueID, s sights) (news bool) {
		if v == 0 {
			return false
		}
		before, seen := all[v]
		if seen {
			s = sights{min(s.firstNS, before.firstNS), max(s.lastNS, before.lastNS)}
		}
		all[v] = s
		return s != before || !seen
	}
	for i := range ops {
		if o := &ops[i]; o.answered {
			see(o.found, sights{o.overNS, o.overNS})
		}
	}
	for news := true; news; {
		news = false
		for i := range ops {
			o := &ops[i]
			if s, seen := all[o.sets]; seen && o.kind == opCAS && o.doubts > 0 {
				news = see(o.wants, s) || news
			}
		}
	}
	return all
}

// oneRegister is the model: a key that holds a value, and does one step at a time.
func oneRegister() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return valueID(0) },
		Step: func(state, input, _ any) (bool, any) {
			held, s := state.(valueID), input.(*step)
			switch {
			case s.kind == opWrite:
				return true, s.sets
			case !s.blind && s.found != held:
				return false, held
			case s.kind == opCAS && s.wants == held:
				return true, s.sets
			default:
				return true, held
			}
		},
		DescribeOperation: func(input, _ any) string { return input.(*step).describe() },
		DescribeState:     func(state any) string { return nameOf(state.(valueID)) },
	}
}

// describe tells of the step.
func (s *step) describe() string {
	answered := ""
	if s.node != "" {
		answered = " (" + s.node + ")"
	}
	found := nameOf(s.found)
	if !s.answered {
		found = "?"
	}
	switch s.kind {
	case opRead:
		return fmt.Sprintf("read: %s%s", found, answered)
	case opWrite:
		return fmt.Sprintf("write %s%s", nameOf(s.sets), answered)
	default:
		return fmt.Sprintf("cas %s → %s: found %s%s", nameOf(s.wants), nameOf(s.sets), found, answered)
	}
}

// nameOf is a value for a person.
func nameOf(v valueID) string {
	switch v {
	case 0:
		return "nothing"
	case foreignValue:
		return "a value that nobody wrote"
	}
	client, n := v.write()
	return string(appendValue(nil, client, n, sizes{}))
}

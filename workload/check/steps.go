package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"

	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// step is an operation as the checker of linearizability has it.
type step struct {
	*history.Operation
	found history.ValueID
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
func stepsOf(ops []history.Operation) []porcupine.Operation {
	sights := sightsOf(ops)
	clients := 0
	for i := range ops {
		clients = max(clients, int(ops[i].Client)+1)
	}
	var steps []porcupine.Operation
	add := func(client int, s *step, overNS int64) {
		steps = append(steps, porcupine.Operation{ClientId: client, Input: s, Call: s.CallNS, Return: max(overNS, s.CallNS)})
	}
	for i := range ops {
		o := &ops[i]
		seen, wasSeen := sights[o.Sets]
		again := int(o.Doubts)
		switch {
		case o.Answered:
			add(int(o.Client), &step{Operation: o, found: o.Found}, o.OverNS)
		case wasSeen:
			again--
			add(clients, &step{Operation: o, found: o.Wants}, seen.firstNS)
			clients++ // its client went on with something else
		}
		for ; wasSeen && again > 0; again-- {
			add(clients, &step{Operation: o, blind: true}, max(o.OverNS, seen.lastNS))
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
func sightsOf(ops []history.Operation) map[history.ValueID]sights {
	all := map[history.ValueID]sights{}
	see := func(v history.ValueID, s sights) (news bool) {
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
		if o := &ops[i]; o.Answered {
			see(o.Found, sights{o.OverNS, o.OverNS})
		}
	}
	for news := true; news; {
		news = false
		for i := range ops {
			o := &ops[i]
			if s, seen := all[o.Sets]; seen && o.Kind == history.CAS && o.Doubts > 0 {
				news = see(o.Wants, s) || news
			}
		}
	}
	return all
}

// oneRegister is the model: a key that holds a value, and does one step at a time.
func oneRegister() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return history.ValueID(0) },
		Step: func(state, input, _ any) (bool, any) {
			held, s := state.(history.ValueID), input.(*step)
			switch {
			case s.Kind == history.Write:
				return true, s.Sets
			case !s.blind && s.found != held:
				return false, held
			case s.Kind == history.CAS && s.Wants == held:
				return true, s.Sets
			default:
				return true, held
			}
		},
		DescribeOperation: func(input, _ any) string { return input.(*step).describe() },
		DescribeState:     func(state any) string { return nameOf(state.(history.ValueID)) },
	}
}

// describe tells of the step.
func (s *step) describe() string {
	answered := ""
	if s.Node != "" {
		answered = " (" + s.Node + ")"
	}
	found := nameOf(s.found)
	if !s.Answered {
		found = "?"
	}
	switch s.Kind {
	case history.Read:
		return fmt.Sprintf("read: %s%s", found, answered)
	case history.Write:
		return fmt.Sprintf("write %s%s", nameOf(s.Sets), answered)
	default:
		return fmt.Sprintf("cas %s → %s: found %s%s", nameOf(s.Wants), nameOf(s.Sets), found, answered)
	}
}

// nameOf is a value for a person.
func nameOf(v history.ValueID) string {
	switch v {
	case 0:
		return "nothing"
	case history.ForeignValue:
		return "a value that nobody wrote"
	}
	client, n := v.Write()
	return string(keyspace.AppendValue(nil, client, n, keyspace.Sizes{}))
}

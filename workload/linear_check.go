package workload

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// checkTimes are for how long a generation is checked at first, and if that does
// not decide it, again when all others have had their turn. What a check remembers
// takes up to about 100 MB a second.
func checkTimes() []time.Duration {
	return []time.Duration{50 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second}
}

// checkedHistory is what generations were found to be.
type checkedHistory struct {
	record.Linearizability
	violated           []*generation // by time
	undecided, partial int64
	timeout            time.Duration
	room               int64 // for operations
}

// linearizability checks whether what clients were answered is what one register for
// each key would have answered.
type linearizability struct {
	keys []opKey
	// room is how many operations were kept.
	room int64
	// timeout is how long the check may take.
	timeout time.Duration
}

// check checks all generations until a deadline. The only error is that of a
// cancelled ctx.
func (l linearizability) check(ctx context.Context, deadline time.Time) (*checkedHistory, error) {
	c := &checkedHistory{timeout: l.timeout, room: l.room}
	var open []*generation
	for i := range l.keys {
		for _, g := range l.keys[i].generations {
			if len(g.ops) == 0 && !g.cut {
				continue
			}
			c.count(g)
			if g.cut {
				c.partial++
				continue
			}
			open = append(open, g)
		}
	}
	model := oneRegister()
	for _, most := range checkTimes() {
		var undecided []*generation
		for _, g := range open {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			left := time.Until(deadline)
			if left < time.Millisecond {
				undecided = append(undecided, g)
				continue
			}
			switch porcupine.CheckOperationsTimeout(model, stepsOf(g.ops), min(most, left)) {
			case porcupine.Illegal:
				c.violated = append(c.violated, g)
			case porcupine.Unknown:
				undecided = append(undecided, g)
			}
		}
		open = undecided
	}
	c.undecided = int64(len(open))
	slices.SortFunc(c.violated, func(a, b *generation) int { return cmp.Compare(a.ops[0].callNS, b.ops[0].callNS) })
	return c, nil
}

// count counts the operations of a generation.
func (c *checkedHistory) count(g *generation) {
	c.Generations++
	c.Operations += int64(len(g.ops))
	for i := range g.ops {
		switch o := &g.ops[i]; {
		case !o.answered:
			c.Unanswered++
		case o.kind == opRead:
			c.Reads++
		case o.kind == opWrite:
			c.Writes++
		default:
			c.CAS++
		}
	}
}

// verdict sums up. It leaves the workload's name empty.
func (c *checkedHistory) verdict() *record.Linearizability {
	v := c.Linearizability
	v.Violated, v.Unknown = int64(len(c.violated)), c.undecided+c.partial
	switch {
	case v.Violated > 0:
		v.Verdict = record.LinearizabilityViolated
		return &v
	case v.Unknown == 0 && v.Reads+v.CAS > 0:
		v.Verdict = record.LinearizabilityOK
		return &v
	}
	v.Verdict = record.LinearizabilityUnknown
	switch {
	case v.Unknown == 0:
		v.Reason = "no operation was answered that tells what a key held"
	case c.partial == 0:
		v.Reason = fmt.Sprintf("%d of %d keys could not be decided within %v (check_timeout)", c.undecided, c.Generations, c.timeout)
	default:
		v.Reason = fmt.Sprintf("there were more than %d operations, and no more are kept: %d of %d keys were not checked", c.room, v.Unknown, c.Generations)
	}
	return &v
}

// explain looks for the operation of the first violation that no order explains. draw
// draws a picture of it.
func (c *checkedHistory) explain() (v *record.Violation, g *generation, draw func(io.Writer) error) {
	g = c.violated[0]
	model, steps, times := oneRegister(), stepsOf(g.ops), checkTimes()
	_, info := porcupine.CheckOperationsVerbose(model, steps, times[len(times)-1])
	v = &record.Violation{}
	if culprit, found := unexplained(steps, info); found {
		s := culprit.Input.(*step)
		v.Operation, v.Client, v.Node = s.describe(), int(s.client), s.node
		v.FromMS, v.UntilMS = msOf(culprit.Call), msOf(culprit.Return)
	}
	answers := slices.Clone(g.ops)
	slices.SortFunc(answers, func(a, b op) int { return cmp.Compare(a.overNS, b.overNS) })
	for i, o := range answers {
		if ms := msOf(o.callNS); i == 0 || ms < v.KeyFromMS {
			v.KeyFromMS = ms
		}
		v.KeyUntilMS = max(v.KeyUntilMS, msOf(o.overNS))
		if o.node != "" && !slices.Contains(v.Nodes, o.node) {
			v.Nodes = append(v.Nodes, o.node)
		}
	}
	return v, g, func(w io.Writer) error { return porcupine.Visualize(model, info, w) }
}

// unexplained is the step that had its answer first of those that are not in the
// longest order that explains its own steps; none, if that was not found in time.
func unexplained(steps []porcupine.Operation, info porcupine.LinearizationInfo) (first porcupine.Operation, found bool) {
	explained := map[any]bool{}
	for _, partition := range info.PartialLinearizationsOperations() {
		var longest []porcupine.Operation
		for _, order := range partition {
			if len(order) > len(longest) {
				longest = order
			}
		}
		for _, s := range longest {
			explained[s.Input] = true
		}
	}
	for _, s := range steps {
		if !explained[s.Input] && (!found || s.Return < first.Return) {
			first, found = s, true
		}
	}
	return first, found
}

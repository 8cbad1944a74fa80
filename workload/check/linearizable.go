package check

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// checkTimes are for how long a generation is checked at first, and if that does
// not decide it, again when all others have had their turn. What a check remembers
// takes up to about 100 MB a second.
func checkTimes() []time.Duration {
	return []time.Duration{50 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second}
}

// Linearized is what generations were found to be.
type Linearized struct {
	record.Linearizability
	violated           []*history.Generation // by time
	undecided, partial int64
	timeout            time.Duration
	room               int64 // for operations
}

// Linearizability checks whether what clients were answered is what one register for
// each key would have answered.
type Linearizability struct {
	Keys []history.Key
	// Room is how many operations were kept.
	Room int64
	// Timeout is how long the check may take.
	Timeout time.Duration
}

// Check checks all generations until a deadline. The only error is that of a
// cancelled ctx.
func (l Linearizability) Check(ctx context.Context, deadline time.Time) (*Linearized, error) {
	c := &Linearized{timeout: l.Timeout, room: l.Room}
	var open []*history.Generation
	for i := range l.Keys {
		for _, g := range l.Keys[i].Generations {
			if len(g.Ops) == 0 && !g.Cut {
				continue
			}
			c.count(g)
			if g.Cut {
				c.partial++
				continue
			}
			open = append(open, g)
		}
	}
	model := oneRegister()
	for _, most := range checkTimes() {
		var undecided []*history.Generation
		for _, g := range open {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			left := time.Until(deadline)
			if left < time.Millisecond {
				undecided = append(undecided, g)
				continue
			}
			switch porcupine.CheckOperationsTimeout(model, stepsOf(g.Ops), min(most, left)) {
			case porcupine.Illegal:
				c.violated = append(c.violated, g)
			case porcupine.Unknown:
				undecided = append(undecided, g)
			}
		}
		open = undecided
	}
	c.undecided = int64(len(open))
	slices.SortFunc(c.violated, func(a, b *history.Generation) int { return cmp.Compare(a.Ops[0].CallNS, b.Ops[0].CallNS) })
	return c, nil
}

// count counts the operations of a generation.
func (c *Linearized) count(g *history.Generation) {
	c.Generations++
	c.Operations += int64(len(g.Ops))
	for i := range g.Ops {
		switch o := &g.Ops[i]; {
		case !o.Answered:
			c.Unanswered++
		case o.Kind == history.Read:
			c.Reads++
		case o.Kind == history.Write:
			c.Writes++
		default:
			c.CAS++
		}
	}
}

// Verdict sums up. It leaves the workload's name empty.
func (c *Linearized) Verdict() *record.Linearizability {
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

// Explain looks for the operation of the first violation that no order explains. draw
// draws a picture of it.
func (c *Linearized) Explain() (v *record.Violation, g *history.Generation, draw func(io.Writer) error) {
	g = c.violated[0]
	model, steps, times := oneRegister(), stepsOf(g.Ops), checkTimes()
	_, info := porcupine.CheckOperationsVerbose(model, steps, times[len(times)-1])
	v = &record.Violation{}
	if culprit, found := unexplained(steps, info); found {
		s := culprit.Input.(*step)
		v.Operation, v.Client, v.Node = s.describe(), int(s.Client), s.Node
		v.From, v.Until = history.Milliseconds(culprit.Call), history.Milliseconds(culprit.Return)
	}
	answers := slices.Clone(g.Ops)
	slices.SortFunc(answers, func(a, b history.Operation) int { return cmp.Compare(a.OverNS, b.OverNS) })
	for i, o := range answers {
		if ms := history.Milliseconds(o.CallNS); i == 0 || ms < v.KeyFrom {
			v.KeyFrom = ms
		}
		v.KeyUntil = max(v.KeyUntil, history.Milliseconds(o.OverNS))
		if o.Node != "" && !slices.Contains(v.Nodes, o.Node) {
			v.Nodes = append(v.Nodes, o.Node)
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

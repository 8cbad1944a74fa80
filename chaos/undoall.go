package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/ledger"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// undoAllTimeout bounds the healing of what another process has left, beside what the faults take by themselves. A server that is killed while it saves may take
// a while to start.
const undoAllTimeout = time.Minute

// UndoAll heals all that a ledger has open on a cluster, which a run that was killed has left, and tells of each. read
// reads the settings of an entry. What cannot be healed stays in the ledger, and is an UnhealedError each.
//
// All of it is tried at once, until it works: a server that is paused takes no command, and one that is down is on no
// network. When all of it is healed it is looked at again, as what that run had asked an engine for may come to pass
// after its end.
func UndoAll(ctx context.Context, l *ledger.Ledger, c Cluster, read func(settings string) (scenarios.Fault, error), told func(string)) error {
	ctx = context.WithoutCancel(ctx)
	begun, entries := time.Now(), l.Open()
	faults := make([]Fault, len(entries))
	undo := func(i int) error {
		ctx, cancel := context.WithDeadline(ctx, begun.Add(undoAllTimeout+takes(faults[i])))
		defer cancel()
		_, err := Undo(ctx, faults[i], c, entries[i].Node)
		return err
	}
	errs := compose.AtOnce(len(entries), func(i int) (err error) {
		if !slices.ContainsFunc(c.Nodes(), func(n compose.Node) bool { return n.Name == entries[i].Node }) {
			return compose.ErrVanished
		}
		if faults[i], err = Restore(entries[i], read); err == nil {
			err = undo(i)
		}
		return err
	})
	settled := len(entries) == 0 || alarm.Sleep(ctx, SettleTime)
	again := compose.AtOnce(len(entries), func(i int) error {
		if errs[i] != nil || !settled {
			return errs[i]
		}
		return undo(i)
	})
	for i, e := range entries {
		what := fmt.Sprintf("%s of %s, of faults[%d] of run %s", e.Kind, e.Node, e.Step, e.Run)
		if again[i] == nil {
			if again[i] = l.End(e); again[i] == nil {
				told("healed: " + what)
			}
			continue
		}
		unhealed := &UnhealedError{Kind: e.Kind, Node: e.Node, Err: again[i]}
		if faults[i] != nil {
			unhealed = Unhealed(ctx, faults[i], e.Kind, c, e.Node, again[i])
		}
		if again[i] = unhealed; errors.Is(unhealed, compose.ErrVanished) {
			// Nothing is left of what the fault was done to.
			if again[i] = l.End(e); again[i] == nil {
				told("gone: " + what + ": the node was removed, and the fault with it")
			}
		}
	}
	return errors.Join(again...)
}

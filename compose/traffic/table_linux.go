package traffic

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Table is the rules of one network namespace, of which at most one process at a time can have rules
// whose mechanism is Queue. Its methods can be called at once.
type Table struct {
	mu      sync.Mutex
	ns      *namespace
	can     *abilities // nil until it was looked for
	holders map[Direction]*holder
}

// Open is of the network namespace at a path, such as /proc/PID/ns/net, /run/netns/NAME, or
// /proc/self/fd/N for an open file; of the calling thread's if it is "". Nothing is changed, and what
// stands there already stays until Apply or Clear. To enter another namespace than the
// process's takes CAP_SYS_ADMIN, to apply rules CAP_NET_ADMIN, and to duplicate packets CAP_NET_RAW.
func Open(path string) (*Table, error) {
	ns, err := openNamespace(path)
	if err != nil {
		return nil, err
	}
	return &Table{ns: ns, holders: map[Direction]*holder{}}, nil
}

// Close lets go what rules hold back. Their effect ends where the mechanism is Queue; all else stands.
func (t *Table) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := t.stopHolders(nil)
	t.ns.close()
	return err
}

// Capabilities says of each effect how it would be brought about here.
func (t *Table) Capabilities(ctx context.Context) (Capabilities, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	can, err := t.abilities(ctx)
	return can.capabilities(), err
}

func (t *Table) abilities(ctx context.Context) (abilities, error) {
	if err := ctx.Err(); err != nil {
		return abilities{}, err
	}
	if t.can == nil {
		if err := t.ns.inside(func() error {
			can := probe()
			t.can = &can
			return nil
		}); err != nil {
			return abilities{}, err
		}
	}
	return *t.can, nil
}

// Apply has exactly these rules stand, instead of all that stand already, whoever applied them. Rules that
// stand and are the same stay as they are, with what they hold back. What nftables does changes in one
// transaction, and if that fails, nothing has changed. An effect begins before Apply returns.
// Interfaces that come later are not limited in their bandwidth.
func (t *Table) Apply(ctx context.Context, rules []Rule) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	can, err := t.abilities(ctx)
	if err != nil {
		return err
	}
	places, err := place(rules, can.capabilities())
	if err != nil {
		return err
	}
	return t.ns.inside(func() error { return t.apply(places, can) })
}

func (t *Table) apply(rules []placed, can abilities) error {
	before := t.heldRules()
	err := t.startHolders(rules)
	if err == nil {
		var devices map[string]int
		devices, err = prepareQdiscs(rules)
		if err == nil {
			err = replaceRules(rules, devices, can)
		}
	}
	if err != nil {
		return errors.Join(err, t.undo(before))
	}
	return errors.Join(t.stopHolders(rules), removeQdiscs(classesOf(rules)))
}

// undo has what stands in nftables be all that there is.
func (t *Table) undo(before []placed) error {
	err := errors.Join(t.startHolders(before), t.stopHolders(before))
	classes, failed := installedClasses()
	if failed != nil {
		return errors.Join(err, failed)
	}
	return errors.Join(err, removeQdiscs(classes))
}

// heldRules are those that packets are held back by.
func (t *Table) heldRules() []placed {
	var all []placed
	for _, h := range t.holders {
		all = append(all, h.rules()...)
	}
	return all
}

// Clear removes all that is ours, whichever process made it, and nothing else. There may be nothing.
func (t *Table) Clear(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.ns.inside(func() error { return t.apply(nil, abilities{}) })
}

// Reset ends the connections that live and match, of TCP, and says which they were. Both ends see a
// reset, and whoever holds one in the namespace ECONNABORTED. New ones can be made. The direction of
// the match says nothing, and can be left out.
func (t *Table) Reset(ctx context.Context, m Match) ([]Connection, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := m.checkEnds(); err != nil {
		return nil, fmt.Errorf("match: %w", err)
	}
	if m.Protocol == UDP {
		return nil, errors.New("match: protocol udp has no connections")
	}
	var ended []Connection
	err := t.ns.inside(func() (err error) {
		ended, err = reset(m)
		return err
	})
	return ended, err
}

// Standing reads what is there now from the kernel.
func (t *Table) Standing(ctx context.Context) (Standing, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var s Standing
	if err := ctx.Err(); err != nil {
		return s, err
	}
	var lost map[Direction]uint64
	err := t.ns.inside(func() (err error) {
		s, lost, err = standing()
		return err
	})
	t.addCounted(s.Rules, lost)
	return s, err
}

// addCounted is of rules whose mechanism is Queue, and that this process holds.
func (t *Table) addCounted(rules []StandingRule, lost map[Direction]uint64) {
	for direction, h := range t.holders {
		done := h.counted(lost[direction])
		for i, r := range rules {
			if d, ok := done[r.Digest]; ok && r.Mechanism == Queue {
				rules[i].Done, rules[i].Uncounted = &d, ""
			}
		}
	}
}

// startHolders also has those that there are follow the rules.
func (t *Table) startHolders(rules []placed) error {
	held, err := heldQueues()
	if err != nil {
		return err
	}
	for d, number := range map[Direction]uint16{In: queueIn, Out: queueOut} {
		mine := queued(rules, d)
		if len(mine) == 0 {
			continue
		}
		if h := t.holders[d]; h != nil {
			h.replace(mine, held[number])
			continue
		}
		h, err := startHolder(d, number, mine)
		if err != nil {
			return fmt.Errorf("holding packets %s back: %w", d, err)
		}
		t.holders[d] = h
	}
	return nil
}

// stopHolders is of those that no rule needs.
func (t *Table) stopHolders(rules []placed) error {
	var err error
	for d, h := range t.holders {
		if len(queued(rules, d)) == 0 {
			err = errors.Join(err, h.stop())
			delete(t.holders, d)
		}
	}
	return err
}

func queued(rules []placed, d Direction) []placed {
	var all []placed
	for _, r := range rules {
		if r.by == Queue && r.Match.Direction == d {
			all = append(all, r)
		}
	}
	return all
}

package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/ledger"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/codec"
)

// Note is a fault on its nodes as the ledger has it: all holds the fault for each of them. step is its index in
// the run's scenario.
func Note(run string, step int, of scenarios.Fault, all []Fault, nodes []string) ([]ledger.Entry, error) {
	settings, err := codec.Encode(scenarios.Fault{For: of.For, Kind: of.Kind, Spec: of.Spec})
	if err != nil {
		return nil, fmt.Errorf("noting the settings of %s: %w", of.Kind, err)
	}
	text, err := settings.Marshal()
	if err != nil {
		return nil, fmt.Errorf("noting the settings of %s: %w", of.Kind, err)
	}
	entries := make([]ledger.Entry, len(nodes))
	for i, node := range nodes {
		entries[i] = ledger.Entry{Run: run, Step: step, Kind: of.Kind, Node: node, Settings: string(text)}
		r, ok := all[i].(Remembering)
		if !ok || r.Memory() == nil {
			continue
		}
		if entries[i].Memory, err = json.Marshal(r.Memory()); err != nil {
			return nil, fmt.Errorf("noting what %s knows of %s: %w", of.Kind, node, err)
		}
	}
	return entries, nil
}

// Restore is the fault of an entry, as far as it takes to heal it. read reads its settings.
func Restore(e ledger.Entry, read func(settings string) (scenarios.Fault, error)) (Fault, error) {
	noted, err := read(e.Settings)
	if err != nil {
		return nil, fmt.Errorf("reading what was noted of %s of %s: %w", e.Kind, e.Node, err)
	}
	f, err := asFault(e.Step, noted)
	if err != nil {
		return nil, err
	}
	r, ok := f.(Remembering)
	if !ok || r.Memory() == nil || len(e.Memory) == 0 {
		return f, nil
	}
	if err := json.Unmarshal(e.Memory, r.Memory()); err != nil {
		return nil, fmt.Errorf("reading what was known of %s before %s: %w", e.Node, e.Kind, err)
	}
	return f, nil
}

// deed is a fault on each of its nodes, from the moment at which it is noted until it is undone.
type deed struct {
	kind    string
	nodes   []string
	faults  []Fault // by node
	entries []ledger.Entry
}

// note has the ledger know of a fault before it is injected.
func (c *Conductor) note(step int, of scenarios.Fault, all []Fault, nodes []string) (deed, error) {
	d := deed{kind: of.Kind, nodes: nodes, faults: all}
	entries, err := Note(c.RunID, step, of, all, nodes)
	if err != nil {
		return d, err
	}
	d.entries, err = c.Ledger.Begin(entries)
	return d, err
}

// over has the ledger know that nothing of a deed is left to be undone.
func (c *Conductor) over(d deed) error {
	return onEach(d.nodes, func(i int) error { return c.Ledger.End(d.entries[i]) })
}

// injectTimeout is how long a runtime may take to inject a fault, beside what the fault takes by itself.
const injectTimeout = time.Minute

// Slow is implemented by faults that take a while by themselves to be injected or healed.
type Slow interface {
	// Takes is how long that may be.
	Takes() time.Duration
}

func takes(f Fault) time.Duration {
	if s, ok := f.(Slow); ok {
		return s.Takes()
	}
	return 0
}

// do injects a fault into all of its nodes.
func (c *Conductor) do(ctx context.Context, d deed) error {
	patience := injectTimeout + takes(d.faults[0])
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := onEach(d.nodes, func(i int) error { return d.faults[i].Inject(bounded, c.Cluster, d.nodes[i]) })
	if err != nil && ctx.Err() == nil && bounded.Err() != nil {
		return fmt.Errorf("the runtime does not answer, and was waited for for %s: %w", patience, err)
	}
	return err
}

// undo heals a deed on all its nodes, and says when the last one was. What cannot be healed, an UnhealedError for
// each node, stays in the ledger. unsure: what was asked of the runtime may come to pass after nobody waits for it
// any more.
func (c *Conductor) undo(ctx context.Context, d deed, unsure bool) (last time.Time, err error) {
	var mu sync.Mutex
	err = onEach(d.nodes, func(i int) error {
		at, err := Undo(ctx, d.faults[i], c.Cluster, d.nodes[i])
		if err == nil && unsure && alarm.Sleep(ctx, SettleTime) {
			at, err = Undo(ctx, d.faults[i], c.Cluster, d.nodes[i])
		}
		mu.Lock()
		defer mu.Unlock()
		if last = later(last, at); err == nil {
			return c.Ledger.End(d.entries[i])
		}
		return Unhealed(ctx, d.faults[i], d.kind, c.Cluster, d.nodes[i], err)
	})
	return last, err
}

// SettleTime is how long an engine may be at what it was asked for after nobody waits for that any more.
const SettleTime = time.Second

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// tellUnhealed tells at once of what could not be undone, and has the end of the run tell it again, whatever that ends by.
// Of nodes that somebody else has removed, there is nothing to undo.
func (c *Conductor) tellUnhealed(err error) {
	for _, e := range unhealedIn(err) {
		if !errors.Is(e, compose.ErrVanished) {
			c.Progress(e.Error())
			c.unhealed.add(e)
		}
	}
}

// unhealedIn are the faults that could not be undone of a joined error.
func unhealedIn(err error) (all []*UnhealedError) {
	switch e := err.(type) {
	case *UnhealedError:
		return []*UnhealedError{e}
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			all = append(all, unhealedIn(one)...)
		}
	case interface{ Unwrap() error }:
		return unhealedIn(e.Unwrap())
	}
	return all
}

// unhealed collects what could not be undone.
type unhealed struct {
	mu  sync.Mutex
	all []*UnhealedError
}

func (u *unhealed) add(e *UnhealedError) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all = append(u.all, e)
}

// beside is the error that a run ends by, with what could not be undone and is not in its chain.
func (u *unhealed) beside(err error) (texts []string, _ error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, e := range u.all {
		if texts = append(texts, e.Error()); !errors.Is(err, e) {
			err = errors.Join(err, e)
		}
	}
	return texts, err
}

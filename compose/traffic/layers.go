package traffic

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Layers is rules of several names in one namespace, each of which comes and goes by itself. The zero
// Layers has none. Its methods can be called at once.
type Layers struct {
	mu     sync.Mutex
	closed bool
	table  Rules // nil before it is opened
	rules  map[string][]Rule
	stands Standing // when it was compared last
	// anew are the names of rules that stand in another namespace, or by another process, than at first.
	anew map[string]bool
}

// Rules are those of one namespace: a Table, or a Client of a process that has one.
type Rules interface {
	Apply(ctx context.Context, rules []Rule) error
	Clear(ctx context.Context) error
	Standing(ctx context.Context) (Standing, error)
	Reset(ctx context.Context, m Match) ([]Connection, error)
	Close() error
}

// Opener opens the rules of the namespace as it is by now.
type Opener = func() (Rules, error)

// Open opens the rules, so that what is set later need not wait for that.
func (l *Layers) Open(open Opener) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open(open)
}

// Opened tells whether the rules are open.
func (l *Layers) Opened() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.table != nil
}

// By are the mechanisms of the rules of a name, sorted.
func (l *Layers) By(name string) []Mechanism {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []Mechanism
	for _, rule := range l.rules[name] {
		if stands, ok := l.stands.Rule(name + "/" + rule.ID); ok {
			all = append(all, stands.Mechanism)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Done is what the rules of a name have done since they stand.
func (l *Layers) Done(ctx context.Context, name string) ([]StandingRule, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rules[name]) == 0 {
		return nil, errors.New("no such rules stand")
	}
	if l.anew[name] {
		return nil, errors.New("its network was made anew while the rules stood, and what they had done before that went with the old one")
	}
	standing, err := l.table.Standing(ctx)
	if err != nil {
		return nil, err
	}
	var all []StandingRule
	for _, r := range standing.Rules {
		if of, id, _ := strings.Cut(r.ID, "/"); of == name {
			r.ID = id
			all = append(all, r)
		}
	}
	return all, nil
}

// beginAnew forgets what all rules have done. The caller holds mu.
func (l *Layers) beginAnew() {
	l.anew = map[string]bool{}
	for name := range l.rules {
		l.anew[name] = true
	}
}

// Stand tells whether there are rules of any name.
func (l *Layers) Stand() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.rules) > 0
}

// ErrNoNamespace is in the chain of an Opener's error that there is no namespace at the moment: nothing
// stands in it.
var ErrNoNamespace = errors.New("it has no network at the moment")

// Set has rules stand in place of those of the same name; none lifts these. What stands in the kernel
// afterwards has been compared with what is to stand: rules that another process has left are gone. If what
// served the rules had ended, it is opened once more, and that the rules before were not in force all the
// time is an error.
func (l *Layers) Set(ctx context.Context, open Opener, name string, rules []Rule) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.table == nil && len(rules) == 0 && len(l.rules) == 0 {
		return l.clearLeft(ctx, open)
	}
	wanted := maps.Clone(l.rules)
	if wanted == nil {
		wanted = map[string][]Rule{}
	}
	wanted[name] = rules
	if len(rules) == 0 {
		delete(wanted, name)
	}
	lapsed := false
	err := l.apply(ctx, open, wanted)
	if errors.Is(err, ErrEnded) && l.table != nil { // and has not just ended while it was opened
		lapsed = len(l.rules) > 0
		l.beginAnew()
		l.table.Close() // it has ended
		l.table = nil
		err = l.apply(ctx, open, wanted)
	}
	if err != nil {
		return err
	}
	l.rules = wanted
	if len(rules) == 0 {
		delete(l.anew, name)
	}
	if lapsed {
		return errors.New("what served the rules ended while they stood, so that they were not in force all the time; by now the right ones are")
	}
	return nil
}

// clearLeft removes what another process has left. The caller holds mu.
func (l *Layers) clearLeft(ctx context.Context, open Opener) error {
	if err := l.open(open); errors.Is(err, ErrNoNamespace) {
		return nil
	} else if err != nil {
		return err
	}
	err := l.table.Clear(ctx)
	err = errors.Join(err, l.table.Close())
	l.table = nil
	return err
}

// Names lists the names of the rules that stand in the kernel, whichever process made them. None stand
// where there is no namespace.
func (l *Layers) Names(ctx context.Context, open Opener) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fresh := l.table == nil
	if err := l.open(open); errors.Is(err, ErrNoNamespace) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	standing, err := l.table.Standing(ctx)
	if fresh {
		err = errors.Join(err, l.table.Close())
		l.table = nil
	}
	var names []string
	for _, rule := range standing.Rules {
		name, _, _ := strings.Cut(rule.ID, "/")
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names), err
}

// Again has the rules stand in a namespace that has taken the place of the one before.
func (l *Layers) Again(ctx context.Context, open Opener) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.table == nil {
		return nil
	}
	err := l.table.Close()
	if l.table = nil; len(l.rules) == 0 {
		return err
	}
	l.beginAnew()
	return errors.Join(err, l.apply(ctx, open, l.rules))
}

// Reset ends the connections that match, and says how many.
func (l *Layers) Reset(ctx context.Context, open Opener, matches []Match) (ended int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.open(open); err != nil {
		return 0, err
	}
	for _, m := range matches {
		connections, err := l.table.Reset(ctx, m)
		ended += len(connections)
		if err != nil {
			return ended, err
		}
	}
	return ended, nil
}

// Close lets go of the namespace, and leaves what the kernel does there by itself.
func (l *Layers) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.table == nil {
		return nil
	}
	return l.table.Close()
}

// apply has exactly the wanted rules stand. The caller holds mu.
func (l *Layers) apply(ctx context.Context, open Opener, wanted map[string][]Rule) error {
	if err := l.open(open); err != nil {
		return err
	}
	var all []Rule
	for _, of := range slices.Sorted(maps.Keys(wanted)) {
		for _, rule := range wanted[of] {
			rule.ID = of + "/" + rule.ID
			all = append(all, rule)
		}
	}
	err := l.table.Apply(ctx, all)
	if err != nil {
		return err
	}
	if l.stands, err = l.table.Standing(ctx); err != nil {
		return err
	}
	return l.stands.Verify(all)
}

// open opens the table, if it is not open. The caller holds mu.
func (l *Layers) open(open Opener) error {
	if l.closed {
		return errors.New("the network namespace has been let go of")
	}
	if l.table != nil {
		return nil
	}
	table, err := open()
	if err != nil {
		return err
	}
	l.table = table
	return nil
}

package local

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/networks"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// shaping is the rules for a node's packets. The zero value has none.
type shaping struct {
	mu    sync.Mutex
	ended bool
	table *traffic.Table // nil before the first rules
	rules map[string][]traffic.Rule
}

// shape has rules stand under a name, beside those of other names.
func (s *shaping) shape(ctx context.Context, node *networks.Node, name string, rules []traffic.Rule) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.table == nil && len(rules) == 0 {
		return nil
	}
	table, err := s.open(node)
	if err != nil {
		return err
	}
	wanted := maps.Clone(s.rules)
	if wanted == nil {
		wanted = map[string][]traffic.Rule{}
	}
	wanted[name] = rules
	if len(rules) == 0 {
		delete(wanted, name)
	}
	var all []traffic.Rule
	for _, of := range slices.Sorted(maps.Keys(wanted)) {
		for _, rule := range wanted[of] {
			rule.ID = of + "/" + rule.ID
			all = append(all, rule)
		}
	}
	if err := table.Apply(ctx, all); err != nil {
		return err
	}
	standing, err := table.Standing(ctx)
	if err == nil {
		err = standing.Verify(all)
	}
	s.rules = wanted
	return err
}

// reset ends connections, and says how many.
func (s *shaping) reset(ctx context.Context, node *networks.Node, matches []traffic.Match) (ended int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	table, err := s.open(node)
	if err != nil {
		return 0, err
	}
	for _, m := range matches {
		connections, err := table.Reset(ctx, m)
		ended += len(connections)
		if err != nil {
			return ended, err
		}
	}
	return ended, nil
}

// open is the table of the node's namespace. The caller holds mu.
func (s *shaping) open(node *networks.Node) (_ *traffic.Table, err error) {
	switch {
	case s.ended:
		return nil, errRemoved
	case node == nil:
		return nil, errors.New(Unprivileged.Lacks(compose.Shaping))
	case s.table == nil:
		s.table, err = node.Traffic()
	}
	return s.table, err
}

// end lets go of the namespace, which is removed with all of its rules.
func (s *shaping) end() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if s.table == nil {
		return nil
	}
	return s.table.Close()
}

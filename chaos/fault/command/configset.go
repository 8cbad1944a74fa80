package command

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/directive"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
)

// ConfigSet changes directives of the server, by CONFIG SET: "{maxmemory: 1mb}" leaves it no
// memory for writes. Healing sets them to what they were.
type ConfigSet struct {
	chaos.Selector `yaml:",inline"`
	// Set is the directives by their names, with their values.
	Set map[string]string `yaml:"set"`

	before map[string]string // of one target
}

func (kinds) ConfigSet() chaos.Fault { return &ConfigSet{} }

var (
	_ scenarios.Commander = (*ConfigSet)(nil)
	_ chaos.Preparing     = (*ConfigSet)(nil)
)

// Check implements scenarios.FaultSpec.
func (s *ConfigSet) Check(c scenarios.Cluster) error {
	if err := s.Selector.Check(c); err != nil {
		return err
	}
	if len(s.Set) == 0 {
		return &scenarios.FieldError{Field: "set", Msg: "no directive to set; write set: {maxmemory: 1mb}"}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Set)) {
		problem := directive.CheckKnown(name, c.ExtraDirectives, suggest.Closest)
		if problem == "" {
			problem = directive.Check(name, s.Set[name])
		}
		if problem != "" {
			return &scenarios.FieldError{Field: "set", Msg: problem}
		}
	}
	return nil
}

// Commands implements scenarios.Commander.
func (s *ConfigSet) Commands() []string { return []string{"CONFIG"} }

// Destroys implements scenarios.Destructive: servers that run out of memory may evict keys, by their policy.
func (s *ConfigSet) Destroys() string {
	for _, name := range []string{"maxmemory", "maxmemory-policy"} {
		if _, ok := s.Set[name]; ok {
			return "the keys that a server evicts by " + name
		}
	}
	return ""
}

// Detail implements chaos.Detailed.
func (s *ConfigSet) Detail() string { return "CONFIG SET " + strings.Join(pairs(s.Set), " ") }

// Holds implements scenarios.Holding.
func (s *ConfigSet) Holds() (all []string) {
	for _, name := range slices.Sorted(maps.Keys(s.Set)) {
		all = append(all, "directive "+name)
	}
	return all
}

// Past implements chaos.Affecting.
func (s *ConfigSet) Past() string { return "configured by " + s.Detail() }

// Effects implements chaos.Affecting.
func (s *ConfigSet) Effects() []record.Effect { return []record.Effect{record.Disturbs} }

// Prepare implements chaos.Preparing: it asks for what the directives are.
func (s *ConfigSet) Prepare(ctx context.Context, c chaos.Cluster, node string) (chaos.Fault, error) {
	before, err := get(ctx, c, node, s.Set)
	if err != nil {
		return nil, err
	}
	return &ConfigSet{Selector: s.Selector, Set: s.Set, before: before}, nil
}

// get asks for the values of the directives that some values are of.
func get(ctx context.Context, c chaos.Cluster, node string, of map[string]string) (map[string]string, error) {
	client := compose.DirectClient(c, compose.Address(c, node), patience)
	defer client.Close()
	values := map[string]string{}
	for name := range of {
		answer, err := client.ConfigGet(ctx, name).Result()
		if err != nil {
			return nil, fmt.Errorf("CONFIG GET %s to %s: %w", name, node, err)
		}
		value, known := answer[name]
		if !known {
			return nil, fmt.Errorf("%s does not know the directive %s", node, name)
		}
		values[name] = value
	}
	return values, nil
}

// Memory implements chaos.Remembering: it is what the directives were.
func (s *ConfigSet) Memory() any { return &s.before }

// Inject implements chaos.Fault.
func (s *ConfigSet) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return set(ctx, c, node, s.Set)
}

// Heal implements chaos.Fault. A server that has ended has forgotten what it was told.
func (s *ConfigSet) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return unlessEnded(ctx, c, node, set(ctx, c, node, s.before))
}

// Healthy implements chaos.Verifying.
func (s *ConfigSet) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	now, err := get(ctx, c, node, s.before)
	if err != nil {
		return unlessEnded(ctx, c, node, err)
	}
	for _, name := range slices.Sorted(maps.Keys(s.before)) {
		if now[name] != s.before[name] {
			return fmt.Errorf("%s has %s %q, which was %q", node, name, now[name], s.before[name])
		}
	}
	return nil
}

// ByCommands implements chaos.Manual.
func (s *ConfigSet) ByCommands(n compose.Node) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(s.before)) {
		all = append(all, redisCLI(n, "CONFIG", "SET", name, s.before[name]))
	}
	return all
}

// set sets one directive at a time: servers before Redis 7.0 take no more.
func set(ctx context.Context, c chaos.Cluster, node string, values map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if _, err := do(ctx, c, node, "CONFIG", "SET", name, values[name]); err != nil {
			return err
		}
	}
	return nil
}

// pairs are the names with their values, in order.
func pairs(values map[string]string) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, name, values[name])
	}
	return all
}

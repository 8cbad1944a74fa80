package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// HalfMigrate leaves slots of a master between it and another one, as a resharding that was broken
// off does: keys that are new are sent there by ASK. Healing moves them back.
type HalfMigrate struct {
	chaos.Selector `yaml:",inline"`
	// Slots is how many of the master's, from its first on.
	Slots int `yaml:"slots"`

	of *migration // of one target
}

// migration is slots on their way between two nodes, each with its ID and its Addr.
type migration struct {
	Slots    []int
	From, To compose.Node
}

func (kinds) HalfMigrate() chaos.Fault { return &HalfMigrate{Slots: 100} }

var (
	_ scenarios.Commander = (*HalfMigrate)(nil)
	_ chaos.Preparing     = (*HalfMigrate)(nil)
)

// Check implements scenarios.FaultSpec.
func (m *HalfMigrate) Check(c scenarios.Cluster) error {
	switch {
	case m.SparesMasters():
		return &scenarios.FieldError{Msg: "a replica has no slots; write {role: master, shard: 0}"}
	case c.Login() != nil:
		return &scenarios.FieldError{Msg: "keys are moved back by MIGRATE, which is not told the password of the cluster; leave cluster.auth and cluster.password out"}
	}
	if err := m.Of(aim.Master).Check(c); err != nil {
		return err
	}
	return scenarios.InRange("slots", m.Slots, 1, fewestSlots(c), "those that a master has")
}

// fewestSlots is how many slots the master has that has the fewest; all, if that is not known.
func fewestSlots(c scenarios.Cluster) int {
	fewest := slots.Count
	for _, m := range aim.Members(c) {
		has := 0
		for _, r := range m.Slots {
			has += r.Last - r.First + 1
		}
		fewest = min(fewest, has)
	}
	return fewest
}

// Targets implements chaos.Fault.
func (m *HalfMigrate) Targets() aim.Finder { return m.Of(aim.Master) }

// Commands implements scenarios.Commander.
func (m *HalfMigrate) Commands() []string { return []string{"CLUSTER", "MIGRATE", "RESTORE"} }

// Detail implements chaos.Detailed.
func (m *HalfMigrate) Detail() string { return fmt.Sprintf("%d slots, CLUSTER SETSLOT", m.Slots) }

// Holds implements scenarios.Holding.
func (m *HalfMigrate) Holds() []string { return []string{"slots"} }

// Past implements chaos.Affecting.
func (m *HalfMigrate) Past() string { return "left with slots half migrated" }

// Effects implements chaos.Affecting.
func (m *HalfMigrate) Effects() []record.Effect { return []record.Effect{record.Disturbs} }

// Prepare implements chaos.Preparing: it looks which slots the master has, and for another one.
func (m *HalfMigrate) Prepare(ctx context.Context, c chaos.Cluster, node string) (chaos.Fault, error) {
	client := compose.DirectClient(c, compose.Address(c, node), patience)
	defer client.Close()
	seen, err := view.Fetch(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("asking %s for its slots: %w", node, err)
	}
	named := map[string]compose.Node{}
	for _, n := range compose.Identified(c.Nodes(), compose.Views(ctx, c)) {
		named[n.ID] = n
	}
	of := &migration{}
	for _, n := range seen.Nodes {
		switch known, ok := named[n.ID]; {
		case !ok || !n.Master || len(n.Slots) == 0:
		case n.Myself:
			of.From = known
			for _, r := range n.Slots {
				for slot := r.First; slot <= r.Last && len(of.Slots) < m.Slots; slot++ {
					of.Slots = append(of.Slots, slot)
				}
			}
		case of.To.ID == "" && n.Flag == "ok":
			of.To = known
		}
	}
	if of.From.ID == "" || of.To.ID == "" {
		return nil, fmt.Errorf("%s has no slots by now, or there is no other master to leave them half migrated to", node)
	}
	if len(of.Slots) < m.Slots {
		return nil, fmt.Errorf("slots: %s has %d of the %d that are to be left half migrated", node, len(of.Slots), m.Slots)
	}
	return &HalfMigrate{Selector: m.Selector, Slots: m.Slots, of: of}, nil
}

// Memory implements chaos.Remembering: it is the slots, and where they were going.
func (m *HalfMigrate) Memory() any { return &m.of }

// Inject implements chaos.Fault. The other node is told first: clients are sent there at once.
func (m *HalfMigrate) Inject(ctx context.Context, c chaos.Cluster, _ string) error {
	if err := m.of.state(ctx, c, m.of.To, "IMPORTING", m.of.From.ID); err != nil {
		return err
	}
	return m.of.state(ctx, c, m.of.From, "MIGRATING", m.of.To.ID)
}

// state sets that of all the slots on a node. They go in a pipeline: the node then saves its
// nodes.conf, which it syncs, once and not for each.
func (m *migration) state(ctx context.Context, c chaos.Cluster, node compose.Node, words ...any) error {
	client := compose.DirectClient(c, node.Addr, patience)
	defer client.Close()
	pipe := client.Pipeline()
	for _, slot := range m.Slots {
		pipe.Do(ctx, append([]any{"CLUSTER", "SETSLOT", slot}, words...)...)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("CLUSTER SETSLOT … %v to %s: %w", words[0], node.Name, err)
	}
	return nil
}

// Heal implements chaos.Fault: it has the keys that are on the other node moved back, which keeps the
// slots' states as they are, and then ends these. A failover forgets them with the old master.
func (m *HalfMigrate) Heal(ctx context.Context, c chaos.Cluster, _ string) error {
	return errors.Join(m.of.moveBack(ctx, c), m.of.state(ctx, c, m.of.From, "STABLE"), m.of.state(ctx, c, m.of.To, "STABLE"))
}

// keysAtOnce is how many keys are moved by one command, which blocks both nodes.
const keysAtOnce = 100

// moveBack moves what keys the other node has in the slots to the master that has these by then.
func (m *migration) moveBack(ctx context.Context, c chaos.Cluster) error {
	client := compose.DirectClient(c, m.To.Addr, patience)
	defer client.Close()
	host, port, err := net.SplitHostPort(m.From.Addr)
	if err != nil {
		return err
	}
	pipe := client.Pipeline()
	var counts []*redis.IntCmd
	for _, slot := range m.Slots {
		counts = append(counts, pipe.ClusterCountKeysInSlot(ctx, slot))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("asking %s for the keys of its slots: %w", m.To.Name, err)
	}
	for i, slot := range m.Slots {
		for counts[i].Val() > 0 {
			keys, err := client.ClusterGetKeysInSlot(ctx, slot, keysAtOnce).Result()
			if err != nil {
				return fmt.Errorf("asking %s for the keys of slot %d: %w", m.To.Name, slot, err)
			}
			if len(keys) == 0 {
				break
			}
			command := append([]string{"MIGRATE", host, port, "", "0", strconv.FormatInt(patience.Milliseconds(), 10), "REPLACE", "KEYS"}, keys...)
			if _, err := doBy(ctx, client, m.To.Name, command...); err != nil {
				return err
			}
		}
	}
	return nil
}

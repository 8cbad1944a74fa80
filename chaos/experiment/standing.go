package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/ledger"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// Occupied is a cluster that goes on after a run, with nobody else at it, and its ledger.
type Occupied struct {
	*compose.Deployed
	Ledger *ledger.Ledger
	name   string
	lacks  func(compose.Ability) string
	leave  func(context.Context) error
}

// Occupy takes a cluster that stands, on the first of some hosts that has it. What cannot be had ends in the error of
// the last host.
func Occupy(ctx context.Context, hosts []compose.Host, id string, warn func(string)) (*Occupied, error) {
	err := fmt.Errorf("no cluster %q is up", id)
	for _, h := range hosts {
		s, ok := h.(standing)
		if !ok {
			continue
		}
		up, failed := s.Clusters(ctx)
		if failed != nil {
			return nil, failed
		}
		if !slices.Contains(up, id) {
			continue
		}
		d, failed := s.Occupy(ctx, id, warn)
		if failed != nil {
			return nil, failed
		}
		return occupied(ctx, s, d, id)
	}
	return nil, err
}

// standing is a host whose clusters go on without the program that deployed them.
type standing interface {
	compose.Host
	compose.Standing
}

func occupied(ctx context.Context, h standing, d *compose.Deployed, id string) (*Occupied, error) {
	o := &Occupied{Deployed: d, name: id, lacks: h.Lacks, leave: func(context.Context) error { return d.Keep() }}
	return o, o.openLedger(ctx, h)
}

// openLedger opens the ledger of the cluster, and leaves the cluster if it cannot.
func (o *Occupied) openLedger(ctx context.Context, h compose.Host) (err error) {
	if o.Ledger, err = openLedger(ctx, h, o.name); err != nil {
		return errors.Join(err, o.leave(ctx))
	}
	return nil
}

// Leave lets go of the cluster.
func (o *Occupied) Leave(ctx context.Context) error {
	return errors.Join(o.Ledger.Close(), o.leave(context.WithoutCancel(ctx)))
}

// healBefore undoes what a run that was killed has left in force, before another one begins.
func (o *Occupied) healBefore(ctx context.Context, progress func(string)) error {
	if len(o.Ledger.Open()) == 0 {
		return nil
	}
	progress(fmt.Sprintf("healing what a run that was killed has left on %s", o.name))
	if err := o.Heal(ctx, progress); err != nil {
		return fmt.Errorf("the cluster %s is not as it was, and was left alone: %w", o.name, err)
	}
	return nil
}

// Heal undoes all faults that are noted to be in force, and tells of each. What cannot be is in the error, an
// UnhealedError each.
func (o *Occupied) Heal(ctx context.Context, told func(string)) error {
	return chaos.UndoAll(ctx, o.Ledger, o.Cluster, readNoted, told)
}

// readNoted reads the settings of a fault that is in a ledger.
func readNoted(settings string) (scenarios.Fault, error) {
	return parse.Fault("the journal of faults", []byte(settings), Catalog())
}

// occupy gives the run a cluster that stands. What a run that was killed has left in force there is undone first.
func (e *experiment) occupy(ctx context.Context) (_ *housed, err error) {
	began := time.Now()
	hosts, unavailable, err := Hosts(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, CloseAll(hosts))
		}
	}()
	if unavailable != nil {
		return nil, unavailable
	}
	o, err := Occupy(ctx, hosts, e.On, e.Warn)
	if err != nil {
		return nil, fmt.Errorf("taking the cluster %s: %w", e.On, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.Leave(ctx))
		}
	}()
	if err := o.healBefore(ctx, e.Progress); err != nil {
		return nil, err
	}
	if err := e.suits(ctx, o); err != nil {
		return nil, err
	}
	e.cluster, e.ledger = e.On, o.Ledger
	h := &housed{Deployed: *o.Deployed, took: time.Since(began), stands: o, hosts: hosts}
	h.note = fmt.Sprintf("The cluster was %s, which stands: it has the configuration that it was deployed with, and not that of the scenario.", e.On)
	return h, nil
}

// membersPatience is how long a cluster that stands may take to be whole before a run begins.
const membersPatience = 30 * time.Second

// suits wants the cluster to be one that the scenario can be run on, and finds out who its nodes are by now.
func (e *experiment) suits(ctx context.Context, o *Occupied) error {
	wanted, nodes := e.scenario.Cluster, o.Cluster.Nodes()
	if names := compose.NodeNames(wanted.Masters, wanted.Replicas); len(nodes) != len(names) {
		return fmt.Errorf("the scenario is for %d masters and %d replicas of each, which is %d nodes, and the cluster %s has %d; write --set cluster.masters=N --set cluster.replicas=N", wanted.Masters, wanted.Replicas, len(names), e.On, len(nodes))
	}
	deadline := time.Now().Add(membersPatience)
	for {
		found, err := e.members(ctx, o, nodes)
		if err == nil {
			offset, within, err := o.Cluster.ClockOffset(ctx)
			if err != nil {
				return err
			}
			o.Cluster = &again{Cluster: o.Cluster, nodes: found, since: time.Now().Add(offset - within)}
			return e.describe(ctx, o)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the cluster %s is not whole, and no run begins on it: %w; `chaos status %s` shows it", e.On, err, e.On)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// members are the nodes with their ids, roles and shards. It finds the layout.
func (e *experiment) members(ctx context.Context, o *Occupied, nodes []compose.Node) ([]compose.Node, error) {
	views := compose.Views(ctx, o.Cluster)
	if i := slices.Index(views, nil); i >= 0 {
		return nil, fmt.Errorf("%s does not answer", nodes[i].Name)
	}
	found := compose.Identified(nodes, views)
	layout, err := compose.FindLayout(ctx, o.Cluster)
	if err != nil {
		return nil, err
	}
	if left := layout.Unassigned(); len(left) > 0 {
		return nil, fmt.Errorf("no master has slots %s", slots.Text(left))
	}
	if wanted := e.scenario.Cluster.Masters; layout.Shards() != wanted {
		return nil, fmt.Errorf("%d masters have slots, and the scenario is for %d", layout.Shards(), wanted)
	}
	members, err := observe.CurrentTopology(ctx, &again{Cluster: o.Cluster, nodes: found}, layout)
	if err != nil {
		return nil, err
	}
	whole, ok := asMembers(found, members, layout)
	if !ok || e.scenario.Cluster.Replicas > 0 && slices.Contains(replicas(whole, layout), 0) {
		return nil, errors.New("some shard lacks its master or a replica")
	}
	o.Layout = layout
	return whole, nil
}

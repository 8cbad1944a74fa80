package experiment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Bring finds the cluster of the user's that a scenario names, on the first runtime where clusters that are named in
// that way are found, to be healed: whatever its health.
func Bring(ctx context.Context, s *scenarios.Scenario, o Options) (*Occupied, []compose.Host, error) {
	o = o.complete()
	b, err := brought(s, o, NewID("heal", time.Now()))
	if err != nil {
		return nil, nil, err
	}
	b.Up, b.Bootstrap, b.Unwell = false, false, true
	found, hosts, err := find(ctx, o, b)
	if err != nil {
		return nil, nil, err
	}
	return found.Occupied, hosts, nil
}

// broughtCluster is a cluster of the user's, with nobody else at it, and the name of its runtime.
type broughtCluster struct {
	*Occupied
	*compose.Found
	runtime string
}

// find finds a cluster of the user's.
func find(ctx context.Context, o Options, b compose.Brought) (_ *broughtCluster, hosts []compose.Host, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, CloseAll(hosts))
		}
	}()
	var without error // why others are not available
	for _, r := range runtimes() {
		if o.Runtime != RuntimeAuto && o.Runtime != r.Name() {
			continue
		}
		h, err := r.Open(ctx)
		if _, unavailable := compose.IsUnavailable(err); unavailable {
			without = errors.Join(without, err)
			continue
		}
		if err != nil {
			return nil, hosts, err
		}
		hosts = append(hosts, h)
		bringer, ok := h.(compose.Bringer)
		if !ok || !bringer.Brings(b) {
			continue
		}
		f, err := bringer.Bring(ctx, b)
		if err != nil {
			return nil, hosts, err
		}
		occupied := &Occupied{Deployed: &f.Deployed, name: f.Name, lacks: f.Lacks, leave: f.Leave}
		if err := occupied.openLedger(ctx, h); err != nil {
			return nil, hosts, err
		}
		return &broughtCluster{occupied, f, r.Name()}, hosts, nil
	}
	if without != nil {
		return nil, hosts, without
	}
	return nil, hosts, fmt.Errorf("no runtime finds clusters that are named in this way (--runtime %s)", o.Runtime)
}

// bring gives the run the cluster of the user's that the scenario names. What a run that was killed has left in force
// there is undone first.
func (e *experiment) bring(ctx context.Context) (_ *housed, err error) {
	began := time.Now()
	b, err := brought(e.asked, e.Options, e.id)
	if err != nil {
		return nil, err
	}
	found, hosts, err := e.findHealed(ctx, b)
	if err != nil {
		return nil, fmt.Errorf("finding the cluster: %w", err)
	}
	o := found.Occupied
	defer func() {
		if err != nil {
			err = errors.Join(err, o.Leave(ctx), CloseAll(hosts))
		}
	}()
	on, err := found.suited(e.asked)
	if err != nil {
		return nil, err
	}
	if err := e.settle(on); err != nil {
		return nil, err
	}
	offset, within, err := o.Cluster.ClockOffset(ctx)
	if err != nil {
		return nil, err
	}
	o.Cluster = &again{Cluster: o.Cluster, nodes: o.Cluster.Nodes(), since: time.Now().Add(offset - within)}
	if err := e.describe(ctx, o); err != nil {
		return nil, err
	}
	e.runtime, e.cluster, e.ledger = found.runtime, found.Name, o.Ledger
	return &housed{Deployed: *o.Deployed, took: time.Since(began), stands: o, hosts: hosts, note: strings.Join(found.Notes, " ")}, nil
}

// findHealed is find, once what a run that was killed has left in force is undone: it may be why the cluster is not well.
func (e *experiment) findHealed(ctx context.Context, b compose.Brought) (*broughtCluster, []compose.Host, error) {
	found, hosts, err := find(ctx, e.Options, b)
	if err == nil {
		if err := found.healBefore(ctx, e.Progress); err != nil {
			return nil, nil, errors.Join(err, found.Occupied.Leave(ctx), CloseAll(hosts))
		}
		return found, hosts, nil
	}
	asItIs := b
	asItIs.Up, asItIs.Bootstrap, asItIs.Unwell = false, false, true
	unwell, hosts, failed := find(ctx, e.Options, asItIs)
	if failed != nil {
		return nil, nil, err
	}
	if len(unwell.Ledger.Open()) > 0 {
		err = unwell.healBefore(ctx, e.Progress)
	}
	if err := errors.Join(err, unwell.Occupied.Leave(ctx), CloseAll(hosts)); err != nil {
		return nil, nil, err
	}
	for deadline := time.Now().Add(membersPatience); ; {
		found, hosts, err := find(ctx, e.Options, b)
		if err == nil || time.Now().After(deadline) {
			return found, hosts, err
		}
		if !alarm.Sleep(ctx, 500*time.Millisecond) {
			return nil, nil, ctx.Err()
		}
	}
}

// Look finds the cluster of the user's that a scenario names, and the scenario as it is for the nodes that it has.
// Nothing is done to the cluster, which is to be left.
func Look(ctx context.Context, s *scenarios.Scenario, o Options) (_ *Occupied, _ *scenarios.Scenario, hosts []compose.Host, err error) {
	o = o.complete()
	b, err := brought(s, o, NewID("plan", time.Now()))
	if err != nil {
		return nil, nil, nil, err
	}
	b.Up, b.Bootstrap = false, false
	found, hosts, err := find(ctx, o, b)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("finding the cluster: %w", err)
	}
	on, err := found.suited(s)
	if err == nil {
		err = chaos.CheckAbilities(on, found.Found.Lacks)
	}
	if err != nil {
		return nil, nil, nil, errors.Join(err, found.Occupied.Leave(ctx), CloseAll(hosts))
	}
	return found.Occupied, on, hosts, nil
}

// suited is a scenario as it is for the nodes that were found.
func (c *broughtCluster) suited(asked *scenarios.Scenario) (*scenarios.Scenario, error) {
	on := *asked
	on.Cluster = on.Cluster.With(membersOf(c.Found))
	if on.Suits != nil {
		if err := on.Suits(on.Cluster); err != nil {
			return nil, fmt.Errorf("the scenario does not suit the cluster that was found:\n%w", err)
		}
	}
	return &on, nil
}

// membersOf are the nodes of a cluster that was found, as a scenario is judged by them.
func membersOf(f *compose.Found) (members []scenarios.Member) {
	for _, n := range f.Cluster.Nodes() {
		members = append(members, scenarios.Member{
			Name: n.Name, Service: n.Service, Shard: n.Shard, Replica: n.Replica, Slots: f.Layout.Ranges(n.Shard),
		})
	}
	return members
}

// healing is the command that heals a cluster which goes on.
func (e *experiment) healing(h *housed) string {
	if e.asked.Cluster.IsBrought() {
		return "`chaos heal` with the scenario"
	}
	return fmt.Sprintf("`chaos heal %s`", h.stands.name)
}

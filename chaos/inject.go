package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// happenings is what the runtime sees happening to nodes: *observe.Events.
type happenings interface {
	Mark() int
	Await(ctx context.Context, mark int, node string, action compose.Action, network compose.Network) (record.Millis, error)
}

// signTimeout is how long the runtime may take to report what it was asked to do.
const signTimeout = 5 * time.Second

// inject lives through one injection: picks its targets, has the fault take hold of
// them, and heals it whatever else happens.
func (c *Conductor) inject(ctx context.Context, events happenings, f injection) (err error) {
	kind, err := asFault(f.index, f.Fault)
	if err != nil {
		return err
	}
	fail := func(err error) error {
		c.Record.Add(&record.Fault{Index: f.index, Occurrence: f.number, Kind: f.Kind, Phase: record.FaultFailed, Error: err.Error()})
		return fmt.Errorf("faults[%d] (%s): %w", f.index, f.Kind, err)
	}
	topology, err := observe.CurrentTopology(ctx, c.Cluster, c.Layout)
	if err != nil {
		return fail(err)
	}
	kind, found, err := f.find(kind, topology, c.Seed)
	if premise, ok := err.(*aim.PremiseError); ok {
		c.Record.Add(&record.Fault{Index: f.index, Occurrence: f.number, Due: f.due, Kind: f.Kind, Phase: record.FaultSkipped, Error: premise.Reason})
		c.Progress(fmt.Sprintf("%s skipped: %s", f.Kind, premise.Reason))
		f.leave()
		return nil
	}
	if err != nil {
		return fail(err)
	}
	targets := found.Nodes
	e := record.Fault{Index: f.index, Occurrence: f.number, Due: f.due, Kind: f.Kind, Targets: targets, Why: found.Why, ClientsOnly: found.ClientsOnly(), Shards: topology.ShardsOf(targets), Detail: detail(kind)}
	e.Past, e.Effects = does(kind, f.Kind)

	release, err := c.holds.take(ctx, f.index, f.Fault, targets, c.lasts(f.Fault))
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fail(err)
	}
	defer release()
	all, err := prepare(ctx, c.attribute(kind, f.index, f.Name), c.Cluster, targets, f.draw(c.Seed).Random())
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fail(err)
	}

	d, err := c.note(f.index, f.Fault, all, targets)
	if err != nil {
		return fail(err)
	}
	_, momentary := kind.(scenarios.Momentary)
	_, timed := kind.(scenarios.Timed)
	var unsure error // whether all of it took hold
	var since hold
	defer func() {
		var healErr error
		switch {
		case momentary && unsure == nil, timed && ctx.Err() != nil: // nothing undoes it
			healErr = c.over(d)
		default:
			healErr = c.heal(ctx, events, d, e, since, unsure != nil)
		}
		if healErr != nil {
			err = errors.Join(err, fail(fmt.Errorf("healing: %w", healErr)))
			return
		}
		f.tell(scenarios.StepHealed, c.Record.Now())
	}()
	mark, began := events.Mark(), c.Record.Now()
	since = hold{mark, began}
	c.phase(e, record.FaultRequested, began)
	f.tell(scenarios.StepRequested, began)
	c.Progress(announcement(e))
	if unsure = c.do(ctx, d); unsure != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fail(unsure)
	}
	e.Outcomes = outcomes(all, targets)
	e.Mechanism = mechanism(all, c.Cluster, targets)
	effective, _ := signs(kind)
	if at, ok := c.sign(ctx, events, mark, targets, effective); ok {
		began, since.at = at, at
		c.phase(e, record.FaultEffective, at)
	}
	f.tell(scenarios.StepEffective, began)
	if momentary {
		return nil
	}
	// It lasts as long as it is to, however late it took hold.
	heal := units.Duration(began.D()) + f.For
	if f.For == 0 {
		heal = c.Scenario.Duration
	}
	lasting, over := context.WithDeadline(ctx, c.moment(heal))
	defer over()
	if err := sustain(lasting, all, c.Cluster, targets); err != nil {
		return fail(fmt.Errorf("keeping it up: %w", err))
	}
	return nil
}

// draw is what an injection's random picks follow from.
func (f injection) draw(seed int64) aim.Draw {
	return aim.Draw{Seed: seed, Step: f.index, Occurrence: max(0, f.number-1)}
}

// find finds the targets of an injection, and is the fault for them: the nodes that the fault finds, or
// the next ones that a rolling step goes over.
func (f injection) find(kind Fault, t observe.Topology, seed int64) (Fault, aim.Targets, error) {
	if f.roll != nil && f.number > 1 {
		return kind, aim.Targets{Nodes: f.roll.next(), Why: kind.Targets().String()}, nil
	}
	kind, found, err := find(kind, t, f.draw(seed))
	if err != nil || f.roll == nil {
		return kind, found, err
	}
	f.roll.begin(found.Nodes, t)
	found.Nodes = f.roll.next()
	return kind, found, nil
}

// lasts is how long a fault that begins now is to be in force.
func (c *Conductor) lasts(f scenarios.Fault) time.Duration {
	switch _, momentary := f.Spec.(scenarios.Momentary); {
	case momentary:
		return 0
	case f.For == 0:
		return c.until(c.Scenario.Duration)
	default:
		return f.For.D()
	}
}

// announcement says what is done to whom: "kill redis-master-1 (SIGKILL)".
func announcement(e record.Fault) string {
	text := e.Kind + " " + strings.Join(e.Targets, ", ")
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	return text
}

// hold is when a fault took hold, and what was seen to happen before it was injected.
type hold struct {
	mark int
	at   record.Millis
}

// heal undoes a fault of all its targets, though ctx has ended; of one that is over by itself it waits for that.
// unsure: some of it may take hold yet.
func (c *Conductor) heal(ctx context.Context, events happenings, d deed, e record.Fault, since hold, unsure bool) error {
	_, timed := d.faults[0].(scenarios.Timed)
	if !timed {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, healTimeout+takes(d.faults[0]))
	defer cancel()
	taken, healed := signs(d.faults[0])
	lasting, early := e.Targets, record.Millis(0)
	if !slices.ContainsFunc(healed, func(s Sign) bool { return slices.Contains(taken, s) }) { // else which is which is not seen
		lasting, early = c.healedEarly(ctx, events, e, since, healed)
	}
	mark := events.Mark()
	c.phase(e, record.FaultHealRequested, c.Record.Now())
	last, err := c.undo(ctx, d, unsure)
	switch {
	case err != nil && timed:
		c.Record.Add(&record.Note{Text: fmt.Sprintf("When the %s of %s was over was not seen: %v.", e.Kind, strings.Join(e.Targets, ", "), err)})
		return nil
	case err != nil:
		c.tellUnhealed(err)
		return err
	}
	e.Outcomes = outcomes(d.faults, e.Targets)
	at, ok := record.InMillis(last.Sub(c.Record.Wall())), true
	if len(healed) > 0 {
		at, ok = early, true
	}
	if len(healed) > 0 && len(lasting) > 0 {
		at, ok = c.sign(ctx, events, mark, lasting, healed)
	}
	if ok {
		c.phase(e, record.FaultHealed, at)
		c.Progress(fmt.Sprintf("%s of %s healed", e.Kind, strings.Join(e.Targets, ", ")))
	}
	return nil
}

// healedEarly tells of the targets that something else than this run has healed while the fault was to last, as a restart
// policy or a supervisor starts a server again, and when the last of them was. The others are those that it lasts on.
func (c *Conductor) healedEarly(ctx context.Context, events happenings, e record.Fault, since hold, healed []Sign) (lasting []string, early record.Millis) {
	past, cancel := context.WithCancel(ctx)
	cancel() // what has happened is told without waiting
	for _, node := range e.Targets {
		var at record.Millis
		done := len(healed) > 0
		for _, s := range healed {
			seen, err := events.Await(past, since.mark, node, s.Action, s.Network)
			at, done = max(at, seen), done && err == nil
		}
		if !done {
			lasting = append(lasting, node)
			continue
		}
		early = max(early, at)
		c.Record.Add(&record.Note{Text: fmt.Sprintf("%s was %s %s after the %s took hold, and not by this run: a restart policy or a supervisor does that. The %s lasted no longer than that.",
			node, healed[0].Action, (at - since.at).D().Round(time.Millisecond), e.Kind, e.Kind)})
	}
	return lasting, early
}

// phase records a step in a fault's life.
func (c *Conductor) phase(e record.Fault, phase record.FaultPhase, at record.Millis) {
	e.Phase = phase
	c.Record.AddAt(at, &e)
}

// sign is when the last of the signs came from the last of the nodes. With no
// sign to wait for it is now. A sign that does not come is noted: the moment
// then stays unknown.
func (c *Conductor) sign(ctx context.Context, events happenings, mark int, nodes []string, signs []Sign) (record.Millis, bool) {
	if len(signs) == 0 {
		return c.Record.Now(), true
	}
	ctx, cancel := context.WithTimeout(ctx, signTimeout)
	defer cancel()
	var latest record.Millis
	for _, node := range nodes {
		for _, s := range signs {
			at, err := events.Await(ctx, mark, node, s.Action, s.Network)
			if err != nil {
				c.Record.Add(&record.Note{Text: fmt.Sprintf("the runtime did not report %q of %s within %s", s.Action, node, signTimeout)})
				return 0, false
			}
			latest = max(latest, at)
		}
	}
	return latest, true
}

// onEach calls f for every target at once.
func onEach(targets []string, f func(i int) error) error {
	return errors.Join(compose.AtOnce(len(targets), f)...)
}

package chaos

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/live"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/chaos/timeline"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// timeline runs the workloads and the faults side by side until both are done.
func (c *Conductor) timeline(ctx context.Context, o *observe.Observation) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	fail := func(err error) {
		if err != nil && ctx.Err() == nil {
			cancel(err)
		}
	}
	s := c.newSchedule(o)
	for _, load := range c.Loads {
		running.Go(func() { fail(load.Run(ctx, c.Scenario.Duration.D())) })
	}
	running.Go(func() { s.run(ctx, fail) })
	running.Go(func() { alarm.Sleep(ctx, c.until(c.Scenario.Duration)) })
	running.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// schedule has the steps of the scenario begin when their moments come.
type schedule struct {
	*Conductor
	events happenings
	live   *live.State

	mu   sync.Mutex // of the plan
	plan *timeline.Plan

	waking sync.Mutex // of wake
	wake   context.CancelFunc
}

func (c *Conductor) newSchedule(o *observe.Observation) *schedule {
	loads := make([]live.Load, len(c.Loads))
	for i, load := range c.Loads {
		loads[i] = load
	}
	s := &schedule{
		Conductor: c, events: o.Events, plan: timeline.New(c.Scenario, c.Seed), wake: func() {},
		live: live.New(c.Scenario, o, loads, c.Record.Now),
	}
	c.Record.Follow(func(e record.Event) {
		if s.live.Take(e) {
			s.stir()
		}
	})
	return s
}

// watchPace is the time between two looks at conditions that no event tells of.
const watchPace = 20 * time.Millisecond

// run carries the timeline out. It returns when all that it has begun is over; errors are told to fail.
func (s *schedule) run(ctx context.Context, fail func(error)) {
	var running sync.WaitGroup
	defer running.Wait()
	if s.Scenario.Steady != nil {
		if err := s.steady(ctx); err != nil {
			fail(err)
			return
		}
	}
	rolls := map[int]*roll{}
	for ctx.Err() == nil {
		pause := s.pause(ctx)
		begin, skipped, wait, done := s.next()
		for _, k := range skipped {
			s.skip(k)
		}
		for _, o := range begin {
			f := s.injection(o, rolls)
			running.Go(func() { fail(s.inject(ctx, s.events, f)) })
		}
		if !done {
			alarm.Sleep(pause, wait)
		}
		s.stir() // which ends the pause
		if done {
			return
		}
	}
}

// next is what is to be done by now, and for how long there is nothing more to be done if nothing happens.
func (s *schedule) next() (begin []timeline.Occurrence, skipped []timeline.Skipped, wait time.Duration, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Record.Now()
	begin, skipped = s.plan.Next(now, s.live)
	const longest = record.Millis(time.Hour / time.Millisecond)
	wait = time.Until(s.Record.Time(min(s.plan.Wake(now), now+longest)))
	if s.plan.Watches(now) {
		wait = min(wait, watchPace)
	}
	return begin, skipped, wait, s.plan.Done()
}

// pause ends when something happens after it was asked for.
func (s *schedule) pause(ctx context.Context) context.Context {
	s.waking.Lock()
	defer s.waking.Unlock()
	pause, wake := context.WithCancel(ctx)
	s.wake = wake
	return pause
}

// stir ends the pause, as something has happened.
func (s *schedule) stir() {
	s.waking.Lock()
	defer s.waking.Unlock()
	s.wake()
}

// steady waits for the cluster to be steady, and releases the timeline then. That it does not become
// steady is an error: what came of the faults would say nothing.
func (s *schedule) steady(ctx context.Context) error {
	wanted := s.Scenario.Steady
	s.Progress(fmt.Sprintf("waiting up to %v for the cluster to be steady for %v", wanted.Timeout, wanted.For))
	for {
		missing := s.live.Unsteady(wanted.For.D(), 0)
		now := s.Record.Now()
		switch {
		case missing == "":
			s.mu.Lock()
			later := s.plan.Release(now)
			s.mu.Unlock()
			s.Record.Add(&record.Steady{OK: true, Waited: now, Later: later})
			return nil
		case now > record.InMillis(wanted.Timeout.D()):
			s.Record.Add(&record.Steady{Waited: now, Reason: missing})
			return fmt.Errorf("the cluster was not steady for %v within %v of the begin of the run, and no fault was injected: %s", wanted.For, wanted.Timeout, missing)
		}
		if !alarm.Sleep(ctx, watchPace) {
			return nil
		}
	}
}

// skip records that a step is not carried out, and why.
func (s *schedule) skip(k timeline.Skipped) {
	kind := s.Scenario.Faults[k.Step].Kind
	s.Record.Add(&record.Fault{Index: k.Step, Occurrence: k.Number, Kind: kind, Phase: record.FaultSkipped, Error: k.Reason, Needed: !k.Optional})
	s.Progress(fmt.Sprintf("%s skipped: %s", kind, k.Reason))
}

// injection is one time that a step of the scenario is carried out.
type injection struct {
	scenarios.Fault
	index  int // of the step
	number int // of the occurrence, from 1; 0 of a step that comes once
	// due is when it was to begin, if the scenario alone does not tell.
	due *record.Millis
	// roll is the nodes that a rolling step goes over; nil of others.
	roll *roll
	// tell is told what becomes of it.
	tell func(event scenarios.StepEvent, at record.Millis)
	// leave is called if it is not carried out after all.
	leave func()
}

// injection is an occurrence as it is carried out.
func (s *schedule) injection(o timeline.Occurrence, rolls map[int]*roll) injection {
	f := injection{Fault: s.Scenario.Faults[o.Step], index: o.Step, number: o.Number}
	f.tell = func(event scenarios.StepEvent, at record.Millis) {
		s.mu.Lock()
		s.plan.Tell(o, event, at)
		s.mu.Unlock()
		s.stir()
	}
	f.leave = func() {
		s.mu.Lock()
		s.plan.Leave(o)
		s.mu.Unlock()
		s.stir()
	}
	if s.Scenario.Steady != nil || f.After != nil || f.When != nil || f.Every > 0 || f.Rolling != nil {
		f.due = &o.Due
	}
	if f.Rolling != nil {
		if rolls[o.Step] == nil {
			rolls[o.Step] = &roll{batch: f.Rolling.Batch, known: func(batches int) {
				s.mu.Lock()
				s.plan.Rolls(o.Step, batches)
				s.mu.Unlock()
			}}
		}
		f.roll = rolls[o.Step]
	}
	return f
}

// roll is the nodes that a rolling step goes over. One batch is under way at a time.
type roll struct {
	batch int
	left  []string
	// known is told how many batches there are.
	known func(batches int)
}

// begin takes in the nodes that the step's selector matches when it begins: its replicas come first,
// as operators have it.
func (r *roll) begin(nodes []string, t observe.Topology) {
	rank := map[string]int{}
	for _, m := range t {
		if m.Master {
			rank[m.Node] = 1
		}
	}
	r.left = slices.Clone(nodes)
	slices.SortStableFunc(r.left, func(a, b string) int { return cmp.Compare(rank[a], rank[b]) })
	r.known((len(nodes) + r.batch - 1) / r.batch)
}

// next takes the nodes of the next batch.
func (r *roll) next() []string {
	n := min(r.batch, len(r.left))
	batch := slices.Clone(r.left[:n])
	r.left = r.left[n:]
	slices.Sort(batch)
	return batch
}

// moment is when so much of the run has passed, and until the time left to that.
func (c *Conductor) moment(d units.Duration) time.Time { return c.Record.Wall().Add(d.D()) }

func (c *Conductor) until(d units.Duration) time.Duration { return time.Until(c.moment(d)) }

package chaos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/ledger"
	"github.com/redis-chaos/redis-chaos/chaos/live"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/keys"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Load is a workload as the conductor drives it.
type Load interface {
	live.Load
	// Run writes for the given time, and records what it counted.
	Run(ctx context.Context, duration time.Duration) error
	// Verify reads back what was written, and records what is lost.
	Verify(ctx context.Context) error
	// Save records what it knows so far: it is called at any time.
	Save()
}

// Conductor runs one scenario on one cluster.
type Conductor struct {
	Scenario *scenarios.Scenario
	Cluster  compose.Cluster
	// Layout is which slots each shard of it has.
	Layout slots.Layout
	Record *record.Record
	RunID  string
	Seed   int64
	Loads  []Load
	// LogDir receives every node's log.
	LogDir string
	// Stays: the cluster goes on after the run, which removes its keys.
	Stays bool
	// Ledger notes the faults that are in force; nil: nobody else is to undo them.
	Ledger *ledger.Ledger
	// Progress is told what happens, a line at a time.
	Progress func(string)

	holds    holds
	unhealed unhealed
}

// ErrTakenAway is the error of a run whose cluster was removed under it.
var ErrTakenAway = errors.New("somebody else removed all nodes of the cluster while the run was under way")

// healTimeout bounds healing after the run's own context has ended, beside what the fault takes by itself.
const healTimeout = 30 * time.Second

// Run carries the scenario out: workloads and faults on the timeline, then the
// wait for the cluster to be whole, then the verification of every write.
// Whatever happens, every fault that was injected is healed before it returns.
// The error tells why the run could not be carried out; when ctx ended, it is
// ctx's, and ErrTakenAway if somebody else removed the cluster.
func (c *Conductor) Run(ctx context.Context) error {
	interrupted := ctx.Err
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	observe, err := observe.Begin(ctx, observe.Options{
		Cluster: c.Cluster, Record: c.Record, RunID: c.RunID, Layout: c.Layout,
		Probes: c.Scenario.Observe.Probes.D(), Topology: c.Scenario.Observe.Topology.D(), LogDir: c.LogDir,
	})
	if err != nil {
		return err
	}
	beside, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { c.save(beside) })
	running.Go(func() {
		select {
		case <-observe.Gone():
			end(ErrTakenAway)
		case <-beside.Done():
		}
	})

	err = c.timeline(ctx, observe)
	if err == nil {
		err = c.settle(ctx, observe)
	}
	if err == nil {
		err = c.verify(ctx)
	}
	if ctx.Err() != nil && interrupted() == nil {
		err = context.Cause(ctx) // whatever else failed because of that
	}
	c.count(ctx, observe)
	stop()
	running.Wait()
	observe.End(ctx)
	if c.Stays {
		c.removeKeys(ctx)
	}
	unhealed, err := c.unhealed.beside(err)
	ended := &record.RunEnded{Interrupted: interrupted() != nil, Unhealed: unhealed}
	if err != nil {
		ended.Error = err.Error()
	}
	c.Record.Add(ended)
	return err
}

// settle waits for the cluster to be whole again, and records whether it was.
func (c *Conductor) settle(ctx context.Context, o *observe.Observation) error {
	last, since := time.Now(), c.Record.Now()
	var waited time.Duration
	told := false
	for {
		missing := o.Missing(since)
		// While this program is not run, nobody looks whether the cluster has recovered.
		waited += min(time.Since(last), mostUnseen)
		last = time.Now()
		if missing == "" || waited > c.Scenario.RecoveryTimeout.D() {
			c.Record.Add(&record.Settled{OK: missing == "", Waited: record.Millis(waited.Milliseconds()), Reason: missing})
			if missing != "" {
				c.Progress(fmt.Sprintf("the cluster did not recover within %s: %s", c.Scenario.RecoveryTimeout, missing))
			}
			return nil
		}
		if !told && waited > time.Second {
			c.Progress(fmt.Sprintf("waiting up to %s for the cluster to be whole: %s", c.Scenario.RecoveryTimeout, missing))
			told = true
		}
		if !alarm.Sleep(ctx, 20*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// savePace is the time between two checks of this machine's wall clock, and between two times that
// the record is written.
const savePace = time.Second

// save has the record know, until ctx ends, how this machine's wall clock is set and what the
// loads have seen, and writes it. If this program is killed, the file tells of all but the last
// savePace.
func (c *Conductor) save(ctx context.Context) {
	for alarm.Sleep(ctx, savePace) {
		if step := c.Record.CheckWall(); step != 0 {
			c.Record.Add(&record.ClockStep{By: record.InMillis(step)})
		}
		for _, load := range c.Loads {
			load.Save()
		}
		_ = c.Record.Flush() // its error is kept for the end
	}
}

// mostUnseen is how much of the time between two looks at the cluster counts as waited for it.
const mostUnseen = time.Second

// keysTimeout bounds the removal of the run's keys, after the run's own context has ended.
const keysTimeout = time.Minute

// removeKeys removes what the run has written, and records what came of that.
func (c *Conductor) removeKeys(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysTimeout)
	defer cancel()
	c.Progress("removing the keys of this run")
	prefix := c.RunID + ":"
	r, err := keys.Remove(ctx, c.Cluster, prefix)
	e := &record.KeysRemoved{Removed: r.Removed, Left: r.Left, Prefix: prefix}
	if err != nil {
		e.Error = err.Error()
		c.Progress(e.Error)
	}
	c.Record.Add(e)
}

// countPatience is how long the nodes may take to tell their counters at the end of a run.
const countPatience = time.Second

// count has the record tell what the servers had counted by the end of the run.
func (c *Conductor) count(ctx context.Context, o *observe.Observation) {
	ctx, cancel := context.WithTimeout(ctx, countPatience)
	defer cancel()
	for done := o.Count(); !done() && alarm.Sleep(ctx, 10*time.Millisecond); {
	}
}

func (c *Conductor) verify(ctx context.Context) error {
	if len(c.Loads) > 0 {
		c.Progress("reading back every acked write")
	}
	errs := make([]error, len(c.Loads))
	var running sync.WaitGroup
	for i, load := range c.Loads {
		running.Go(func() { errs[i] = load.Verify(ctx) })
	}
	running.Wait()
	return errors.Join(errs...)
}

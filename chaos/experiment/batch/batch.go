// Package batch makes many runs, several at once where the machine leaves room, and on one
// cluster after the other where that changes no result.
package batch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Job is one run that is to be made.
type Job struct {
	Scenario *scenarios.Scenario
	// Seed is the run's; 0 leaves it to the scenario.
	Seed int64
	// Out is the folder that receives the run's.
	Out string
	// Image and Server are of one run, in place of the scenario's image and the batch's
	// RedisServer; "" leaves these.
	Image, Server string
	// Label says in a few words which run it is, for progress.
	Label string
	// Tag is the source's own, to know the job again.
	Tag any
}

// Done is a run that was made, or could not be.
type Done struct {
	Job
	// Outcome is nil where nothing is known of the run.
	Outcome *experiment.Outcome
	Err     error
	// Cluster numbers the cluster that it ran on, from 1, and Served how many runs that had served
	// with it.
	Cluster, Served int
	// Took is from the deployment of the cluster to its end, or to that of the run where another
	// one comes after it.
	Took time.Duration
}

// Source says which runs are to be made. Its methods are called by one goroutine at a time.
type Source interface {
	// Next is the next run; false if no more are to be begun. It is asked when there is room
	// for a run, with all runs told that have ended by then.
	Next() (Job, bool)
	// Done takes in a run. An error ends the batch: no more runs are begun, and those under way
	// are interrupted.
	Done(Done) error
}

// Reuse says whether a cluster may serve several runs.
type Reuse string

// What Options.Reuse can be.
const (
	ReuseAuto   Reuse = "auto"   // where waiting for it to be as new takes less time than a new one
	ReuseNever  Reuse = "never"  // a new one for each run
	ReuseAlways Reuse = "always" // whenever it is whole again
)

// Options are how the runs are made.
type Options struct {
	experiment.Options
	// Parallel is how many runs are made at once at most; 0 leaves the choice to the machine.
	Parallel int
	Reuse    Reuse // ReuseAuto if it is not given
	// Chosen is told how many runs are made at once, and why, once that is known; it may be nil.
	Chosen func(parallel int, why string)
}

// Plan is what was chosen.
type Plan struct {
	Parallel int
	Why      string // who chose that, and by what
	Clusters int    // that were deployed
	ReuseWhy string
}

// Run makes the runs of a source until it has no more, or ctx ends. The error is ctx's, or that
// of the source, or why a cluster could not be removed.
func Run(ctx context.Context, source Source, opts Options) (Plan, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	b := &batch{source: source, opts: opts, end: cancel}
	if opts.Parallel > 0 {
		b.plan.Parallel, b.plan.Why = opts.Parallel, "as asked for"
		b.chosen()
		for range opts.Parallel {
			b.start(ctx)
		}
	} else {
		b.gauge = newGauge()
		b.plan.Parallel, b.plan.Why = 1, "the first run had not shown yet what it takes"
		b.start(ctx)
	}
	b.workers.Wait()
	b.plan.ReuseWhy = b.reused()
	return b.plan, errors.Join(context.Cause(ctx), b.unremoved)
}

// batch is the runs of a source under way.
type batch struct {
	source Source
	opts   Options
	end    context.CancelCauseFunc
	// gauge is what the first run is measured by, if the machine chooses how many are made at
	// once.
	gauge   *gauge
	workers sync.WaitGroup

	mu        sync.Mutex // held while the source is called
	plan      Plan
	clusters  map[string]int // by the id of the run that deployed them: their numbers
	runs      int
	again     int // runs on a cluster that had served before
	unremoved error
}

// start has one more worker make runs until the source has no more.
func (b *batch) start(ctx context.Context) {
	b.workers.Go(func() {
		var reserve *experiment.Reserve
		if b.opts.Reuse != ReuseNever {
			reserve = &experiment.Reserve{Always: b.opts.Reuse == ReuseAlways}
		}
		for ctx.Err() == nil && b.one(ctx, reserve) {
		}
		if err := reserve.Close(ctx); err != nil {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.unremoved = errors.Join(b.unremoved, err)
		}
	})
}

// one makes the next run; false if there is none.
func (b *batch) one(ctx context.Context, reserve *experiment.Reserve) bool {
	b.mu.Lock()
	job, more := b.source.Next()
	g := b.gauge
	b.gauge = nil // this run's
	b.mu.Unlock()
	if !more {
		return false
	}
	s, opts := job.scenario(), job.options(b.opts.Options)
	opts.Part, opts.Reserve = true, reserve
	var measured sync.WaitGroup
	if g != nil {
		status, gauged := opts.Status, g
		loaded := sync.OnceFunc(func() {
			g = nil
			measured.Go(func() {
				parallel, why := gauged.room(ctx, s)
				b.choose(ctx, parallel, why)
			})
		})
		opts.Status = func(text string) {
			loaded()
			if status != nil {
				status(text)
			}
		}
	}
	began := time.Now()
	outcome, err := experiment.Run(ctx, s, opts)
	took := time.Since(began)
	measured.Wait()

	b.mu.Lock()
	defer b.mu.Unlock()
	b.gauge = g // the next one's, where the run did not get as far as its load
	done := Done{Job: job, Outcome: outcome, Err: err, Took: took}
	if outcome != nil && outcome.Cluster != "" {
		done.Cluster, done.Served = b.cluster(outcome.Cluster), outcome.Served
		b.runs++
		if done.Served > 0 {
			b.again++
		}
	}
	if err := b.source.Done(done); err != nil {
		b.end(err)
	}
	return true
}

// cluster is the number of a cluster, by the run that deployed it.
func (b *batch) cluster(deployedBy string) int {
	if b.clusters == nil {
		b.clusters = map[string]int{}
	}
	if b.clusters[deployedBy] == 0 {
		b.plan.Clusters++
		b.clusters[deployedBy] = b.plan.Clusters
	}
	return b.clusters[deployedBy]
}

// choose starts as many workers beside the first as there is room for.
func (b *batch) choose(ctx context.Context, parallel int, why string) {
	b.mu.Lock()
	b.plan.Parallel, b.plan.Why = parallel, why
	b.chosen()
	b.mu.Unlock()
	for range parallel - 1 {
		b.start(ctx)
	}
}

// chosen tells how many runs are made at once.
func (b *batch) chosen() {
	if b.opts.Chosen != nil {
		b.opts.Chosen(b.plan.Parallel, b.plan.Why)
	}
}

// reused says what became of the clusters.
func (b *batch) reused() string {
	switch {
	case b.opts.Reuse == ReuseNever:
		return "each run had a new one, as asked for"
	case b.opts.Reuse == ReuseAlways:
		return fmt.Sprintf("%d of %s were made on one that had served before, as asked for", b.again, plural(b.runs, "run"))
	case b.again == 0:
		return "each run had a new one: that was there sooner than the replicas of the last one might have stood again"
	default:
		return fmt.Sprintf("%d of %s were made on one that had served before, where its replicas could stand again sooner than a new one is there", b.again, plural(b.runs, "run"))
	}
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// scenario is the job's, with what it says itself.
func (j Job) scenario() *scenarios.Scenario {
	s := *j.Scenario
	if j.Seed != 0 {
		s.Seed = j.Seed
	}
	if j.Image != "" {
		s.Cluster.Image = j.Image
	}
	return &s
}

func (j Job) options(o experiment.Options) experiment.Options {
	o.Out = j.Out
	if j.Server != "" {
		o.RedisServer = j.Server
	}
	return o
}

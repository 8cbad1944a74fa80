// Package batch makes many runs, several at once where the machine leaves room, and on one
// cluster after the other where that changes no result.
package batch

import (
	"context"
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
	// Cluster numbers the cluster that it ran on, from 1, and Turn how many runs that had served
	// with it.
	Cluster, Turn int
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
}

// Plan is what was chosen.
type Plan struct {
	Parallel int
	Why      string // who chose that, and by what
	Clusters int    // that were deployed
	ReuseWhy string
}

// Run makes the runs of a source until it has no more, or ctx ends. The error is ctx's, or that
// of the source.
func Run(ctx context.Context, source Source, opts Options) (Plan, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	plan := Plan{Parallel: max(1, opts.Parallel), Why: "as asked for"}
	var mu sync.Mutex // held while the source is called
	var running sync.WaitGroup
	for range plan.Parallel {
		running.Go(func() {
			for ctx.Err() == nil {
				mu.Lock()
				job, more := source.Next()
				cluster := plan.Clusters + 1
				if more {
					plan.Clusters++
				}
				mu.Unlock()
				if !more {
					return
				}
				began := time.Now()
				outcome, err := experiment.Run(ctx, job.scenario(), job.options(opts.Options))
				mu.Lock()
				if err := source.Done(Done{Job: job, Outcome: outcome, Err: err, Cluster: cluster, Took: time.Since(began)}); err != nil {
					cancel(err)
				}
				mu.Unlock()
			}
		})
	}
	running.Wait()
	return plan, context.Cause(ctx)
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

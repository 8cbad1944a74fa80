// Package repeat makes several runs of one scenario, and a set of them.
package repeat

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/batch"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Options are how the runs are made. The folders of the runs are in that of the set, which is
// in Out.
type Options struct {
	batch.Options
	// Runs is how many are made at most.
	Runs int
	// UntilFailure begins no more runs once one has failed.
	UntilFailure bool
	// Command is what makes the same set again, for the report.
	Command string
}

// Outcome is what is left of a set.
type Outcome struct {
	Set *set.Set
	// Dir is the set's folder.
	Dir string
	// Reports are the paths of the reports for people, as far as they could be written.
	Reports []string
}

// Run makes the runs, and aggregates those that were made. The error tells why fewer were made
// than asked for, or why the set could not be written; the outcome then holds what is known
// all the same. A run that could not be carried out is no error of the set: it is told there.
func Run(ctx context.Context, s *scenarios.Scenario, opts Options) (*Outcome, error) {
	started := time.Now()
	header := set.Set{ID: experiment.NewID(s.Name+"-set", started), Scenario: s.Name, Started: started, Seed: s.Seed, Tool: opts.Tool, Command: opts.Command}
	if header.Seed == 0 {
		header.Seed = experiment.NewSeed()
	}
	source, err := s.YAML()
	if err != nil {
		return nil, err
	}
	header.Source = string(source)
	files, err := folder.MakeNewest(opts.Out, header.ID, opts.Warn)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	if err := files.Write("scenario.yaml", source); err != nil {
		return nil, err
	}
	r := &runs{scenario: s, options: opts, seed: header.Seed, out: files.Dir, tell: opts.Progress}
	if r.tell == nil {
		r.tell = func(string) {}
	}
	inner := opts.Options
	inner.Progress = nil // of single runs, several of which would tell at once
	inner.Status = r.status(opts.Status)
	inner.Chosen = r.chosen
	plan, err := batch.Run(ctx, r, inner)
	header.Duration = record.Millis(time.Since(started).Milliseconds())
	header.How = set.How{
		Asked: opts.Runs, Until: r.until, Parallel: plan.Parallel, Why: plan.Why, Clusters: plan.Clusters, ReuseWhy: plan.ReuseWhy,
	}
	if ctx.Err() != nil {
		header.How.Until, header.Error = "interrupt", fmt.Sprintf("interrupted after %d of %d runs", len(r.made), opts.Runs)
	} else if err != nil {
		header.Error = err.Error()
	}
	r.describe(&header)
	o := &Outcome{Set: set.Aggregate(header, r.made, s), Dir: files.Dir}
	_, reports, unwritten := files.WriteTogether(folder.Rendered(set.Forms().Files, o.Set))
	o.Reports = reports
	return o, errors.Join(err, unwritten)
}

// runs is the source of the set's runs.
type runs struct {
	scenario *scenarios.Scenario
	options  Options
	seed     int64
	out      string
	tell     func(string)

	mu       sync.Mutex // held while the set is asked for its status, and while it is changed
	begun    int
	ended    int
	took     time.Duration // by all that have ended
	parallel int
	made     []set.Run
	until    string
	first    *report.Result // that tells of the cluster
}

// status tells how far the set is, whenever one of its runs tells how far that is.
func (r *runs) status(tell func(string)) func(string) {
	if tell == nil {
		return nil
	}
	return func(string) {
		r.mu.Lock()
		text := fmt.Sprintf("%d of %d runs, %d under way", r.ended, r.options.Runs, r.begun-r.ended)
		if left, ok := r.left(); ok && !r.options.UntilFailure {
			text += fmt.Sprintf(", about %s left", left.Round(time.Second))
		}
		r.mu.Unlock()
		tell(text)
	}
}

// left is how long the set goes on, by what runs took so far.
func (r *runs) left() (time.Duration, bool) {
	if r.ended == 0 {
		return 0, false
	}
	each := r.took / time.Duration(r.ended)
	done := each * time.Duration(r.begun-r.ended) / 2 // of those under way, about half
	return max(0, each*time.Duration(r.options.Runs-r.ended)-done) / time.Duration(max(1, r.parallel)), true
}

func (r *runs) chosen(parallel int, why string) {
	r.mu.Lock()
	r.parallel = parallel
	r.mu.Unlock()
	r.tell(fmt.Sprintf("runs at once: %d (%s)", parallel, why))
}

// Next implements batch.Source.
func (r *runs) Next() (batch.Job, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun == r.options.Runs || r.until != "" {
		return batch.Job{}, false
	}
	job := batch.Job{Scenario: r.scenario, Seed: SeedOf(r.seed, r.begun), Out: r.out, Label: fmt.Sprintf("run %d", r.begun+1)}
	r.begun++
	return job, true
}

// SeedOf is the seed of the nth run of a set, or of a sweep, from 0. It is never 0.
func SeedOf(seed int64, n int) int64 {
	return 1 + rand.New(rand.NewPCG(uint64(seed), uint64(n))).Int64N(1<<32-1)
}

// Done implements batch.Source.
func (r *runs) Done(d batch.Done) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended++
	r.took += d.Took
	if d.Outcome == nil {
		return d.Err // not even a folder could be made
	}
	if d.Err != nil && errors.Is(d.Err, context.Canceled) && d.Outcome.Result.Verdict == report.Error {
		return nil // it was interrupted, and tells nothing
	}
	run := set.Of(d.Outcome.Result, r.scenario, d.Outcome.Result.Run.ID)
	run.Cluster, run.Served = d.Cluster, d.Served
	if d.Err != nil && run.Error == "" {
		run.Error = d.Err.Error()
	}
	r.made = append(r.made, run)
	if r.first == nil && d.Outcome.Result.Run.Server.Version != "" {
		r.first = d.Outcome.Result
	}
	if r.options.UntilFailure && run.Verdict != report.Pass && r.until == "" {
		r.until = "failure"
	}
	r.tell(fmt.Sprintf("%s of %d: %s", d.Label, r.options.Runs, summary(run)))
	return nil
}

// summary is a run in a line.
func summary(run set.Run) string {
	parts := []string{strings.ToUpper(string(run.Verdict))}
	for _, name := range []string{"failover_time", "client_recovery"} {
		if v, ok := run.Values[name]; ok {
			parts = append(parts, fmt.Sprintf("%s %s", name, set.Text(set.Millis, v)))
		}
	}
	if v, ok := run.Values["lost_writes"]; ok {
		parts = append(parts, "lost_writes "+set.Text(set.Count, v))
	}
	if len(run.Failed) > 0 {
		parts = append(parts, "not held: "+strings.Join(run.Failed, ", "))
	}
	if run.Error != "" {
		line, _, _ := strings.Cut(run.Error, "\n")
		parts = append(parts, line)
	}
	return strings.Join(parts, ", ") + " (" + run.ID + ")"
}

// describe completes the header by what the first run tells of the cluster.
func (r *runs) describe(header *set.Set) {
	header.Runtime = r.options.Runtime
	if r.first == nil {
		return
	}
	header.Describe(r.first)
}

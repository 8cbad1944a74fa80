package soak

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// rounds makes runs, one after the other, on one cluster for as long as that is as new. Of runs that nobody has a use
// for, nothing stays: neither in memory nor on the disk.
type rounds struct {
	make    runner
	options experiment.Options
	reserve experiment.Reserve
	// home is the folder of the run that deployed the newest cluster, which is in it; discarded, nobody else has a use for
	// it.
	home      string
	discarded bool
	broken    int    // runs in a row that could not be carried out
	why       string // the last one could not be
	most      int    // of these, before something is wrong with more than one of them
}

// runner makes a run, as experiment.Run does.
type runner func(context.Context, *scenarios.Scenario, experiment.Options) (*experiment.Outcome, error)

func newRounds(made runner, o experiment.Options, out string) *rounds {
	if made == nil {
		made = experiment.Run
	}
	r := &rounds{make: made, options: o, most: mostBroken}
	r.options.Out, r.options.Part, r.options.Reserve = out, true, &r.reserve
	return r
}

// mostBroken is how many rounds in a row may not be carried out.
const mostBroken = 3

// run makes a run; nil if it could not be carried out. The error is why no more runs can be.
func (r *rounds) run(ctx context.Context, s *scenarios.Scenario) (*experiment.Outcome, error) {
	o, err := r.make(ctx, s, r.options)
	if o == nil {
		return nil, err // not even a folder could be made
	}
	if o.Served == 0 && o.Cluster != "" { // the cluster before is gone
		r.clear()
		r.home = o.Dir
	}
	if err == nil && o.Result.Verdict == report.Error {
		err = errors.New(o.Result.Error)
	}
	switch {
	case err == nil:
		r.broken = 0
		return o, nil
	case ctx.Err() != nil:
		r.discard(o)
		return nil, err
	case o.Result.Skipped:
		return nil, err
	}
	if r.broken++; r.broken >= r.most {
		return nil, fmt.Errorf("%d runs in a row could not be carried out, the last one in %s: %w", r.broken, o.Dir, err)
	}
	if r.options.Warn != nil {
		r.options.Warn(fmt.Sprintf("a run could not be carried out, and tells nothing: %v", err))
	}
	r.why = err.Error()
	r.discard(o)
	return nil, nil
}

// discard removes the folder of a run: at once, or when the cluster that it holds is gone.
func (r *rounds) discard(o *experiment.Outcome) {
	if o.Dir == r.home {
		r.discarded = true
		return
	}
	r.remove(o.Dir)
}

// clear removes the folder of the newest cluster, which is gone, if nobody has a use for it.
func (r *rounds) clear() {
	if r.discarded {
		r.remove(r.home)
	}
	r.home, r.discarded = "", false
}

func (r *rounds) remove(dir string) {
	if err := os.RemoveAll(dir); err != nil && r.options.Warn != nil {
		r.options.Warn(fmt.Sprintf("the folder of a run that is not needed any more stays: %v", err))
	}
}

// close removes the cluster that is kept, and what was held for it.
func (r *rounds) close(ctx context.Context) error {
	err := r.reserve.Close(ctx)
	r.clear()
	return err
}

// unexplained is what a run violates by an outage whose cause is not known, if that is asked for.
const unexplained = "outage without a cause"

// hadNone tells whether a figure is not known because nothing happened that it is of: a round in which no fault had a
// replica take over says nothing of how long that takes.
func hadNone(e report.Expectation) bool {
	return e.Got == nil && e.Reason != nil && slices.Contains([]report.Why{
		report.WhyNoFailover, report.WhyNoFailoverOfOurs, report.WhyNoFault, report.WhyNobodyHadToSuspect, report.WhyNobodyHadToMark,
	}, e.Reason.Why)
}

// violated lists what a run did not hold, by the names of the expectations.
func violated(r *report.Result, causes bool) (all []Violation) {
	for _, e := range r.Expectations {
		if !e.OK && !hadNone(e) {
			all = append(all, Violation{Name: e.Name, Want: e.Want, Got: e.Shown})
		}
	}
	if n := uncaused(r); causes && n > 0 {
		all = append(all, Violation{Name: unexplained, Want: "== 0", Got: fmt.Sprint(n)})
	}
	return all
}

// uncaused counts the outages of which no cause is known.
func uncaused(r *report.Result) (n int) {
	for _, o := range r.Outages {
		if o.Cause == report.CauseUnknown || slices.ContainsFunc(o.Causes, func(p report.OutagePart) bool { return p.Cause == report.CauseUnknown }) {
			n++
		}
	}
	return n
}

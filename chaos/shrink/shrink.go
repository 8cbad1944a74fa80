package shrink

import (
	"context"
)

// Shrink looks for the smallest schedule that still fails: it leaves out faults (delta debugging, ddmin of Zeller and
// Hildebrandt), shortens what is left and the times between, and simplifies settings. As runs differ, a schedule is given
// several to fail, as many as its failing as often as before makes likely to show it. The error is why no more
// runs could be made; the result then has what was known by then.
func Shrink(ctx context.Context, s Schedule, fails Fails, o Options) (Result, error) {
	h := &search{Options: o, fails: fails, best: s, tried: map[string]bool{}}
	h.Runs = max(1, h.Runs)
	err := h.run(ctx)
	r := h.result
	r.Schedule = h.best
	r.MadeOf, r.FailedOf = h.made, h.failed
	if h.made > 0 {
		r.Chance = float64(h.failed) / float64(h.made)
	}
	r.Low, r.High = interval(h.failed, h.made)
	switch {
	case ctx.Err() != nil:
		r.Ending = Interrupted
	case err != nil:
		r.Ending = Broken
	case r.Ending == "" && h.over:
		r.Ending = OutOfTime
	case r.Ending == "":
		r.Ending = Smallest
		for _, t := range r.Trials {
			if !t.Kept {
				r.Missed = max(r.Missed, t.Missed)
			}
		}
	}
	return r, err
}

// run goes through the ways to make the schedule smaller, until none does.
func (h *search) run(ctx context.Context) error {
	if ok, err := h.first(ctx); err != nil || !ok {
		return err
	}
	if gone, err := h.try(ctx, "without any fault", Schedule{Duration: h.best.Duration}); err != nil || gone {
		return err
	}
	for {
		before := h.best.key()
		for _, step := range []func(context.Context) error{h.fewer, h.idle, h.shorter, h.sooner, h.simpler} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		if h.best.key() == before || h.over {
			break
		}
	}
	return h.confirm(ctx)
}

// first looks whether, and how often, the schedule fails at all.
func (h *search) first(ctx context.Context) (bool, error) {
	const enough = 2 // failures
	t := Trial{Change: "as it is", MostRuns: h.Runs}
	for t.Runs < t.MostRuns && t.Failed < enough && !h.ended() {
		failed, err := h.once(ctx, h.best)
		if err != nil {
			return false, err
		}
		t.Runs++
		t.Failed += failed
	}
	t.Kept = t.Failed > 0
	h.chance.grow(t.Failed, t.Runs)
	h.made, h.failed = t.Runs, t.Failed
	h.note(t, h.best)
	if !t.Kept {
		h.result.Ending = NotReproduced
	}
	return t.Kept, nil
}

// confirm makes more runs of the smallest schedule, to tell how often it fails.
func (h *search) confirm(ctx context.Context) error {
	t := Trial{Change: "once more", MostRuns: h.Confirm, Kept: true}
	for t.Runs < t.MostRuns && !h.ended() {
		failed, err := h.once(ctx, h.best)
		if err != nil {
			return err
		}
		t.Runs++
		t.Failed += failed
	}
	if t.Runs > 0 {
		// Without the runs that it was found by: the last of these failed, or it would not have been found.
		h.made, h.failed = t.Runs, t.Failed
		h.note(t, h.best)
	}
	return nil
}

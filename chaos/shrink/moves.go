package shrink

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// fewer leaves out faults: halves of them, then quarters, down to single ones.
func (h *search) fewer(ctx context.Context) error {
	for parts := 2; len(h.best.Faults) > 1 && !h.over; {
		kept := false
		for _, part := range split(len(h.best.Faults), parts) {
			ok, err := h.try(ctx, "without "+names(h.best, part), h.best.without(part))
			if err != nil {
				return err
			}
			if ok {
				if err := h.worthwhile(ctx); err != nil {
					return err
				}
				kept = true
				break
			}
		}
		switch {
		case kept:
			parts = max(2, parts-1)
		case parts >= len(h.best.Faults):
			return nil
		default:
			parts = min(2*parts, len(h.best.Faults))
		}
	}
	return nil
}

// worthwhile takes idle time out where that is a fifth of the run, so that all further runs are shorter.
func (h *search) worthwhile(ctx context.Context) error {
	if c := h.best.compact(); h.best.Duration-c.Duration < h.best.Duration/5 {
		return nil
	}
	return h.idle(ctx)
}

// idle takes out the times in which nothing is in force.
func (h *search) idle(ctx context.Context) error {
	c := h.best.compact()
	if h.best.Duration-c.Duration < pace {
		return nil
	}
	_, err := h.try(ctx, fmt.Sprintf("without idle time: %s, not %s", c.Duration, h.best.Duration), c)
	return err
}

// shorter halves the times that faults last.
func (h *search) shorter(ctx context.Context) error {
	for i := range h.best.Faults {
		for {
			f := h.best.Faults[i]
			half := units.Duration((f.For / 2).D().Truncate(pace.D()))
			if half < shortest {
				break
			}
			kept, err := h.try(ctx, fmt.Sprintf("%s for %s, not %s", name(f), half, f.For), h.best.shortened(i, half))
			if err != nil {
				return err
			}
			if !kept {
				break
			}
		}
	}
	return nil
}

// sooner halves the times between the beginnings of faults.
func (h *search) sooner(ctx context.Context) error {
	for i := range h.best.Faults {
		for {
			before, ok := h.best.before(i)
			by := units.Duration(((h.best.Faults[i].At - before) / 2).D().Truncate(pace.D()))
			if !ok || by < shortest {
				break
			}
			kept, err := h.try(ctx, fmt.Sprintf("%s %s sooner", name(h.best.Faults[i]), by), h.best.closer(i, by))
			if err != nil {
				return err
			}
			if !kept {
				break
			}
		}
	}
	return nil
}

// simpler takes simpler settings.
func (h *search) simpler(ctx context.Context) error {
	if h.Simpler == nil {
		return nil
	}
	for i, f := range h.best.Faults {
		for _, s := range h.Simpler(f) {
			c := h.best.clone()
			c.Faults[i] = s
			kept, err := h.try(ctx, "simpler settings of "+name(f), c)
			if err != nil {
				return err
			}
			if kept {
				break
			}
		}
	}
	return nil
}

// split is the numbers from 0 to n in so many parts of about one size, the last ones first: what comes late in a run is
// the likeliest to have come after the failure.
func split(n, parts int) (all [][]int) {
	for i := parts - 1; i >= 0; i-- {
		from, to := i*n/parts, (i+1)*n/parts
		var part []int
		for k := from; k < to; k++ {
			part = append(part, k)
		}
		if len(part) > 0 {
			all = append(all, part)
		}
	}
	return all
}

// name says which fault one is.
func name(f scenarios.Fault) string { return fmt.Sprintf("%s at %s", f.Kind, f.At) }

// names says which faults some are.
func names(s Schedule, of []int) string {
	const most = 3
	var all []string
	for i, n := range of {
		if i == most && len(of) > most+1 {
			return fmt.Sprintf("%s and %d more", strings.Join(all, ", "), len(of)-most)
		}
		all = append(all, name(s.Faults[n]))
	}
	return strings.Join(all, ", ")
}

package compare

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/set"
)

// What a comparison takes at most, so that a file from elsewhere does not keep it busy for long.
const (
	maxRuns    = 10_000
	maxFigures = 300
	maxValue   = 1e15
)

// check says what is wrong with a set that may come from elsewhere.
func check(s *set.Set, name string) error {
	switch {
	case s.Schema != set.Schema:
		return fmt.Errorf("%s: its schema is %q, not %q; name the folder of a set or of a run", name, s.Schema, set.Schema)
	case len(s.Runs) > maxRuns:
		return fmt.Errorf("%s has %d runs; up to %d are compared", name, len(s.Runs), maxRuns)
	case len(s.Figures) > maxFigures:
		return fmt.Errorf("%s has %d figures; up to %d are compared", name, len(s.Figures), maxFigures)
	case len(set.Carried(s.Runs)) == 0:
		return fmt.Errorf("%s has no run that was carried out to its end, and so no figures to compare%s", name, why(s))
	}
	for _, r := range s.Runs {
		for _, figure := range slices.Sorted(maps.Keys(r.Values)) {
			if v := r.Values[figure]; !v.IsNever() && !(v >= 0 && v <= maxValue) {
				return fmt.Errorf("%s: %s of run %s is %v; a figure is a number from 0 to %.0e, or \"never\"", name, figure, r.ID, float64(v), float64(maxValue))
			}
		}
	}
	for _, f := range s.Figures {
		if !slices.Contains([]set.Unit{set.Millis, set.Count, set.Ratio, set.Bool, set.PerSecond}, f.Unit) {
			return fmt.Errorf("%s: the unit of %s is %q, which is unknown", name, f.Name, f.Unit)
		}
	}
	return nil
}

// why is what went wrong with the first of the runs of a set without any that counts.
func why(s *set.Set) string {
	for _, r := range s.Runs {
		if r.Error != "" {
			return ": " + r.Error
		}
	}
	if s.Error != "" {
		return ": " + s.Error
	}
	return ""
}

// notes say what a reader should know of the two sets beside their figures.
func notes(a, b *set.Set, o Options) []string {
	all := []string{}
	for _, of := range []struct {
		set  *set.Set
		name string
	}{{a, o.A}, {b, o.B}} {
		if failed := len(of.set.Runs) - len(set.Carried(of.set.Runs)); failed > 0 {
			all = append(all, fmt.Sprintf("%d of %d runs of %s %s not carried out to the end, and %s in no figure.",
				failed, len(of.set.Runs), of.name, plural(failed, "was", "were"), plural(failed, "counts", "count")))
		}
		if of.set.Error != "" {
			all = append(all, fmt.Sprintf("%s has fewer runs than were asked for: %s.", of.name, of.set.Error))
		}
	}
	return all
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// finite tells whether a number can be reckoned with.
func finite(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) }

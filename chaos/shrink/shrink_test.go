package shrink

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// step is the settings of a fault that is known by its name.
type step struct {
	Name   string
	Option int
}

func (*step) Check(scenarios.Cluster) error { return nil }

// drawn is a schedule of n faults with names from "0" on.
func drawn(r *rand.Rand, n int) Schedule {
	s := Schedule{Duration: units.Duration(60 * time.Second)}
	at := units.Duration(0)
	for i := range n {
		at += units.Duration(time.Duration(r.IntN(500)) * 10 * time.Millisecond)
		s.Faults = append(s.Faults, scenarios.Fault{At: at, For: units.Duration(time.Duration(1+r.IntN(300)) * 10 * time.Millisecond), Kind: "kill", Spec: &step{Name: fmt.Sprint(i), Option: 1}})
	}
	s.Duration = max(s.Duration, at+units.Duration(4*time.Second))
	return s
}

func namesOf(s Schedule) (all []string) {
	for _, f := range s.Faults {
		all = append(all, f.Spec.(*step).Name)
	}
	slices.Sort(all)
	return all
}

// has tells whether a schedule has all of some faults.
func has(s Schedule, needed []string) bool {
	all := namesOf(s)
	return !slices.ContainsFunc(needed, func(n string) bool { return !slices.Contains(all, n) })
}

func TestAFailureThatNeedsSomeFaultsIsShrunkToThese(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		s := drawn(r, 1+r.IntN(20))
		var needed []string
		for _, n := range namesOf(s) {
			if r.IntN(len(s.Faults)) < 2 {
				needed = append(needed, n)
			}
		}
		before := namesOf(s)
		got, err := Shrink(t.Context(), s, func(_ context.Context, s Schedule) (bool, error) { return has(s, needed), nil }, Options{Runs: 5, Confirm: 3})
		if err != nil || got.Ending != Smallest || !slices.Equal(namesOf(got.Schedule), needed) {
			t.Fatalf("seed %d: %v (%s, %v), want %v of %v", seed, namesOf(got.Schedule), got.Ending, err, needed, before)
		}
		if !slices.Equal(namesOf(s), before) {
			t.Errorf("seed %d: the schedule itself was changed", seed)
		}
		if len(needed) > 0 && (got.MadeOf != 3 || got.FailedOf != 3 || got.Chance != 1 || got.Low > 0.5 || got.High < 1 || got.Missed > Miss) {
			t.Errorf("seed %d: %+v", seed, got)
		}
	}
}

// A failure that does not grow with the faults: the smallest schedule may not be found, but one of which nothing can be left out.
func TestNothingCanBeLeftOutOfWhatIsLeft(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 0))
		s := drawn(r, 2+r.IntN(12))
		salt := r.Uint64()
		fails := func(_ context.Context, c Schedule) (bool, error) {
			h := salt
			for _, n := range namesOf(c) {
				for _, b := range []byte(n) {
					h = (h ^ uint64(b)) * 1099511628211
				}
			}
			return len(c.Faults) == len(s.Faults) || len(c.Faults) > 0 && h%3 == 0, nil
		}
		got, err := Shrink(t.Context(), s, fails, Options{Runs: 3})
		if err != nil {
			t.Fatal(err)
		}
		if still, _ := fails(t.Context(), got.Schedule); !still {
			t.Fatalf("seed %d: what is left does not fail", seed)
		}
		for i := range got.Schedule.Faults {
			if smaller, _ := fails(t.Context(), got.Schedule.without([]int{i})); smaller {
				t.Errorf("seed %d: %v fails without its %d. fault", seed, namesOf(got.Schedule), i)
			}
		}
	}
}

// Of a failure that shows in some runs only, nothing that it needs is ever left out, and little else is left.
func TestAFailureThatShowsInSomeRunsIsShrunk(t *testing.T) {
	for _, chance := range []float64{0.9, 0.5, 0.3} {
		exact, tries, runs := 0, 100, 0
		for seed := range tries {
			r := rand.New(rand.NewPCG(uint64(seed), 1))
			s := drawn(r, 10)
			needed := []string{fmt.Sprint(r.IntN(5)), fmt.Sprint(5 + r.IntN(5))}
			fails := func(_ context.Context, s Schedule) (bool, error) { return has(s, needed) && r.Float64() < chance, nil }
			got, err := Shrink(t.Context(), s, fails, Options{Runs: 12, Confirm: 10})
			if err != nil {
				t.Fatal(err)
			}
			if !has(got.Schedule, needed) {
				t.Fatalf("seed %d: %v does not have %v", seed, namesOf(got.Schedule), needed)
			}
			if len(got.Schedule.Faults) == 2 {
				exact++
			}
			runs += got.Runs
		}
		t.Logf("a failure in %.0f %% of runs: %d of %d to the two faults that it needs, in %d runs on average", 100*chance, exact, tries, runs/tries)
		if exact < 75 {
			t.Errorf("a failure in %.0f %% of runs: %d of %d to the two faults that it needs", 100*chance, exact, tries)
		}
	}
}

func TestTimesAndSettingsAreShrunk(t *testing.T) {
	s := Schedule{Duration: units.Duration(60 * time.Second), Faults: []scenarios.Fault{
		{At: units.Duration(20 * time.Second), For: units.Duration(10 * time.Second), Kind: "pause", Spec: &step{Name: "a", Option: 7}},
		{At: units.Duration(28 * time.Second), For: units.Duration(5 * time.Second), Kind: "kill", Spec: &step{Name: "b", Option: 7}},
	}}
	valid := func(s Schedule) bool {
		return !slices.ContainsFunc(s.Faults, func(f scenarios.Fault) bool { return f.At < 0 || f.At+f.For > s.Duration })
	}
	// It takes both at once, for half a second, a second after the first began; the setting of b matters.
	fails := func(_ context.Context, s Schedule) (bool, error) {
		if !valid(s) {
			t.Errorf("not valid: %+v", s)
		}
		if len(s.Faults) < 2 {
			return false, nil
		}
		a, b := s.Faults[0], s.Faults[1]
		overlap := min(a.At+a.For, b.At+b.For) - b.At
		return b.At-a.At >= units.Duration(time.Second) && overlap >= units.Duration(500*time.Millisecond) && b.Spec.(*step).Option == 7, nil
	}
	simpler := func(f scenarios.Fault) []scenarios.Fault {
		if f.Spec.(*step).Option == 0 {
			return nil
		}
		f.Spec = &step{Name: f.Spec.(*step).Name}
		return []scenarios.Fault{f}
	}
	var told []Trial
	got, err := Shrink(t.Context(), s, fails, Options{Runs: 4, Valid: valid, Simpler: simpler, Tell: func(trial Trial, _ Schedule) { told = append(told, trial) }})
	if err != nil {
		t.Fatal(err)
	}
	if still, _ := fails(t.Context(), got.Schedule); !still {
		t.Fatalf("%+v does not fail", got.Schedule)
	}
	a, b := got.Schedule.Faults[0], got.Schedule.Faults[1]
	if a.At != lead || b.At-a.At > units.Duration(2*time.Second) || a.For > units.Duration(4*time.Second) || b.For > units.Duration(time.Second) || got.Schedule.Duration > units.Duration(8*time.Second) {
		t.Errorf("%+v", got.Schedule)
	}
	if a.Spec.(*step).Option != 0 || b.Spec.(*step).Option != 7 {
		t.Errorf("settings: %+v, %+v", a.Spec, b.Spec)
	}
	if !slices.Equal(told, got.Trials) || len(told) == 0 || told[0].Change != "as it is" || !told[0].Kept {
		t.Errorf("%+v", told)
	}
}

func TestASearchThatEndsEarlyTellsWhatIsKnown(t *testing.T) {
	s := drawn(rand.New(rand.NewPCG(1, 1)), 8)
	needs := func(_ context.Context, s Schedule) (bool, error) { return has(s, []string{"3"}), nil }
	t.Run("it does not fail again", func(t *testing.T) {
		got, err := Shrink(t.Context(), s, func(context.Context, Schedule) (bool, error) { return false, nil }, Options{Runs: 6})
		if err != nil || got.Ending != NotReproduced || got.Runs != 6 || len(got.Schedule.Faults) != 8 || got.High > 0.5 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("no more time", func(t *testing.T) {
		n := 0
		got, err := Shrink(t.Context(), s, needs, Options{Runs: 6, Confirm: 5, Enough: func() bool { n++; return n > 5 }})
		if err != nil || got.Ending != OutOfTime || !has(got.Schedule, []string{"3"}) || len(got.Schedule.Faults) == 8 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		got, err := Shrink(ctx, s, func(ctx context.Context, s Schedule) (bool, error) {
			if n++; n == 7 {
				cancel()
				return true, nil // which is not to be believed
			}
			return needs(ctx, s)
		}, Options{Runs: 6})
		if !errors.Is(err, context.Canceled) || got.Ending != Interrupted || !has(got.Schedule, []string{"3"}) || got.Runs != 6 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("a run cannot be made", func(t *testing.T) {
		broken := errors.New("no more processes")
		n := 0
		got, err := Shrink(t.Context(), s, func(ctx context.Context, s Schedule) (bool, error) {
			if n++; n == 7 {
				return false, broken
			}
			return needs(ctx, s)
		}, Options{Runs: 6})
		if !errors.Is(err, broken) || got.Ending != Broken || !has(got.Schedule, []string{"3"}) {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("some cannot be carried out", func(t *testing.T) {
		got, err := Shrink(t.Context(), s, func(ctx context.Context, s Schedule) (bool, error) {
			if len(s.Faults) < 4 {
				return false, fmt.Errorf("a replica is a master by now: %w", ErrNotRun)
			}
			return needs(ctx, s)
		}, Options{Runs: 6})
		given := 0
		for _, trial := range got.Trials {
			if trial.NotRun && !trial.Kept && trial.Missed == 0 {
				given++
			}
		}
		if err != nil || got.Ending != Smallest || len(got.Schedule.Faults) != 4 || given == 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("no fault is needed", func(t *testing.T) {
		got, err := Shrink(t.Context(), s, func(context.Context, Schedule) (bool, error) { return true, nil }, Options{Runs: 6, Confirm: 2})
		if err != nil || got.Ending != Smallest || len(got.Schedule.Faults) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestIdleTimesAreTakenOut(t *testing.T) {
	second := units.Duration(time.Second)
	fault := func(at, lasts units.Duration) scenarios.Fault {
		return scenarios.Fault{At: at, For: lasts, Kind: "kill", Spec: &step{}}
	}
	for name, test := range map[string]struct{ was, is Schedule }{
		"none":          {Schedule{Duration: 60 * second}, Schedule{Duration: 2 * second}},
		"all around":    {Schedule{[]scenarios.Fault{fault(10*second, 2*second)}, 60 * second}, Schedule{[]scenarios.Fault{fault(second, 2*second)}, 4 * second}},
		"between":       {Schedule{[]scenarios.Fault{fault(second, second), fault(10*second, second)}, 11 * second}, Schedule{[]scenarios.Fault{fault(second, second), fault(3*second, second)}, 4 * second}},
		"overlapping":   {Schedule{[]scenarios.Fault{fault(second, 9*second), fault(8*second, second)}, 11 * second}, Schedule{[]scenarios.Fault{fault(second, 9*second), fault(8*second, second)}, 11 * second}},
		"to the end":    {Schedule{[]scenarios.Fault{fault(9*second, 0)}, 20 * second}, Schedule{[]scenarios.Fault{fault(second, 0)}, 12 * second}},
		"not in order":  {Schedule{[]scenarios.Fault{fault(9*second, second), fault(5*second, second)}, 20 * second}, Schedule{[]scenarios.Fault{fault(3*second, second), fault(second, second)}, 5 * second}},
		"nothing to do": {Schedule{[]scenarios.Fault{fault(second, second)}, 3 * second}, Schedule{[]scenarios.Fault{fault(second, second)}, 3 * second}},
	} {
		got := test.was.compact()
		if got.Duration != test.is.Duration || fmt.Sprint(times(got)) != fmt.Sprint(times(test.is)) {
			t.Errorf("%s: %v in %s, want %v in %s", name, times(got), got.Duration, times(test.is), test.is.Duration)
		}
	}
}

func times(s Schedule) (all []units.Duration) {
	for _, f := range s.Faults {
		all = append(all, f.At, f.For)
	}
	return all
}

package tune

import (
	"fmt"
	"math"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// requirement is a constraint as it is held against points.
type requirement struct {
	flag  string
	limit float64
	write func(limit float64) string // as it is given to the flag
	// of completes “those that”, and wrong says what is wrong with those that miss it.
	of, wrong string
	judge     func(e evidence, limit float64) outcome
}

// outcome is how a point does by a requirement.
type outcome struct {
	met bool
	// found is the figure, and needs the limit that would have to be asked for; nil if none
	// would do, or none is known.
	found string
	needs *float64
	// chance is how probable it is to be met by all possible runs; nil if that is not known.
	chance *float64
}

// requirements are those of the constraints that are given.
func (t *Tune) requirements() (all []requirement) {
	if most := t.MaxFailover; most != nil {
		all = append(all, requirement{
			flagMaxFailover, float64(*most), asDuration,
			fmt.Sprintf("take up to %s in 95 %% of cases", limit(*most)),
			fmt.Sprintf("failovers take more than %s", limit(*most)),
			evidence.failsOverWithin,
		})
	}
	if length := t.Tolerate; length != nil {
		all = append(all, requirement{
			flagTolerate, float64(*length), asDuration,
			fmt.Sprintf("survive hiccups of %s", limit(*length)),
			fmt.Sprintf("hiccups of %s cause failovers", limit(*length)),
			evidence.survives,
		})
	}
	if most := t.MaxLost; most != nil {
		of, wrong := "lose no write", "writes are lost"
		if *most > 0 {
			of, wrong = fmt.Sprintf("lose up to %s", counted(*most)), fmt.Sprintf("more than %s are lost", counted(*most))
		}
		whole := func(n float64) string { return fmt.Sprintf("%.0f", n) }
		all = append(all, requirement{flagMaxLost, *most, whole, of, wrong, evidence.losesUpTo})
	}
	return all
}

// text is the flag with a limit.
func (r requirement) text(limit float64) string { return r.flag + " " + r.write(limit) }

// distance is how far an outcome misses the requirement; what no limit would do for is farthest.
func (r requirement) distance(o outcome) float64 {
	switch {
	case o.met:
		return 0
	case o.needs == nil:
		return math.Inf(1)
	default:
		return math.Abs(*o.needs - r.limit)
	}
}

// failsOverWithin judges the 95th percentile of each kind of failure.
func (e evidence) failsOverWithin(most float64) outcome {
	if len(e.failures) == 0 {
		return outcome{found: "no failover was measured"}
	}
	worst := e.failures[0]
	chance := 1.0
	known := false
	for _, s := range e.failures {
		if *s.P95 > *worst.P95 {
			worst = s
		}
		// Of a kind with fewer failovers than it takes, all that is known is whether they were within.
		if c, ok := chanceWithin(s.values, most); ok {
			chance *= c
			known = true
		}
	}
	o := outcome{met: float64(*worst.P95) <= most, found: "p95 " + value(*worst.P95)}
	if math.Abs(float64(*worst.P95)-most) < 100 { // so close that more digits are needed
		o.found = "p95 " + words.Duration(record.Millis(*worst.P95))
	}
	if worst.kind != ScenarioFailure && worst.kind != e.own.kind {
		o.found += " with " + worst.kind
	}
	if !worst.P95.IsNever() {
		needs := roundUp(record.Millis(*worst.P95))
		o.needs = &needs
	}
	if known {
		o.chance = &chance
	}
	return o
}

// survives judges the kind of hiccup that is survived least.
func (e evidence) survives(length float64) outcome {
	t := e.tolerance
	if t == nil {
		return outcome{found: "it is not known how long hiccups it survives"}
	}
	o := outcome{met: t.ms >= record.Millis(length) && !t.atMost, found: "it survives " + t.text()}
	if needs := roundDown(t.ms); needs > 0 && !t.atMost {
		o.needs = &needs
	}
	chance := 1.0
	for _, h := range e.hiccups {
		c, ok := h.chanceSurvived(length)
		if !ok {
			return o
		}
		chance *= c
	}
	o.chance = &chance
	return o
}

// losesUpTo judges the run that lost most. That nothing was lost in a number of runs makes no
// probability of the next: see lossBound.
func (e evidence) losesUpTo(most float64) outcome {
	l := e.loss
	if l.runs == 0 {
		return outcome{found: "it is not known what it loses"}
	}
	o := outcome{met: float64(l.most) <= most, found: l.text()}
	if !l.most.IsNever() {
		needs := float64(l.most)
		o.needs = &needs
	}
	if !o.met {
		o.chance = new(float64)
	}
	return o
}

// grain is what limits that are proposed are rounded to, in ms.
func grain(ms record.Millis) float64 {
	if ms < 1000 {
		return 10
	}
	return 100
}

func roundUp(ms record.Millis) float64   { return math.Ceil(float64(ms)/grain(ms)) * grain(ms) }
func roundDown(ms record.Millis) float64 { return math.Floor(float64(ms)/grain(ms)) * grain(ms) }

// asDuration is a limit in milliseconds, as a flag has it.
func asDuration(limit float64) string { return flagDuration(record.Millis(limit)) }

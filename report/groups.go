package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// alikeFrom is how many of a kind are told in one sentence rather than in one each.
const alikeFrom = 4

// faultSentences tell what was done, in order of time: faults of one kind that were injected at
// one time, in one sentence.
func faultSentences(all []Fault) (sentences []string) {
	faults := slices.Clone(all)
	slices.SortStableFunc(faults, func(a, b Fault) int { return cmp.Compare(a.order(), b.order()) })
	told := make([]bool, len(faults))
	for i, f := range faults {
		if told[i] {
			continue
		}
		alike := f
		alike.Targets = slices.Clone(f.Targets)
		for j := i + 1; j < len(faults); j++ {
			if together(f, faults[j]) {
				told[j] = true
				alike.Targets = append(alike.Targets, faults[j].Targets...)
				alike.HealedMS = latest(alike.HealedMS, faults[j].HealedMS)
			}
		}
		slices.SortFunc(alike.Targets, byNumber)
		sentences = append(sentences, faultSentence(alike))
	}
	return sentences
}

// byNumber sorts names that end in numbers by these: a9 before a10.
func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// order is when the fault was requested; those that were not come last.
func (f Fault) order() float64 {
	if f.RequestedMS == nil {
		return math.Inf(1)
	}
	return *f.RequestedMS
}

// together tells whether two faults are one deed: of one kind, at the same tenth of a second,
// and healed together.
func together(a, b Fault) bool {
	if a.Kind != b.Kind || a.Detail != b.Detail || a.RequestedMS == nil || b.RequestedMS == nil || a.Error != b.Error || (a.HealedMS == nil) != (b.HealedMS == nil) {
		return false
	}
	return math.Abs(*a.RequestedMS-*b.RequestedMS) < 100 && math.Abs(milliseconds(a.HealedMS)-milliseconds(b.HealedMS)) < 1000
}

func latest(a, b *float64) *float64 {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return new(max(*a, *b))
}

func faultSentence(f Fault) string {
	if f.RequestedMS == nil {
		if f.Error != "" {
			return fmt.Sprintf("The fault %s could not be injected: %s.", f.Kind, f.Error)
		}
		return fmt.Sprintf("The fault %s was not reached.", f.Kind)
	}
	if f.EffectiveMS == nil {
		text := fmt.Sprintf("At %s the fault %s was injected into %s (%s)", Duration(*f.RequestedMS), f.Kind, list(f.Targets), f.Detail)
		if f.Error != "" {
			return text + ", which failed: " + f.Error + "."
		}
		return text + "; that it took hold was not seen."
	}
	what := fmt.Sprintf("%s: %s (%s)", Duration(*f.RequestedMS), verbs(f), f.Detail)
	if f.Error != "" {
		return fmt.Sprintf("At %s; %s.", what, f.Error)
	}
	if f.HealedMS != nil {
		return fmt.Sprintf("At %s; healed at %s.", what, Duration(*f.HealedMS))
	}
	if f.Has(record.Promotes) { // nothing undoes it
		return fmt.Sprintf("At %s.", what)
	}
	return fmt.Sprintf("At %s; not seen to be healed.", what)
}

// failoverSentences tell of the failovers: of many that come of faults at one time, in one
// sentence.
func failoverSentences(r *Result) (sentences []string) {
	told := make([]bool, len(r.Failovers))
	for i, f := range r.Failovers {
		if told[i] {
			continue
		}
		var alike []Failover
		for j, other := range r.Failovers {
			if !told[j] && other.Origin == f.Origin && f.unplanned() && math.Abs(other.FromMS-f.FromMS) < 1000 {
				alike = append(alike, other)
			}
		}
		if len(alike) < alikeFrom {
			sentences = append(sentences, failoverSentence(r, f))
			continue
		}
		for j, other := range r.Failovers {
			told[j] = told[j] || slices.ContainsFunc(alike, func(a Failover) bool { return a.Shard == other.Shard && a.FromMS == other.FromMS })
		}
		sentences = append(sentences, manyFailoversSentence(alike))
	}
	return sentences
}

// manyFailoversSentence tells of failovers that came of faults at one time: the fastest, the
// slowest, and the phase that took longest beyond what is predicted.
func manyFailoversSentence(failovers []Failover) string {
	text := fmt.Sprintf("%d shards failed over", len(failovers))
	slowest := func(figure func(Failover) *float64) (least, most *Failover) {
		for i := range failovers {
			f := &failovers[i]
			if figure(*f) == nil {
				continue
			}
			if least == nil || *figure(*f) < *figure(*least) {
				least = f
			}
			if most == nil || *figure(*f) > *figure(*most) {
				most = f
			}
		}
		return least, most
	}
	if fast, slow := slowest(func(f Failover) *float64 { return f.FirstWriteMS }); slow != nil {
		text += fmt.Sprintf(": their new masters accepted their first writes %s to %s after the fault, the slowest on shard %d (%s)",
			Duration(*fast.FirstWriteMS), Duration(*slow.FirstWriteMS), slow.Shard, slow.NewMaster)
	}
	if _, slow := slowest(func(f Failover) *float64 { return f.ClientRecoveryMS }); slow != nil {
		text += fmt.Sprintf("; the slowest application had reached its new master after %s (shard %d)", Duration(*slow.ClientRecoveryMS), slow.Shard)
	}
	text += "."
	var worst Phase
	var of Failover
	late := 0
	for _, f := range failovers {
		phases := slices.Clone(f.Phases)
		slices.SortStableFunc(phases, func(a, b Phase) int { return cmp.Compare(b.excess(), a.excess()) })
		if len(phases) == 0 || phases[0].excess() < noiseMS {
			continue
		}
		late++
		if phases[0].excess() > worst.excess() {
			worst, of = phases[0], f
		}
	}
	if late > 0 {
		text += fmt.Sprintf(" On %d of them a phase took longer than the configuration accounts for, most the %s on shard %d (%s, at most %s predicted)", late, worst.Name, of.Shard, Duration(worst.TookMS), Duration(worst.PredictedMS[1]))
		if len(worst.Findings) > 0 {
			text += ": " + phaseText(worst.Findings[0], of.FromMS+worst.FromMS)
		}
		text += "."
	}
	return text
}

func splitBrainSentence(f Failover) string {
	text := fmt.Sprintf("For %s both acked writes for the same slots (split brain)", Duration(*f.SplitBrainMS))
	if f.SplitBrainLongestMS != nil && *f.SplitBrainLongestMS < *f.SplitBrainMS {
		text += fmt.Sprintf(", for up to %s at a time", Duration(*f.SplitBrainLongestMS))
	}
	return text + "."
}

// missedSentences tell of the masters that were not replaced: of many for the same cause, in
// one sentence.
func missedSentences(r *Result) (sentences []string) {
	var told []Cause
	for _, m := range r.Missed {
		var shards []string
		for _, other := range r.Missed {
			if other.Cause == m.Cause {
				shards = append(shards, fmt.Sprint(other.Shard))
			}
		}
		switch {
		case len(shards) < alikeFrom:
			sentences = append(sentences, missedSentence(r, m))
		case !slices.Contains(told, m.Cause):
			told = append(told, m.Cause)
			sentences = append(sentences, fmt.Sprintf("%d masters were not replaced (shards %s). The first is %s: %s.", len(shards), list(shards), m.Master, m.Reason))
		}
	}
	return sentences
}

// missedSentence tells of a master that was not replaced, and for how long its shard took no
// writes because of that.
func missedSentence(r *Result, m Missed) string {
	text := fmt.Sprintf("%s was not replaced as master of shard %d", m.Master, m.Shard)
	from, to := milliseconds(r.Faults[m.Fault].EffectiveMS), math.Inf(1)
	if healed := r.Faults[m.Fault].HealedMS; healed != nil {
		to = *healed
	}
	longest := 0.0
	for _, o := range r.Outages {
		if o.Shard == m.Shard && o.FromMS <= to && o.ToMS >= from {
			longest = max(longest, o.length())
		}
	}
	if longest >= noticeable {
		text += fmt.Sprintf(", which was unavailable for writes for %s", Duration(longest))
	}
	return fmt.Sprintf("%s: %s.", text, m.Reason)
}

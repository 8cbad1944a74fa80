package prose

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// alikeFrom is how many of a kind are told in one sentence rather than in one each.
const alikeFrom = 4

// faultSentences tell what was done, in order of time: faults of one kind that were injected at
// one time, in one sentence.
func faultSentences(all []report.Fault) (sentences []string) {
	faults := slices.Clone(all)
	slices.SortStableFunc(faults, func(a, b report.Fault) int { return cmp.Compare(order(a), order(b)) })
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
		slices.SortFunc(alike.Targets, words.ByNumber)
		sentences = append(sentences, FaultSentence(alike))
	}
	return sentences
}

// order is when the fault was requested; those that were not come last.
func order(f report.Fault) float64 {
	if f.RequestedMS == nil {
		return math.Inf(1)
	}
	return *f.RequestedMS
}

// together tells whether two faults are one deed: of one kind, at the same tenth of a second,
// and healed together.
func together(a, b report.Fault) bool {
	if a.Kind != b.Kind || a.Detail != b.Detail || a.RequestedMS == nil || b.RequestedMS == nil || a.Error != b.Error || (a.HealedMS == nil) != (b.HealedMS == nil) {
		return false
	}
	return math.Abs(*a.RequestedMS-*b.RequestedMS) < 100 && math.Abs(report.OrZero(a.HealedMS)-report.OrZero(b.HealedMS)) < 1000
}

func latest(a, b *float64) *float64 {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return new(max(*a, *b))
}

func FaultSentence(f report.Fault) string {
	if f.RequestedMS == nil {
		if f.Error != "" {
			return fmt.Sprintf("The fault %s could not be injected: %s.", f.Kind, f.Error)
		}
		return fmt.Sprintf("The fault %s was not reached.", f.Kind)
	}
	if f.EffectiveMS == nil {
		text := fmt.Sprintf("At %s the fault %s was injected into %s (%s)", words.Duration(*f.RequestedMS), f.Kind, words.List(f.Targets), f.Detail)
		if f.Error != "" {
			return text + ", which failed: " + f.Error + "."
		}
		return text + "; that it took hold was not seen."
	}
	what := fmt.Sprintf("%s: %s (%s)", words.Duration(*f.RequestedMS), verbs(f), f.Detail)
	if f.Error != "" {
		return fmt.Sprintf("At %s; %s.", what, f.Error)
	}
	if f.HealedMS != nil {
		return fmt.Sprintf("At %s; healed at %s.", what, words.Duration(*f.HealedMS))
	}
	if f.Has(record.Promotes) { // nothing undoes it
		return fmt.Sprintf("At %s.", what)
	}
	return fmt.Sprintf("At %s; not seen to be healed.", what)
}

// failoverSentences tell of the failovers: of many that come of faults at one time, in one
// sentence.
func failoverSentences(r *report.Result) (sentences []string) {
	told := make([]bool, len(r.Failovers))
	for i, f := range r.Failovers {
		if told[i] {
			continue
		}
		var alike []report.Failover
		for j, other := range r.Failovers {
			if !told[j] && other.Origin == f.Origin && f.Unplanned() && math.Abs(other.FromMS-f.FromMS) < 1000 {
				alike = append(alike, other)
			}
		}
		if len(alike) < alikeFrom {
			sentences = append(sentences, FailoverSentence(r, f))
			continue
		}
		for j, other := range r.Failovers {
			told[j] = told[j] || slices.ContainsFunc(alike, func(a report.Failover) bool { return a.Shard == other.Shard && a.FromMS == other.FromMS })
		}
		sentences = append(sentences, manyFailoversSentence(alike))
	}
	return sentences
}

// manyFailoversSentence tells of failovers that came of faults at one time: the fastest, the
// slowest, and the phase that took longest beyond what is predicted.
func manyFailoversSentence(failovers []report.Failover) string {
	text := fmt.Sprintf("%d shards failed over", len(failovers))
	slowest := func(figure func(report.Failover) *float64) (least, most *report.Failover) {
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
	if fast, slow := slowest(func(f report.Failover) *float64 { return f.FirstWriteMS }); slow != nil {
		text += fmt.Sprintf(": their new masters accepted their first writes %s to %s after the fault, the slowest on shard %d (%s)",
			words.Duration(*fast.FirstWriteMS), words.Duration(*slow.FirstWriteMS), slow.Shard, slow.NewMaster)
	}
	if _, slow := slowest(func(f report.Failover) *float64 { return f.ClientRecoveryMS }); slow != nil {
		text += fmt.Sprintf("; the slowest application had reached its new master after %s (shard %d)", words.Duration(*slow.ClientRecoveryMS), slow.Shard)
	}
	text += "."
	var worst report.Phase
	var of report.Failover
	late := 0
	for _, f := range failovers {
		phases := slices.Clone(f.Phases)
		slices.SortStableFunc(phases, func(a, b report.Phase) int { return cmp.Compare(b.Excess(), a.Excess()) })
		if len(phases) == 0 || phases[0].Excess() < report.NoiseMS {
			continue
		}
		late++
		if phases[0].Excess() > worst.Excess() {
			worst, of = phases[0], f
		}
	}
	if late > 0 {
		text += fmt.Sprintf(" On %d of them a phase took longer than the configuration accounts for, most the %s on shard %d (%s, at most %s predicted)", late, worst.Name, of.Shard, words.Duration(worst.TookMS), words.Duration(worst.PredictedMS[1]))
		if len(worst.Findings) > 0 {
			text += ": " + phaseText(worst.Findings[0], of.FromMS+worst.FromMS)
		}
		text += "."
	}
	return text
}

func splitBrainSentence(f report.Failover) string {
	text := fmt.Sprintf("For %s both acked writes for the same slots (split brain)", words.Duration(*f.SplitBrainMS))
	if f.SplitBrainLongestMS != nil && *f.SplitBrainLongestMS < *f.SplitBrainMS {
		text += fmt.Sprintf(", for up to %s at a time", words.Duration(*f.SplitBrainLongestMS))
	}
	return text + "."
}

// missedSentences tell of the masters that were not replaced: of many for the same cause, in
// one sentence.
func missedSentences(r *report.Result) (sentences []string) {
	var told []report.Cause
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
			sentences = append(sentences, fmt.Sprintf("%d masters were not replaced (shards %s). The first is %s: %s.", len(shards), words.List(shards), m.Master, m.Reason))
		}
	}
	return sentences
}

// missedSentence tells of a master that was not replaced, and for how long its shard took no
// writes because of that.
func missedSentence(r *report.Result, m report.Missed) string {
	text := fmt.Sprintf("%s was not replaced as master of shard %d", m.Master, m.Shard)
	from, to := report.OrZero(r.Faults[m.Fault].EffectiveMS), math.Inf(1)
	if healed := r.Faults[m.Fault].HealedMS; healed != nil {
		to = *healed
	}
	longest := 0.0
	for _, o := range r.Outages {
		if o.Shard == m.Shard && o.FromMS <= to && o.ToMS >= from {
			longest = max(longest, o.Length())
		}
	}
	if longest >= report.NoticeableMS {
		text += fmt.Sprintf(", which was unavailable for writes for %s", words.Duration(longest))
	}
	return fmt.Sprintf("%s: %s.", text, m.Reason)
}

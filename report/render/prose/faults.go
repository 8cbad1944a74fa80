package prose

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

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
		if sentence := repeatedSentence(faults, told, i); sentence != "" {
			sentences = append(sentences, sentence)
			continue
		}
		alike := f
		alike.Targets = slices.Clone(f.Targets)
		for j := i + 1; j < len(faults); j++ {
			if together(f, faults[j]) {
				told[j] = true
				alike.Targets = append(alike.Targets, faults[j].Targets...)
				alike.Healed = latest(alike.Healed, faults[j].Healed)
			}
		}
		slices.SortFunc(alike.Targets, words.ByNumber)
		sentences = append(sentences, FaultSentence(alike))
	}
	return sentences
}

// mostTold is how many occurrences of a step are told of each by itself.
const mostTold = 4

// repeatedSentence tells of all occurrences of the step of a fault; "" if each is to be told of by
// itself.
func repeatedSentence(faults []report.Fault, told []bool, i int) string {
	first := faults[i]
	if first.Step == nil || first.Effective == nil || first.Error != "" {
		return ""
	}
	var alike []int
	var targets []string
	for j := i; j < len(faults); j++ {
		f := faults[j]
		if f.Step != nil && f.Step.Index == first.Step.Index && f.Effective != nil && f.Error == "" {
			alike = append(alike, j)
			targets = append(targets, f.Targets...)
		}
	}
	if len(alike) <= mostTold {
		return ""
	}
	for _, j := range alike {
		told[j] = true
	}
	slices.SortFunc(targets, words.ByNumber)
	all := first
	all.Targets = slices.Compact(targets)
	return fmt.Sprintf("%d times from %s to %s: %s (%s).", len(alike), words.Duration(*first.Requested), words.Duration(*faults[alike[len(alike)-1]].Requested), verbs(all), first.Detail)
}

// order is when the fault was requested; those that were not come last.
func order(f report.Fault) record.Millis {
	if f.Requested == nil {
		return record.Millis(math.Inf(1))
	}
	return *f.Requested
}

// together tells whether two faults are one deed: of one kind, at the same tenth of a second,
// and healed together.
func together(a, b report.Fault) bool {
	if a.Kind != b.Kind || a.Detail != b.Detail || a.Requested == nil || b.Requested == nil || a.Error != b.Error || (a.Healed == nil) != (b.Healed == nil) {
		return false
	}
	return math.Abs(float64(*a.Requested-*b.Requested)) < 100 && math.Abs(float64(report.OrZero(a.Healed)-report.OrZero(b.Healed))) < 1000
}

func latest(a, b *record.Millis) *record.Millis {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return new(max(*a, *b))
}

// Kind is the kind of a fault, with its step's name and which occurrence it is: "kill (flaps, 2)".
func Kind(f report.Fault) string {
	var of []string
	if f.Step != nil && f.Step.Name != "" {
		of = append(of, f.Step.Name)
	}
	if f.Step != nil && f.Step.Occurrence > 0 {
		of = append(of, fmt.Sprint(f.Step.Occurrence))
	}
	if len(of) == 0 {
		return f.Kind
	}
	return fmt.Sprintf("%s (%s)", f.Kind, strings.Join(of, ", "))
}

// FaultSentence tells of a fault.
func FaultSentence(f report.Fault) string {
	if f.Skipped != "" {
		return fmt.Sprintf("The fault %s was skipped: %s.", Kind(f), f.Skipped)
	}
	if f.Requested == nil {
		if f.Skipped != "" {
			return fmt.Sprintf("The fault %s was left out: %s.", f.Kind, f.Skipped)
		}
		if f.Error != "" {
			return fmt.Sprintf("The fault %s could not be injected: %s.", f.Kind, f.Error)
		}
		return fmt.Sprintf("The fault %s was not reached.", f.Kind)
	}
	if f.Effective == nil {
		text := fmt.Sprintf("At %s the fault %s was injected into %s (%s)", words.Duration(*f.Requested), f.Kind, words.List(f.Targets), f.Detail)
		if f.Error != "" {
			return text + ", which failed: " + f.Error + "."
		}
		return text + "; that it took hold was not seen."
	}
	what := fmt.Sprintf("%s: %s (%s)", words.Duration(*f.Requested), verbs(f), f.Detail)
	if f.Error != "" {
		return fmt.Sprintf("At %s; %s.", what, f.Error)
	}
	if f.Healed != nil {
		return fmt.Sprintf("At %s; healed at %s.", what, words.Duration(*f.Healed))
	}
	if f.Has(record.Promotes) { // nothing undoes it
		return fmt.Sprintf("At %s.", what)
	}
	return fmt.Sprintf("At %s; not seen to be healed.", what)
}

// verbs is a fault in the passive: "redis-master-1 was killed".
func verbs(f report.Fault) string {
	if len(f.Targets) == 1 {
		return fmt.Sprintf("%s was %s", f.Targets[0], f.Past)
	}
	return fmt.Sprintf("%s were %s", words.List(f.Targets), f.Past)
}

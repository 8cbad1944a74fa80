// Package prose tells in sentences what a result holds.
package prose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// Headline is the verdict in one line, with the first line of the error if there is one.
func Headline(r *report.Result) string {
	if r.Verdict == report.Pass || r.Verdict == report.Fail {
		return Title(r)
	}
	return Title(r) + ": " + firstLine(r.Error)
}

// Title is the headline without the error.
func Title(r *report.Result) string {
	total, held := len(r.Expectations), 0
	for _, e := range r.Expectations {
		if e.OK {
			held++
		}
	}
	switch {
	case r.Verdict == report.Pass && total == 0:
		return fmt.Sprintf("PASS: %s ran to its end; it expects nothing", r.Run.Scenario)
	case r.Verdict == report.Pass && total == 1:
		return fmt.Sprintf("PASS: %s, the expectation held", r.Run.Scenario)
	case r.Verdict == report.Pass:
		return fmt.Sprintf("PASS: %s, all %d expectations held", r.Run.Scenario, total)
	case r.Verdict == report.Fail && total == 1:
		return fmt.Sprintf("FAIL: %s, the expectation did not hold", r.Run.Scenario)
	case r.Verdict == report.Fail:
		return fmt.Sprintf("FAIL: %s, %d of %d expectations did not hold", r.Run.Scenario, total-held, total)
	case r.Skipped:
		return fmt.Sprintf("SKIPPED: %s", r.Run.Scenario)
	default:
		return fmt.Sprintf("ERROR: %s was not carried out", r.Run.Scenario)
	}
}

// Story tells in sentences what it came to, what was done, and how it came about.
func Story(r *report.Result) []string {
	var story []string
	if s := outcomeSentence(r); s != "" {
		story = append(story, s)
	}
	story = slices.Concat(IncidentSentences(r), holeSentences(r), story)
	story = append(story, faultSentences(r.Faults)...)
	story = append(story, failoverSentences(r)...)
	story = append(story, missedSentences(r)...)
	if len(r.Failovers) == 0 && len(r.Missed) == 0 && len(r.Faults) > 0 {
		story = append(story, "No shard changed its master.")
	}
	story = append(story, outageSentences(r)...)
	story = append(story, clientGapSentences(r)...)
	story = append(story, contentionSentences(r)...)
	return append(story, messagingStory(r)...)
}

// outcomeSentence is what applications saw of the run: for how long a shard served none
// of them, how much of what they asked for failed, and what was lost.
func outcomeSentence(r *report.Result) string {
	if len(r.Workloads) == 0 {
		return longestOutageSentence(r)
	}
	var parts []string
	failed := r.Writes.Failed + r.Writes.Indeterminate
	if shard, gap := longestGap(r); gap > report.Noticeable && (failed > 0 || report.OrZero(shard.Unavailable) > report.Noticeable) {
		parts = append(parts, fmt.Sprintf("Applications had no write acked on shard %d for up to %s", shard.Shard, words.Duration(gap)))
	}
	switch {
	case r.Writes.Attempted == 0:
		parts = append(parts, "no operation was attempted")
	case failed == 0:
		parts = append(parts, fmt.Sprintf("none of %s operations failed", words.Count(r.Writes.Attempted)))
	default:
		parts = append(parts, fmt.Sprintf("%s of %s operations failed", words.Percent(float64(failed)/float64(r.Writes.Attempted)), words.Count(r.Writes.Attempted)))
	}
	sentence := strings.Join(parts, "; ")
	sentence = strings.ToUpper(sentence[:1]) + sentence[1:] + "."
	if slices.ContainsFunc(r.Workloads, func(w report.Workload) bool { return !w.NoLoss }) {
		sentence += " " + lossSentence(r.Writes, lossCauses(r))
	}
	return sentence
}

// longestOutageSentence is the outcome of a run without applications.
func longestOutageSentence(r *report.Result) string {
	var longest report.Outage
	for _, o := range r.Outages {
		if o.Length() > longest.Length() {
			longest = o
		}
	}
	if longest.Length() == 0 {
		return ""
	}
	return fmt.Sprintf("Shard %d was unavailable for writes for up to %s, from %s on: %s.", longest.Shard, words.Duration(longest.Length()), words.Duration(longest.From), because(longest))
}

// longestGap is the shard that went without an acked write for longest.
func longestGap(r *report.Result) (worst report.Shard, gap record.Millis) {
	for _, s := range r.Shards {
		if ms := report.OrZero(s.ClientGap); ms > gap {
			worst, gap = s, ms
		}
	}
	return worst, gap
}

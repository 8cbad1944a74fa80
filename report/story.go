package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Headline is the verdict in one line, with the first line of the error if there is one.
func Headline(r *Result) string {
	if r.Verdict == Pass || r.Verdict == Fail {
		return Title(r)
	}
	return Title(r) + ": " + firstLine(r.Error)
}

// Title is the headline without the error.
func Title(r *Result) string {
	total, held := len(r.Expectations), 0
	for _, e := range r.Expectations {
		if e.OK {
			held++
		}
	}
	switch {
	case r.Verdict == Pass && total == 0:
		return fmt.Sprintf("PASS: %s ran to its end; it expects nothing", r.Run.Scenario)
	case r.Verdict == Pass && total == 1:
		return fmt.Sprintf("PASS: %s, the expectation held", r.Run.Scenario)
	case r.Verdict == Pass:
		return fmt.Sprintf("PASS: %s, all %d expectations held", r.Run.Scenario, total)
	case r.Verdict == Fail && total == 1:
		return fmt.Sprintf("FAIL: %s, the expectation did not hold", r.Run.Scenario)
	case r.Verdict == Fail:
		return fmt.Sprintf("FAIL: %s, %d of %d expectations did not hold", r.Run.Scenario, total-held, total)
	case r.Skipped:
		return fmt.Sprintf("SKIPPED: %s", r.Run.Scenario)
	default:
		return fmt.Sprintf("ERROR: %s was not carried out", r.Run.Scenario)
	}
}

// Story tells in sentences what it came to, what was done, and how it came about.
func Story(r *Result) []string {
	var story []string
	if s := outcomeSentence(r); s != "" {
		story = append(story, s)
	}
	story = slices.Concat(incidentSentences(r), holeSentences(r), story)
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
func outcomeSentence(r *Result) string {
	if len(r.Workloads) == 0 {
		return longestOutageSentence(r)
	}
	var parts []string
	failed := r.Writes.Failed + r.Writes.Indeterminate
	if shard, gap := longestGap(r); gap > noticeable && (failed > 0 || milliseconds(shard.UnavailableMS) > noticeable) {
		parts = append(parts, fmt.Sprintf("Applications had no write acked on shard %d for up to %s", shard.Shard, Duration(gap)))
	}
	switch {
	case r.Writes.Attempted == 0:
		parts = append(parts, "no operation was attempted")
	case failed == 0:
		parts = append(parts, fmt.Sprintf("none of %s operations failed", Count(r.Writes.Attempted)))
	default:
		parts = append(parts, fmt.Sprintf("%s of %s operations failed", Percent(float64(failed)/float64(r.Writes.Attempted)), Count(r.Writes.Attempted)))
	}
	sentence := strings.Join(parts, "; ")
	sentence = strings.ToUpper(sentence[:1]) + sentence[1:] + "."
	if slices.ContainsFunc(r.Workloads, func(w Workload) bool { return !w.NoLoss }) {
		sentence += " " + lossSentence(r.Writes, lossCauses(r))
	}
	return sentence
}

// longestOutageSentence is the outcome of a run without applications.
func longestOutageSentence(r *Result) string {
	var longest Outage
	for _, o := range r.Outages {
		if o.length() > longest.length() {
			longest = o
		}
	}
	if longest.length() == 0 {
		return ""
	}
	return fmt.Sprintf("Shard %d was unavailable for writes for up to %s, from %s on: %s.", longest.Shard, Duration(longest.length()), Duration(longest.FromMS), because(longest))
}

// longestGap is the shard that went without an acked write for longest.
func longestGap(r *Result) (worst Shard, gap float64) {
	for _, s := range r.Shards {
		if ms := milliseconds(s.ClientGapMS); ms > gap {
			worst, gap = s, ms
		}
	}
	return worst, gap
}

// noticeableLag is how much later than the cluster its clients must have
// recovered to be worth a sentence, in ms.
const noticeableLag = 1000

// noticeable is how long a shard must have taken no writes to be worth a
// sentence, in ms.
const noticeable = 100

// verbs is a fault in the passive: "redis-master-1 was killed".
func verbs(f Fault) string {
	if len(f.Targets) == 1 {
		return fmt.Sprintf("%s was %s", f.Targets[0], f.Past)
	}
	return fmt.Sprintf("%s were %s", list(f.Targets), f.Past)
}

func failoverSentence(r *Result, f Failover) string {
	if f.Origin == OriginNone {
		sentence := fmt.Sprintf("Shard %d failed over from %s to %s although no fault had hit its master.", f.Shard, f.OldMaster, f.NewMaster)
		return strings.Join(append([]string{sentence}, f.Remarks...), " ")
	}
	since := "after the fault"
	switch f.Origin {
	case OriginManual:
		since = "after it was asked to"
	case OriginIncident:
		since = fmt.Sprintf("after %s %s, which no fault of the scenario had done", f.OldMaster, r.Incidents[*f.Incident].text())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s replaced %s as master of shard %d", f.NewMaster, f.OldMaster, f.Shard)
	if wrote := f.text("first_write_ms", f.FirstWriteMS); wrote != "" {
		fmt.Fprintf(&b, ": it accepted its first write %s %s", wrote, since)
	}
	if f.ClientRecoveryMS != nil {
		fmt.Fprintf(&b, ", and all applications had reached it after %s", Duration(*f.ClientRecoveryMS))
	} else if reached := f.text("client_recovery_ms", nil); reached != "" {
		fmt.Fprintf(&b, ", and all applications had reached it %s %s", reached, since)
	}
	b.WriteString(".")
	for _, p := range f.Phases {
		if p.excess() >= noiseMS {
			fmt.Fprintf(&b, " The %s took %s; the configuration accounts for at most %s", p.Name, Duration(p.TookMS), Duration(p.PredictedMS[1]))
			if len(p.Findings) > 0 {
				b.WriteString(": " + phaseText(p.Findings[0], f.FromMS+p.FromMS))
			}
			b.WriteString(".")
		}
	}
	if f.FirstWriteMS != nil && f.ClientRecoveryMS != nil && *f.ClientRecoveryMS-*f.FirstWriteMS > noticeableLag {
		b.WriteString(" " + librarySentence(r, f))
	}
	if f.SplitBrainMS != nil && *f.SplitBrainMS > 0 {
		b.WriteString(" " + splitBrainSentence(f))
	}
	return b.String()
}

// text is a figure in words, or between what it is; "" if neither is known.
func (f Failover) text(name string, ms *float64) string {
	if ms != nil {
		return Duration(*ms)
	}
	if bounds, ok := f.Bounds[name]; ok {
		return fmt.Sprintf("between %s and %s", Duration(bounds[0]), Duration(bounds[1]))
	}
	return ""
}

// librarySentence says what the client library added to a failover.
func librarySentence(r *Result, f Failover) string {
	var slowest Recovery
	for _, c := range f.Clients {
		if c.LibraryMS != nil && (slowest.LibraryMS == nil || *c.LibraryMS > *slowest.LibraryMS) {
			slowest = c
		}
	}
	if slowest.LibraryMS == nil {
		return ""
	}
	reload := "its default 60 s topology reload"
	for _, w := range r.Workloads {
		if w.Name == slowest.Workload && w.ReloadMS != nil {
			reload = fmt.Sprintf("a topology reload every %s", Duration(*w.ReloadMS))
		}
	}
	sentence := fmt.Sprintf("The shard was writable after %s; go-redis with %s reached it after %s: %s are the client library's",
		Duration(*f.FirstWriteMS), reload, Duration(*slowest.RecoveryMS), Duration(*slowest.LibraryMS))
	if len(f.Clients) > 1 {
		sentence += " (workload " + slowest.Workload + ")"
	}
	return sentence + ". cluster_state_reload_interval, dial_timeout, dialer_retries and read_timeout decide how long it goes on asking the old master."
}

// lossCauses is how acked writes were lost, the most first; "" if none was, or if it is
// not known of all of them.
func lossCauses(r *Result) string {
	counts := map[string]int64{}
	var known int64
	for _, w := range r.Workloads {
		for _, l := range w.Writes.Losses {
			counts[lossText(l)] += l.Count
			known += l.Count
		}
	}
	if r.Writes.Lost == nil || known != *r.Writes.Lost || known == 0 {
		return ""
	}
	texts := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	if len(texts) == 1 {
		return ": " + texts[0]
	}
	for i, text := range texts {
		texts[i] = Count(counts[text]) + " " + text
	}
	return ": " + strings.Join(texts, "; ")
}

func lossSentence(w Writes, causes string) string {
	switch {
	case w.Judged == 0:
		return "No write was acked."
	case w.Lost == nil && w.LostAtLeast != nil && *w.LostAtLeast > 0:
		return fmt.Sprintf("At least %s of %s acked writes were lost; %s.", Count(*w.LostAtLeast), Count(w.Judged), unreadText(w.unread()))
	case w.Lost == nil && w.Unverified > 0:
		return fmt.Sprintf("How many acked writes were lost is not known: %s.", unreadText(w.unread()))
	case w.Lost == nil:
		return fmt.Sprintf("%s writes were acked; they were not all read back, so losses are unknown.", Count(w.Judged))
	case *w.Lost == 0:
		return fmt.Sprintf("No acked write was lost, of %s.", Count(w.Judged)) + removedSentence(w)
	case w.LossWindowMS == nil || w.LostRatio == nil:
		return fmt.Sprintf("%s of %s acked writes were lost%s.", Count(*w.Lost), Count(w.Judged), causes) + removedSentence(w)
	default:
		return fmt.Sprintf("%s of %s acked writes were lost (%s), acked between %s and %s%s.", Count(*w.Lost), Count(w.Judged),
			Percent(*w.LostRatio), Duration(w.LossWindowMS[0]), Duration(w.LossWindowMS[1]), causes) + removedSentence(w)
	}
}

// removedSentence tells of what the servers removed themselves; "" if they did not.
func removedSentence(w Writes) string {
	text := ""
	if w.Evicted != nil && *w.Evicted > 0 {
		text += fmt.Sprintf(" %s acked writes were evicted.", Count(*w.Evicted))
	}
	if w.Expired != nil && *w.Expired > 0 {
		text += fmt.Sprintf(" %s acked writes expired.", Count(*w.Expired))
	}
	return text
}

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

// alikeFrom is how many of a kind are told in one sentence rather than in one each.
const alikeFrom = 4

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
			if !told[j] && other.Origin == f.Origin && f.Unplanned() && math.Abs(float64(other.From-f.From)) < 1000 {
				alike = append(alike, other)
			}
		}
		if len(alike) < alikeFrom {
			sentences = append(sentences, FailoverSentence(r, f))
			continue
		}
		for j, other := range r.Failovers {
			told[j] = told[j] || slices.ContainsFunc(alike, func(a report.Failover) bool { return a.Shard == other.Shard && a.From == other.From })
		}
		sentences = append(sentences, manyFailoversSentence(alike))
	}
	return sentences
}

// manyFailoversSentence tells of failovers that came of faults at one time: the fastest, the
// slowest, and the phase that took longest beyond what is predicted.
func manyFailoversSentence(failovers []report.Failover) string {
	text := fmt.Sprintf("%d shards failed over", len(failovers))
	slowest := func(figure func(report.Failover) *record.Millis) (least, most *report.Failover) {
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
	if fast, slow := slowest(func(f report.Failover) *record.Millis { return f.FirstWrite }); slow != nil {
		text += fmt.Sprintf(": their new masters accepted their first writes %s to %s after the fault, the slowest on shard %d (%s)",
			words.Duration(*fast.FirstWrite), words.Duration(*slow.FirstWrite), slow.Shard, slow.NewMaster)
	}
	if _, slow := slowest(func(f report.Failover) *record.Millis { return f.ClientRecovery }); slow != nil {
		text += fmt.Sprintf("; the slowest application had reached its new master after %s (shard %d)", words.Duration(*slow.ClientRecovery), slow.Shard)
	}
	text += "."
	var worst report.Phase
	var of report.Failover
	late := 0
	for _, f := range failovers {
		phases := slices.Clone(f.Phases)
		slices.SortStableFunc(phases, func(a, b report.Phase) int { return cmp.Compare(b.Excess(), a.Excess()) })
		if len(phases) == 0 || phases[0].Excess() < report.Noise {
			continue
		}
		late++
		if phases[0].Excess() > worst.Excess() {
			worst, of = phases[0], f
		}
	}
	if late > 0 {
		text += fmt.Sprintf(" On %d of them a phase took longer than the configuration accounts for, most the %s on shard %d (%s, at most %s predicted)", late, worst.Name, of.Shard, words.Duration(worst.Took), words.Duration(worst.Predicted[1]))
		if len(worst.Findings) > 0 {
			text += ": " + phaseText(worst.Findings[0], of.From+worst.From)
		}
		text += "."
	}
	return text
}

func splitBrainSentence(f report.Failover) string {
	text := fmt.Sprintf("For %s both acked writes for the same slots (split brain)", words.Duration(*f.SplitBrain))
	if f.SplitBrainLongest != nil && *f.SplitBrainLongest < *f.SplitBrain {
		text += fmt.Sprintf(", for up to %s at a time", words.Duration(*f.SplitBrainLongest))
	}
	return text + "."
}

// FailoverSentence tells of a failover.
func FailoverSentence(r *report.Result, f report.Failover) string {
	if f.Origin == report.OriginNone {
		sentence := fmt.Sprintf("Shard %d failed over from %s to %s although no fault had hit its master.", f.Shard, f.OldMaster, f.NewMaster)
		return strings.Join(append([]string{sentence}, f.Remarks...), " ")
	}
	since := "after the fault"
	switch f.Origin {
	case report.OriginManual:
		since = "after it was asked to"
	case report.OriginIncident:
		since = fmt.Sprintf("after %s %s, which no fault of the scenario had done", f.OldMaster, IncidentText(r.Incidents[*f.Incident]))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s replaced %s as master of shard %d", f.NewMaster, f.OldMaster, f.Shard)
	if wrote := figureText(f, "first_write_ms", f.FirstWrite); wrote != "" {
		fmt.Fprintf(&b, ": it accepted its first write %s %s", wrote, since)
	}
	if f.ClientRecovery != nil {
		fmt.Fprintf(&b, ", and all applications had reached it after %s", words.Duration(*f.ClientRecovery))
	} else if reached := figureText(f, "client_recovery_ms", nil); reached != "" {
		fmt.Fprintf(&b, ", and all applications had reached it %s %s", reached, since)
	}
	b.WriteString(".")
	for _, p := range f.Phases {
		if p.Excess() >= report.Noise {
			fmt.Fprintf(&b, " The %s took %s; the configuration accounts for at most %s", p.Name, words.Duration(p.Took), words.Duration(p.Predicted[1]))
			if len(p.Findings) > 0 {
				b.WriteString(": " + phaseText(p.Findings[0], f.From+p.From))
			}
			b.WriteString(".")
		}
	}
	if f.FirstWrite != nil && f.ClientRecovery != nil && *f.ClientRecovery-*f.FirstWrite > report.NoticeableLag {
		b.WriteString(" " + librarySentence(r, f))
	}
	if f.SplitBrain != nil && *f.SplitBrain > 0 {
		b.WriteString(" " + splitBrainSentence(f))
	}
	return b.String()
}

// figureText is a figure in words, or between what it is; "" if neither is known.
func figureText(f report.Failover, name string, ms *record.Millis) string {
	if ms != nil {
		return words.Duration(*ms)
	}
	if bounds, ok := f.Bounds[name]; ok {
		return fmt.Sprintf("between %s and %s", words.Duration(bounds[0]), words.Duration(bounds[1]))
	}
	return ""
}

// librarySentence says what the client library added to a failover.
func librarySentence(r *report.Result, f report.Failover) string {
	var slowest report.Recovery
	for _, c := range f.Clients {
		if c.Library != nil && (slowest.Library == nil || *c.Library > *slowest.Library) {
			slowest = c
		}
	}
	if slowest.Library == nil {
		return ""
	}
	reload := "its default 60 s topology reload"
	for _, w := range r.Workloads {
		if w.Name == slowest.Workload && w.Reload != nil {
			reload = fmt.Sprintf("a topology reload every %s", words.Duration(*w.Reload))
		}
	}
	sentence := fmt.Sprintf("The shard was writable after %s; go-redis with %s reached it after %s: %s are the client library's",
		words.Duration(*f.FirstWrite), reload, words.Optional(slowest.Recovery), words.Duration(*slowest.Library))
	if len(f.Clients) > 1 {
		sentence += " (workload " + slowest.Workload + ")"
	}
	return sentence + ". cluster_state_reload_interval, dial_timeout, dialer_retries and read_timeout decide how long it goes on asking the old master."
}

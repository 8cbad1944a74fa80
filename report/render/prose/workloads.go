package prose

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// contentionSentences tell what came of workloads whose clients contend for keys.
func contentionSentences(r *report.Result) []string {
	var all []string
	for _, w := range r.Workloads {
		if l := w.Locks; l != nil {
			all = append(all, lockSentence(w.Name, l))
		}
		if l := w.Linearizability; l != nil {
			all = append(all, linearizabilitySentence(w.Name, l))
		}
	}
	return all
}

func lockSentence(workload string, l *record.Locks) string {
	lost := ""
	if n := l.Gone + l.Taken; n > 0 {
		lost = fmt.Sprintf(" %s lost while held.", words.WasWere(n, "lock"))
	}
	if l.DoubleHolds == 0 {
		return fmt.Sprintf("Lock workload %s: no two clients held one lock at once, in %s.%s", workload, words.Plural(l.Acquired, "acquisition"), lost)
	}
	return fmt.Sprintf("Lock workload %s: %s two clients held one lock at once, for up to %s; %s in all.%s",
		workload, words.Times(int(l.DoubleHolds)), words.Duration(l.Longest), words.Duration(l.DoubleHeld), lost)
}

func linearizabilitySentence(workload string, l *record.Linearizability) string {
	switch {
	case l.Verdict == record.LinearizabilityOK && l.Reads+l.Writes+l.CAS == 0:
		return fmt.Sprintf("No operation of workload %s was answered, so whether it is linearizable is not known.", workload)
	case l.Verdict == record.LinearizabilityOK:
		return fmt.Sprintf("Workload %s is linearizable: %s on %s.", workload, words.Plural(l.Operations, "operation"), words.Plural(l.Generations, "key"))
	case l.Verdict == record.LinearizabilityViolated:
		sentence := fmt.Sprintf("Workload %s is not linearizable: no order explains what the clients were answered on %s of %s", workload, words.Count(l.Violated), words.Plural(l.Generations, "key"))
		if v := l.Violation; v != nil && v.Operation != "" {
			sentence += fmt.Sprintf(", first at %s (%s)", words.Duration(v.Until), v.Operation)
		}
		return sentence + "."
	default:
		return fmt.Sprintf("Whether workload %s is linearizable is not known: %s.", workload, l.Reason)
	}
}

// messagingStory tells in a sentence what each workload's subscribers missed, and
// what its consumer groups got twice or never.
func messagingStory(r *report.Result) (story []string) {
	for _, w := range r.Workloads {
		if w.Heard != nil {
			story = append(story, heardSentence(w))
		}
		if w.Consumed != nil {
			story = append(story, consumedSentence(w))
		}
	}
	return story
}

func heardSentence(w report.Workload) string {
	var acked, connected, not int64
	var deaf record.Millis
	for _, s := range w.Heard.Subscribers {
		acked += s.Acked
		connected += s.MissedConnected
		not += s.MissedDisconnected
		if s.Deaf != nil {
			deaf = max(deaf, *s.Deaf)
		}
	}
	of := fmt.Sprintf("The %s of %s missed", words.Plural(int64(len(w.Heard.Subscribers)), "subscriber"), w.Name)
	if connected+not == 0 {
		return fmt.Sprintf("%s none of the %s that were acked.", of, words.Plural(acked, "message"))
	}
	sentence := fmt.Sprintf("%s %s of %s acked messages: %s while they believed that they were connected, and %s while not", of, words.Count(connected+not), words.Count(acked), words.Count(connected), words.Count(not))
	return sentence + fmt.Sprintf("; one was deaf to a channel for %s.", words.Duration(deaf))
}

func consumedSentence(w report.Workload) string {
	var delivered, after, before, never, lost int64
	known := true
	for _, g := range w.Consumed.Groups {
		delivered += g.Delivered
		after += g.RedeliveredAfterAck
		before += g.RedeliveredUnacked
		lost += g.Lost
		if known = known && g.Undelivered != nil; known {
			never += *g.Undelivered
		}
	}
	text := fmt.Sprintf("The %s of %s got %s entries, %s of them again after XACK, and %s again before it", words.Plural(int64(len(w.Consumed.Groups)), "consumer group"),
		w.Name, words.Count(delivered), words.Count(after), words.Count(before))
	switch {
	case !known:
		text += "; whether these are all is not known"
	case never > 0:
		text += fmt.Sprintf("; %s that are there were never delivered", words.Count(never))
	default:
		text += "; none of those that are there is undelivered"
	}
	if lost > 0 {
		text += fmt.Sprintf("; a group was gone from its stream %s", words.Times(int(lost)))
	}
	return text + "."
}

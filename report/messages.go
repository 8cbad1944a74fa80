package report

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// unheard names the workloads of which it was not judged what subscribers heard, or
// consumer groups got.
func (h *history) unheard(s *scenarios.Scenario) (names []string) {
	for _, w := range s.Workloads {
		if w.Can(scenarios.CountsMissed) && h.heard[w.Name] == nil || w.Can(scenarios.HasGroups) && h.consumed[w.Name] == nil {
			names = append(names, w.Name)
		}
	}
	return names
}

// isAnywhere tells whether a workload's commands go to any node, and so to no
// shard: a classic PUBLISH has no key.
func (h *history) isAnywhere(d *record.WorkloadDone) bool {
	heard := h.heard[d.Name]
	return heard != nil && !heard.Sharded
}

// missedMessages is what subscribers missed while they were connected.
func missedMessages(r *Result) (*float64, Reason) {
	var sum, acked *int64
	for _, w := range r.Workloads {
		if w.Type == "pubsub" && w.Heard == nil {
			return nil, Reason{Why: WhyNotHeard}
		}
		if w.Heard != nil {
			for _, s := range w.Heard.Subscribers {
				sum, acked = total(sum, s.MissedConnected), total(acked, s.Acked)
			}
		}
	}
	if acked != nil && *acked == 0 {
		return nil, Reason{Why: WhyNoMessageAcked}
	}
	return asNumber(sum), Reason{Why: WhyNobodySubscribed}
}

// ofGroups is a figure of all consumer groups in sum.
func ofGroups(r *Result, figure func(record.Group) *int64) (*float64, Reason) {
	var sum *int64
	for _, w := range r.Workloads {
		if w.Consumed == nil {
			continue
		}
		for _, g := range w.Consumed.Groups {
			n := figure(g)
			if n == nil {
				return nil, Reason{Why: WhyGroupUnread, Group: g.Group, Workload: w.Name, Text: g.Error}
			}
			sum = total(sum, *n)
		}
		if w.Writes.Acked == 0 {
			return nil, Reason{Why: WhyNoEntryAcked, Workload: w.Name}
		}
	}
	return asNumber(sum), Reason{Why: WhyNotConsumed}
}

func total(a *int64, b int64) *int64 { return sum(a, &b) }

func asNumber(n *int64) *float64 {
	if n == nil {
		return nil
	}
	return new(float64(*n))
}

// heard tells what the subscribers of each workload missed.
func heard(r *Result) page.Section {
	s := page.Section{
		Title: "Subscribers",
		Intro: "Acked are the messages that PUBLISH was answered for. Missed while connected: sent and answered while the subscriber held a confirmed subscription, as far as it knew. Missed while not: the others.",
		Columns: page.Columns("subscriber", ">acked", ">received", ">missed while connected", ">acked at", ">missed while not", ">received again", ">longest deaf", ">longest unsubscribed",
			">connections lost", ">unsubscribed by servers", ">refused"),
	}
	for _, w := range r.Workloads {
		if w.Heard == nil {
			continue
		}
		for _, of := range w.Heard.Subscribers {
			s.Rows = append(s.Rows, []string{
				fmt.Sprintf("%s %d", w.Name, of.Subscriber), Count(of.Acked), Count(of.Received), "**" + Count(of.MissedConnected) + "**", window(of.ConnectedWindowMS),
				Count(of.MissedDisconnected), Count(of.Duplicated), optional(of.DeafMS), Duration(of.OffMS), Count(of.Breaks), Count(of.Unsubscribed), Count(of.Refused),
			})
		}
	}
	if len(s.Rows) > 0 {
		s.Outro = "Deaf is the time on one channel from one message received to the next in which an acked message was missed; unsubscribed, for which no subscription to a channel was confirmed. " +
			"After a server has unsubscribed a subscriber, or refused it, go-redis keeps the connection and does not subscribe again."
	}
	return s
}

// window writes the time of the first and the last.
func window(ms *[2]float64) string {
	if ms == nil {
		return "–"
	}
	return fmt.Sprintf("%s – %s", Duration(ms[0]), Duration(ms[1]))
}

// consumed tells what consumer groups got of the streams of each workload.
func consumed(r *Result) page.Section {
	s := page.Section{
		Title: "Consumer groups",
		Intro: "What each group got of all streams of its workload, until all was read after the recovery.",
		Columns: page.Columns("group", ">delivered", ">acked", ">again after XACK", ">again before", ">again at", ">never delivered", ">pending in the end",
			">group lost", ">lost at"),
	}
	var reasons []string
	for _, w := range r.Workloads {
		if w.Consumed == nil {
			continue
		}
		for _, g := range w.Consumed.Groups {
			name := w.Name + " " + g.Group
			s.Rows = append(s.Rows, []string{
				name, Count(g.Delivered), Count(g.Acked), "**" + Count(g.RedeliveredAfterAck) + "**", Count(g.RedeliveredUnacked), window(g.RedeliveredWindowMS),
				"**" + optionalCount(g.Undelivered) + "**", optionalCount(g.Pending), Count(g.Lost), window(g.LostWindowMS),
			})
			if g.Error != "" {
				reasons = append(reasons, fmt.Sprintf("%s: %s.", name, g.Error))
			}
		}
	}
	if len(reasons) > 0 {
		s.Lists = [][]string{reasons}
	}
	if len(s.Rows) > 0 {
		s.Outro = "Again counts deliveries of entries that the group had got before, after its XACK of them was answered, or before. " +
			"Lost counts streams on which the group was not there any more (NOGROUP): a consumer made it again, from the first entry on."
	}
	return s
}

// messagingStory tells in a sentence what each workload's subscribers missed, and
// what its consumer groups got twice or never.
func messagingStory(r *Result) (story []string) {
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

func heardSentence(w Workload) string {
	var acked, connected, not int64
	var deaf float64
	for _, s := range w.Heard.Subscribers {
		acked += s.Acked
		connected += s.MissedConnected
		not += s.MissedDisconnected
		if s.DeafMS != nil {
			deaf = max(deaf, *s.DeafMS)
		}
	}
	of := fmt.Sprintf("The %s of %s missed", plural(int64(len(w.Heard.Subscribers)), "subscriber"), w.Name)
	if connected+not == 0 {
		return fmt.Sprintf("%s none of the %s that were acked.", of, plural(acked, "message"))
	}
	sentence := fmt.Sprintf("%s %s of %s acked messages: %s while they believed that they were connected, and %s while not", of, Count(connected+not), Count(acked), Count(connected), Count(not))
	return sentence + fmt.Sprintf("; one was deaf to a channel for %s.", Duration(deaf))
}

func consumedSentence(w Workload) string {
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
	text := fmt.Sprintf("The %s of %s got %s entries, %s of them again after XACK, and %s again before it", plural(int64(len(w.Consumed.Groups)), "consumer group"),
		w.Name, Count(delivered), Count(after), Count(before))
	switch {
	case !known:
		text += "; whether these are all is not known"
	case never > 0:
		text += fmt.Sprintf("; %s that are there were never delivered", Count(never))
	default:
		text += "; none of those that are there is undelivered"
	}
	if lost > 0 {
		text += fmt.Sprintf("; a group was gone from its stream %s", times(int(lost)))
	}
	return text + "."
}

// messagingNotices are about subscribers.
func messagingNotices(r *Result) (notices []Notice) {
	for _, w := range r.Workloads {
		if w.Heard == nil {
			continue
		}
		var breaks int64
		off := 0
		for _, s := range w.Heard.Subscribers {
			breaks += s.Breaks
			off += s.OffAtEnd
		}
		if w.TargetRate == 0 && breaks > 0 {
			notices = append(notices, Notice{Kind: NoticeNoRate, Workload: w.Name})
		}
		if off > 0 {
			notices = append(notices, Notice{Kind: NoticeUnsubscribed, Workload: w.Name, Count: int64(off)})
		}
	}
	return notices
}

package tables

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// locks tells how often two clients held one lock, and how often a lock was lost.
func locks(r *report.Result) page.Section {
	s := page.Section{
		Title: "Locks",
		Intro: "A client holds a lock from the moment at which it has the answer until it sends the release, or until the ttl has passed since it sent the request. " +
			"Double: two clients held one lock at once. Lost: at its release, before the ttl was over, the lock was gone or another client's.",
		Columns: page.Columns("workload", ">locks", ">acquired", ">denied", ">double", ">longest", ">in all", ">first – last began", ">lost", ">found at"),
	}
	var list []string
	for _, w := range r.Workloads {
		l := w.Locks
		if l == nil {
			continue
		}
		s.Rows = append(s.Rows, []string{w.Name, words.Count(int64(l.Locks)), words.Count(l.Acquired), words.Count(l.Denied), "**" + words.Count(l.DoubleHolds) + "**",
			words.Duration(l.Longest), words.Duration(l.DoubleHeld), words.Window(l.Window), words.Count(l.Gone + l.Taken), words.Window(l.LostWindow)})
		for _, g := range l.GrantedBy {
			list = append(list, fmt.Sprintf("%s: granted by %s and then by %s: %s, for up to %s.", w.Name, cmp.Or(g.First, "?"), cmp.Or(g.Second, "?"), words.Times(int(g.Count)), words.Duration(g.Longest)))
		}
		if len(l.ByShard) > 0 {
			list = append(list, fmt.Sprintf("%s: held by two at once, by shard: %s.", w.Name, byShard(l.ByShard)))
		}
		if l.Gone+l.Taken > 0 {
			list = append(list, fmt.Sprintf("%s: %s gone at the release and %s another client's, by shard: %s.", w.Name, words.Plural(l.Gone, "lock"), words.Count(l.Taken), byShard(l.LostByShard)))
		}
		if n := l.ReleaseFailed + l.ReleaseUnknown; n > 0 {
			list = append(list, fmt.Sprintf("%s: %s failed or not answered; their locks are left to the ttl of %s.", w.Name, words.Plural(n, "release"), words.Duration(l.TTL)))
		}
	}
	if len(list) > 0 {
		s.Lists = [][]string{list}
	}
	return s
}

// byShard writes counts by shard number: 0 (12), 2 (1).
func byShard(counts map[int]int64) string {
	var parts []string
	for _, shard := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d (%s)", shard, words.Count(counts[shard])))
	}
	return strings.Join(parts, ", ")
}

// linearizability tells what the check of each history came to.
func linearizability(r *report.Result) page.Section {
	s := page.Section{
		Title: "Linearizability",
		Intro: "Whether the reads, writes and compare-and-sets of all clients can be put in one order, each between its call and its answer, that explains every answer. Each key is used for a while and checked by itself.",
		Columns: page.Columns("workload", "verdict", ">reads", ">writes", ">compare-and-sets", ">not answered", ">keys checked", ">violated", ">unknown",
			">check took"),
	}
	var list []string
	for _, w := range r.Workloads {
		l := w.Linearizability
		if l == nil {
			continue
		}
		s.Rows = append(s.Rows, []string{w.Name, "**" + string(l.Verdict) + "**", words.Count(l.Reads), words.Count(l.Writes), words.Count(l.CAS), words.Count(l.Unanswered),
			words.Count(l.Generations - l.Unknown), words.Count(l.Violated), words.Count(l.Unknown), words.Duration(l.Checked)})
		if l.Reason != "" {
			list = append(list, fmt.Sprintf("%s: unknown: %s.", w.Name, l.Reason))
		}
		if l.Violation != nil {
			list = append(list, violation(w.Name, l.Violation)...)
		}
	}
	if len(list) > 0 {
		s.Lists = [][]string{list}
	}
	return s
}

// violation tells of the first key of a workload whose history is not linearizable.
func violation(workload string, v *record.Violation) []string {
	list := []string{fmt.Sprintf("%s: first violated: key `%s` of shard %d, used from %s to %s, on which %s answered.",
		workload, v.Key, v.Shard, words.Duration(v.KeyFrom), words.Duration(v.KeyUntil), strings.Join(v.Nodes, ", then "))}
	if v.Operation != "" {
		list = append(list, fmt.Sprintf("%s: the first operation there that no order explains is of client %d, from %s to %s: `%s`.",
			workload, v.Client, words.Duration(v.From), words.Duration(v.Until), v.Operation))
	}
	if v.Picture != "" {
		list = append(list, fmt.Sprintf("%s: `%s`, beside this report, shows the history of that key.", workload, v.Picture))
	}
	return list
}

// heard tells what the subscribers of each workload missed.
func heard(r *report.Result) page.Section {
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
				fmt.Sprintf("%s %d", w.Name, of.Subscriber), words.Count(of.Acked), words.Count(of.Received), "**" + words.Count(of.MissedConnected) + "**", words.Window(of.ConnectedWindow),
				words.Count(of.MissedDisconnected), words.Count(of.Duplicated), words.Optional(of.Deaf), words.Duration(of.Off), words.Count(of.Breaks), words.Count(of.Unsubscribed), words.Count(of.Refused),
			})
		}
	}
	if len(s.Rows) > 0 {
		s.Outro = "Deaf is the time on one channel from one message received to the next in which an acked message was missed; unsubscribed, for which no subscription to a channel was confirmed. " +
			"After a server has unsubscribed a subscriber, or refused it, go-redis keeps the connection and does not subscribe again."
	}
	return s
}

// consumed tells what consumer groups got of the streams of each workload.
func consumed(r *report.Result) page.Section {
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
				name, words.Count(g.Delivered), words.Count(g.Acked), "**" + words.Count(g.RedeliveredAfterAck) + "**", words.Count(g.RedeliveredUnacked), words.Window(g.RedeliveredWindow),
				"**" + words.OptionalCount(g.Undelivered) + "**", words.OptionalCount(g.Pending), words.Count(g.Lost), words.Window(g.LostWindow),
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

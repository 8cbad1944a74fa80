package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// locks tells how often two clients held one lock, and how often a lock was lost.
func locks(r *Result) page.Section {
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
		s.Rows = append(s.Rows, []string{w.Name, Count(int64(l.Locks)), Count(l.Acquired), Count(l.Denied), "**" + Count(l.DoubleHolds) + "**",
			Duration(l.LongestMS), Duration(l.DoubleHeldMS), window(l.WindowMS), Count(l.Gone + l.Taken), window(l.LostWindowMS)})
		for _, g := range l.GrantedBy {
			list = append(list, fmt.Sprintf("%s: granted by %s and then by %s: %s, for up to %s.", w.Name, cmp.Or(g.First, "?"), cmp.Or(g.Second, "?"), times(int(g.Count)), Duration(g.LongestMS)))
		}
		if len(l.ByShard) > 0 {
			list = append(list, fmt.Sprintf("%s: held by two at once, by shard: %s.", w.Name, byShard(l.ByShard)))
		}
		if l.Gone+l.Taken > 0 {
			list = append(list, fmt.Sprintf("%s: %s gone at the release and %s another client's, by shard: %s.", w.Name, plural(l.Gone, "lock"), Count(l.Taken), byShard(l.LostByShard)))
		}
		if n := l.ReleaseFailed + l.ReleaseUnknown; n > 0 {
			list = append(list, fmt.Sprintf("%s: %s failed or not answered; their locks are left to the ttl of %s.", w.Name, plural(n, "release"), Duration(l.TTLMS)))
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
		parts = append(parts, fmt.Sprintf("%d (%s)", shard, Count(counts[shard])))
	}
	return strings.Join(parts, ", ")
}

// linearizability tells what the check of each history came to.
func linearizability(r *Result) page.Section {
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
		s.Rows = append(s.Rows, []string{w.Name, "**" + string(l.Verdict) + "**", Count(l.Reads), Count(l.Writes), Count(l.CAS), Count(l.Unanswered),
			Count(l.Generations - l.Unknown), Count(l.Violated), Count(l.Unknown), Duration(l.CheckedMS)})
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
		workload, v.Key, v.Shard, Duration(v.KeyFromMS), Duration(v.KeyUntilMS), strings.Join(v.Nodes, ", then "))}
	if v.Operation != "" {
		list = append(list, fmt.Sprintf("%s: the first operation there that no order explains is of client %d, from %s to %s: `%s`.",
			workload, v.Client, Duration(v.FromMS), Duration(v.UntilMS), v.Operation))
	}
	if v.Picture != "" {
		list = append(list, fmt.Sprintf("%s: `%s`, beside this report, shows the history of that key.", workload, v.Picture))
	}
	return list
}

// contentionSentences tell what came of workloads whose clients contend for keys.
func contentionSentences(r *Result) []string {
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
		lost = fmt.Sprintf(" %s lost while held.", wasWere(n, "lock"))
	}
	if l.DoubleHolds == 0 {
		return fmt.Sprintf("Lock workload %s: no two clients held one lock at once, in %s.%s", workload, plural(l.Acquired, "acquisition"), lost)
	}
	return fmt.Sprintf("Lock workload %s: %s two clients held one lock at once, for up to %s; %s in all.%s",
		workload, times(int(l.DoubleHolds)), Duration(l.LongestMS), Duration(l.DoubleHeldMS), lost)
}

// wasWere counts things that something was done to: "1 lock was", "2 locks were".
func wasWere(n int64, thing string) string {
	if n == 1 {
		return plural(n, thing) + " was"
	}
	return plural(n, thing) + " were"
}

func linearizabilitySentence(workload string, l *record.Linearizability) string {
	switch {
	case l.Verdict == record.LinearizabilityOK && l.Reads+l.Writes+l.CAS == 0:
		return fmt.Sprintf("No operation of workload %s was answered, so whether it is linearizable is not known.", workload)
	case l.Verdict == record.LinearizabilityOK:
		return fmt.Sprintf("Workload %s is linearizable: %s on %s.", workload, plural(l.Operations, "operation"), plural(l.Generations, "key"))
	case l.Verdict == record.LinearizabilityViolated:
		sentence := fmt.Sprintf("Workload %s is not linearizable: no order explains what the clients were answered on %s of %s", workload, Count(l.Violated), plural(l.Generations, "key"))
		if v := l.Violation; v != nil && v.Operation != "" {
			sentence += fmt.Sprintf(", first at %s (%s)", Duration(v.UntilMS), v.Operation)
		}
		return sentence + "."
	default:
		return fmt.Sprintf("Whether workload %s is linearizable is not known: %s.", workload, l.Reason)
	}
}

// doubleHolds is the number of double holds of all workloads, and the longest in
// ms; nil with the reason if nobody judged them, or held any.
func doubleHolds(r *Result) (count, longestMS *float64, missing Reason) {
	var acquired int64
	for _, w := range r.Workloads {
		if w.Locks == nil {
			if w.Type == "lock" {
				return nil, nil, Reason{Why: WhyLocksUnjudged}
			}
			continue
		}
		if count == nil {
			count, longestMS = new(0.0), new(0.0)
		}
		*count += float64(w.Locks.DoubleHolds)
		*longestMS = max(*longestMS, w.Locks.LongestMS)
		acquired += w.Locks.Acquired
	}
	switch {
	case count == nil:
		return nil, nil, Reason{Why: WhyLocksUnjudged}
	case acquired == 0:
		return nil, nil, Reason{Why: WhyNoLockAcquired}
	default:
		return count, longestMS, Reason{}
	}
}

// linearizable is whether all histories are; nil with the reason if that is not
// known of one, and none is known not to be.
func linearizable(r *Result) (*float64, Reason) {
	checked, unknown := false, Reason{}
	for _, w := range r.Workloads {
		l := w.Linearizability
		switch {
		case l == nil && w.Type == "linearizable":
			unknown = Reason{Why: WhyUnchecked, Workload: w.Name}
		case l == nil:
		case l.Verdict == record.LinearizabilityViolated:
			return new(0.0), Reason{}
		case l.Verdict == record.LinearizabilityUnknown:
			unknown = Reason{Why: WhyUndecided, Workload: w.Name, Text: l.Reason}
		case l.Reads+l.Writes+l.CAS == 0:
			unknown = Reason{Why: WhyNotAnswered, Workload: w.Name}
		default:
			checked = true
		}
	}
	switch {
	case unknown.Why != "":
		return nil, unknown
	case !checked:
		return nil, Reason{Why: WhyNoneChecked}
	default:
		return new(1.0), Reason{}
	}
}

package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

const (
	// noiseMS is how much longer than predicted a phase may take unremarked.
	noiseMS = 150
	// stallMS is how long a node must have been silent to count as standing still,
	// or stallProbes intervals of probes if that is more.
	stallMS     = 100
	stallProbes = 4
)

// excess is how much longer the phase took than it is predicted to.
func (p Phase) excess() float64 {
	if p.PredictedMS == nil {
		return 0
	}
	return max(0, p.TookMS-p.PredictedMS[1])
}

// excess says where the time went in phases that took longer than the
// configuration lets them.
func (h *history) excess(f Failover, c change) (remarks []string) {
	for _, p := range f.Phases {
		extra := p.excess()
		if extra < noiseMS {
			continue
		}
		from := f.effective + p.FromMS
		causes := h.delays(f, c, from, from+p.TookMS)
		if p.Name == phaseDelay {
			causes = append(causes, h.stoodBefore(c, from, from+p.TookMS)...)
		}
		if p.Name == phaseOpening {
			causes = append(causes, h.refusals(c, from, from+p.TookMS)...)
		}
		if len(causes) == 0 {
			causes = []string{"the record does not show what held it up"}
		}
		remarks = append(remarks, fmt.Sprintf("The %s took %s, %s more than the configuration accounts for: %s.",
			p.Name, Duration(p.TookMS), Duration(extra), strings.Join(causes, "; ")))
	}
	if h.announcesNames && len(remarks) > 0 {
		remarks = append(remarks, namesStall(f.OldMaster))
	}
	return remarks
}

// namesStall says why nodes that announce names stand still when one is lost.
func namesStall(lost string) string {
	return fmt.Sprintf("With cluster-announce-ip set to a name, a server looks up the name of every node that it has lost (here %s) again and again, and its main thread waits for the resolver each time: announce addresses.", lost)
}

// delays are what the record shows that can have held up a failover between two
// moments.
func (h *history) delays(f Failover, c change, from, to float64) (causes []string) {
	if late := h.starvation(from, to); late > stallMS {
		causes = append(causes, fmt.Sprintf("this machine was starved: this program itself was not run for %s", Duration(late)))
	}
	if s := h.stallsBetween(from, to); s != "" {
		causes = append(causes, s)
	}
	causes = append(causes, quotes(h.logs(c.to, record.LogElectionExpired, from, to))...)
	causes = append(causes, quotes(h.standsNot(c.to, from, to))...)
	causes = append(causes, quotes(h.logs("", record.LogVoteRefused, from, to))...)
	causes = append(causes, quotes(h.logs("", record.LogSlow, max(0, from-h.nodeTimeout()), to))...)
	return causes
}

// stoodBefore tells of a replica that could not stand for election because it had
// done so not long before: it does again after four times cluster-node-timeout,
// and at least 4 s (auth_retry_time in clusterHandleSlaveFailover). A server that
// forgets a won election is not bound by it.
func (h *history) stoodBefore(c change, from, to float64) []string {
	retry := max(4*h.nodeTimeout(), 4000)
	before := h.logs(c.to, record.LogElectionStarted, from-retry, from-logSlack)
	if len(before) == 0 {
		return nil
	}
	last := before[len(before)-1].ms
	if again := last + retry; again < from || again > to+cronMS {
		return nil
	}
	return []string{fmt.Sprintf("%s had stood for election %s before, and stands again after %s, four times cluster-node-timeout, at the earliest",
		c.to, Duration(from-last), Duration(retry))}
}

// refusals are what a new master answered before it took its first write.
func (h *history) refusals(c change, from, to float64) (causes []string) {
	for _, r := range h.rows {
		lasted := min(r.till, to) - max(r.from, from)
		if r.node != c.to || lasted < stallMS || r.answer == record.ProbeAck || stateOf(r.answer) == "silent" {
			continue
		}
		cause := fmt.Sprintf("it answered %s for %s", strings.ToUpper(r.answer), Duration(lasted))
		if r.answer == "clusterdown" {
			cause += h.whyDown(c, from, to)
		}
		causes = append(causes, cause)
	}
	return causes
}

// whyDown says why a new master answered CLUSTERDOWN between two moments.
func (h *history) whyDown(c change, from, to float64) string {
	for _, other := range h.changes {
		if other.shard != c.shard && other.seen > from && other.seen < to+observedLate {
			return fmt.Sprintf(", until shard %d had a master, too: with cluster-require-full-coverage yes (the default) all shards wait for each other", other.shard)
		}
	}
	return ", as a master does that had lost touch with most masters: it waits for cluster-node-timeout, at most 5 s, before it serves again"
}

// quotes are log lines as they stand, each text once.
func quotes(lines []logLine) (quotes []string) {
	var said []string
	for _, l := range lines {
		text := strings.TrimRight(l.Text, ".")
		advice := strings.HasPrefix(text, "WARNING ") // on the machine's settings, at each start
		if !advice && !slices.Contains(said, text) {
			said = append(said, text)
			quotes = append(quotes, fmt.Sprintf("%s logged at %s “%s”", l.Node, Duration(l.ms), text))
		}
	}
	return quotes
}

// stall is a time for which a node gave no answer.
type stall struct {
	node     string
	from, to float64 // ms
}

func (s stall) length() float64 { return s.to - s.from }

// isStall tells whether a silence is more than the time between probes.
func (h *history) isStall(ms float64) bool { return ms >= max(stallMS, stallProbes*h.probePace) }

// stallsBetween tells of nodes that no fault had hit and that did not respond.
func (h *history) stallsBetween(from, to float64) string {
	var nodes []string
	var longest stall
	for _, n := range h.started.Nodes {
		if h.faulty(n.Name, from) {
			continue
		}
		worst := h.longestStall(n.Name, from, to)
		if !h.isStall(worst.length()) || h.hitDuring(n.Name, worst.from, worst.to) {
			continue
		}
		nodes = append(nodes, n.Name)
		if worst.length() > longest.length() {
			longest = worst
		}
	}
	if len(nodes) == 0 {
		return ""
	}
	text := fmt.Sprintf("%s did not respond for up to %s at a time, without any fault (%s answered nothing from %s to %s)",
		list(nodes), Duration(longest.length()), longest.node, Duration(longest.from), Duration(longest.to))
	return text
}

// longestStall is the longest time between two moments for which a node's
// probes got no answer.
func (h *history) longestStall(node string, from, to float64) stall {
	var longest stall
	until := from
	see := func(next float64) {
		if s := (stall{node, until, min(next, to)}); s.length() > longest.length() {
			longest = s
		}
	}
	known := false
	for _, r := range h.rows {
		if r.node != node || stateOf(r.answer) == "silent" {
			continue
		}
		known = true
		if r.till < from || r.from > to {
			continue
		}
		see(r.from)
		until = max(until, r.till)
	}
	if known {
		see(to)
	}
	return longest
}

// faulty tells whether a fault was in force on a node at a moment, or had been
// shortly before.
func (h *history) faulty(node string, ms float64) bool {
	hit := false
	for _, e := range h.events {
		f, ok := e.Data.(*record.Fault)
		if !ok || e.MS > ms || !slices.Contains(f.Targets, node) {
			continue
		}
		switch f.Phase {
		case record.FaultRequested, record.FaultEffective:
			hit = true
		case record.FaultHealed:
			hit = ms-e.MS < h.nodeTimeout()
		}
	}
	return hit
}

// hitDuring tells whether a fault was in force on a node at any time of a span, or had
// been shortly before.
func (h *history) hitDuring(node string, from, to float64) bool {
	if h.faulty(node, from) || h.heldBack(node, from, to) {
		return true
	}
	at, hit := h.first(from, func(d record.Data) bool {
		f, ok := d.(*record.Fault)
		return ok && f.Phase == record.FaultEffective && slices.Contains(f.Targets, node)
	})
	return hit && at <= to
}

// heldBack tells whether a replica of a master was told to take over in a span, or right
// before it: the master then answers no writes.
func (h *history) heldBack(master string, from, to float64) bool {
	asked, ok := h.first(from-noticeable, func(d record.Data) bool {
		f, ok := d.(*record.Fault)
		return ok && f.Kind == failoverKind && f.Phase == record.FaultRequested &&
			slices.ContainsFunc(f.Shards, func(shard int) bool { return h.masterAt(shard, from) == master })
	})
	return ok && asked <= to
}

// starvation is the longest that this program was not run for, between two moments.
func (h *history) starvation(from, to float64) (longest float64) {
	for _, e := range h.events {
		if s, ok := e.Data.(*record.Starved); ok && e.MS >= from && e.MS-s.ForMS <= to {
			longest = max(longest, s.ForMS)
		}
	}
	return longest
}

// suspicions is what the record shows of a failover that nothing asked for.
func (h *history) suspicions(c change, before float64) (remarks []string) {
	from := max(0, before-4*h.nodeTimeout())
	if at, ok := h.first(from, flagged(c.from, "pfail", "fail")); ok && at <= before {
		remarks = append(remarks, fmt.Sprintf("%s was first flagged at %s, and replaced at %s.", c.from, Duration(at), Duration(before)))
	}
	if s := h.longestStall(c.from, from, before); h.isStall(s.length()) {
		remarks = append(remarks, fmt.Sprintf("%s answered nothing from %s to %s (%s).", c.from, Duration(s.from), Duration(s.to), Duration(s.length())))
	}
	if late := h.starvation(from, before); late > stallMS {
		remarks = append(remarks, fmt.Sprintf("This machine was starved: this program itself was not run for %s.", Duration(late)))
	}
	for _, q := range quotes(h.logs(c.from, record.LogSlow, from, before)) {
		remarks = append(remarks, q+".")
	}
	return remarks
}

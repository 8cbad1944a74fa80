package tables

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// latencyPhases tells what the faults did to the latency of each workload.
func latencyPhases(r *report.Result) page.Section {
	s := page.Section{
		Title:   "Latency before, during and after the faults",
		Columns: page.Columns("workload", "when", ">from – to", ">acked", ">p50", ">p95", ">p99", ">p99.9", ">p99.99", ">max"),
		Outro: "Each second counts to the phase in which its larger part lies, and each write to the second in which it was acked. " +
			"Writes that were never acked have no latency; where an open loop acked fewer than were due, that is said.",
	}
	for _, w := range r.Workloads {
		for _, p := range w.LatencyPhases {
			acked := words.Count(p.Count)
			if p.Count < p.Due {
				acked += " of " + words.Count(p.Due) + " due"
			}
			s.Rows = append(s.Rows, []string{w.Name, when(r, p), fmt.Sprintf("%s – %s", words.Duration(p.From), words.Duration(p.To)), acked,
				words.Optional(p.P50), words.Optional(p.P95), words.Optional(p.P99), words.Optional(p.P999), words.Optional(p.P9999), words.Optional(p.Max)})
		}
	}
	return s
}

// when names a phase for people.
func when(r *report.Result, p report.LatencyPhase) string {
	if p.Fault == nil {
		return p.Phase
	}
	return fmt.Sprintf("**%s %s**", p.Phase, r.Faults[*p.Fault].Kind)
}

func latency(r *report.Result) page.Section {
	s := page.Section{
		Title:   "Latency of acked writes",
		Columns: page.Columns("workload", "load", ">acked", ">p50", ">p95", ">p99", ">p99.9", ">p99.99", ">max"),
		Outro:   "In an open loop, latency counts from the moment at which the write was due, so the time that it waited for a free client is in it.",
	}
	for _, w := range r.Workloads {
		load := "closed loop"
		if w.TargetRate > 0 {
			load = fmt.Sprintf("open loop, %s/s", words.Count(int64(w.TargetRate)))
		}
		if w.Rates != "" {
			load = "open loop, " + w.Rates
		}
		if w.Lateness != nil {
			load += fmt.Sprintf(" (p99 sent %s late)", words.Duration(w.Lateness.P99))
		}
		rate := "–"
		if w.ThroughputOps != nil {
			rate = words.Count(int64(*w.ThroughputOps+0.5)) + "/s"
		}
		row := []string{w.Name, load, rate, "–", "–", "–", "–", "–", "–"}
		if l := w.Latency; l != nil {
			row = append(row[:3], words.Duration(l.P50), words.Duration(l.P95), words.Duration(l.P99), words.Duration(l.P999), words.Optional(l.P9999), words.Duration(l.Max))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// readsOf tells what the workloads read.
func readsOf(r *report.Result) page.Section {
	s := page.Section{
		Title:   "Reads",
		Columns: page.Columns("workload", "from", ">answered", ">failed", ">p50", ">p99", ">max", ">stale", ">oldest", "answered by"),
		Outro:   "Stale is a read of less than what had been acked before it was sent. A write without an answer may be read or not. Reads count in no figure of the writes.",
	}
	for _, w := range r.Workloads {
		if w.Reads == nil {
			continue
		}
		var by []string
		for _, node := range w.Reads.Nodes {
			text := fmt.Sprintf("%s: %s", node.Node, words.Count(node.OK))
			if node.Stale > 0 {
				text += fmt.Sprintf(" (**%s stale**)", words.Count(node.Stale))
			}
			by = append(by, text)
		}
		row := []string{w.Name, w.Reads.From, words.Count(w.Reads.OK), words.Count(w.Reads.Failed), "–", "–", "–", words.Count(w.Reads.Stale), words.Optional(w.Reads.Oldest), strings.Join(by, ", ")}
		if l := w.Reads.Latency; l != nil {
			row[4], row[5], row[6] = words.Duration(l.P50), words.Duration(l.P99), words.Duration(l.Max)
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// staleReads tells when which nodes answered stale.
func staleReads(r *report.Result) page.Section {
	s := page.Section{
		Title:   "Stale reads",
		Columns: page.Columns("workload", "when", "answered by", "as", ">stale reads", ">from – to", ">oldest"),
		Outro: "As is what the client took the node for. Oldest is for how long a write had been acked that a read had not seen: " +
			"of a register the first such, of a counter at least the last.",
	}
	for _, w := range r.Workloads {
		if w.Reads == nil {
			continue
		}
		for _, g := range w.Reads.Groups {
			s.Rows = append(s.Rows, []string{w.Name, when(r, report.LatencyPhase{Phase: g.Phase, Fault: g.Fault}), g.Node, cmp.Or(g.Role, "–"), words.Count(g.Count),
				fmt.Sprintf("%s – %s", words.Duration(g.First), words.Duration(g.Last)), words.Duration(g.Oldest)})
		}
		if w.Reads.Stale > record.StaleReadsInFull {
			s.Intro = fmt.Sprintf("Of each workload the first %s.", words.Count(record.StaleReadsInFull))
		}
	}
	return s
}

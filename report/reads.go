package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Reads is what a workload's reads came to, and when which nodes answered stale.
type Reads struct {
	record.Reads
	// Groups is those stale reads that the record holds, in the order of their first.
	Groups []StaleReads `json:"stale_reads"`
}

// StaleReads are those that one node answered before, during or after a fault.
type StaleReads struct {
	Phase string `json:"phase"` // before, during, between or after; without faults, during the run
	// Fault is the index of the fault that a phase is during; nil of the others.
	Fault *int   `json:"fault"`
	Node  string `json:"node"`
	// Role is what the client took the node for, master or replica.
	Role  string `json:"role,omitempty"`
	Count int64  `json:"count"`
	// FirstMS and LastMS are on the run's clock.
	FirstMS  float64 `json:"first_ms"`
	LastMS   float64 `json:"last_ms"`
	OldestMS float64 `json:"oldest_ms"`
}

// addReads sets what the workloads' reads came to.
func addReads(r *Result, s *scenarios.Scenario, events []record.Event) {
	reads := map[string]*Reads{}
	phases := map[string][]LatencyPhase{}
	during := faultPhases(r.Faults, s)
	for _, e := range events {
		if d, ok := e.Data.(*record.WorkloadDone); ok && d.Reads != nil {
			reads[d.Name] = &Reads{Reads: *d.Reads, Groups: []StaleReads{}}
			if len(during) > 0 {
				phases[d.Name] = phasesAround(during, d.StartMS, d.EndMS)
			}
		}
	}
	for _, e := range events {
		if d, ok := e.Data.(*record.StaleRead); ok && reads[d.Workload] != nil {
			reads[d.Workload].enter(e.MS, d, phases[d.Workload])
		}
	}
	for i := range r.Workloads {
		w := &r.Workloads[i]
		if w.Reads = reads[w.Name]; w.Reads == nil {
			continue
		}
		r.StaleReads = sum(r.StaleReads, &w.Reads.Stale)
		if n := w.Reads.Stale; n > 0 {
			r.Notices = append(r.Notices, Notice{Kind: NoticeStaleReads, Workload: w.Name, Count: n, Of: w.Reads.OK})
		}
		if n := w.Reads.Strange; n > 0 {
			r.Notices = append(r.Notices, Notice{Kind: NoticeStrangeReads, Workload: w.Name, Count: n})
		}
	}
	if slices.ContainsFunc(s.Workloads, func(w scenarios.Workload) bool { return w.ReadRatio() > 0 && reads[w.Name] == nil }) {
		r.StaleReads = nil // one that did not get to its end may have had some
	}
}

// enter counts a stale read to the group of its phase, node and role.
func (r *Reads) enter(ms float64, d *record.StaleRead, phases []LatencyPhase) {
	g := StaleReads{Phase: "during the run", Node: d.Node, Role: d.Role, FirstMS: ms}
	for _, p := range phases {
		if p.FromMS <= ms && ms <= p.ToMS {
			g.Phase, g.Fault = p.Phase, p.Fault
			break
		}
	}
	i := slices.IndexFunc(r.Groups, func(have StaleReads) bool {
		return have.Phase == g.Phase && index(have.Fault) == index(g.Fault) && have.Node == g.Node && have.Role == g.Role
	})
	if i < 0 {
		i = len(r.Groups)
		r.Groups = append(r.Groups, g)
	}
	have := &r.Groups[i]
	have.Count++
	have.FirstMS, have.LastMS = min(have.FirstMS, ms), max(have.LastMS, ms)
	have.OldestMS = max(have.OldestMS, d.AgeMS)
}

// ofReads is the number of stale reads of all workloads; nil with the reason if one did not
// get to its end, or if none was answered.
func ofReads(r *Result) (*float64, Reason) {
	var answered int64
	for _, w := range r.Workloads {
		if w.Reads != nil {
			answered += w.Reads.OK
		}
	}
	switch {
	case r.StaleReads == nil:
		return nil, Reason{Why: WhyReadsUnfinished}
	case answered == 0:
		return nil, Reason{Why: WhyNoReadAnswered}
	default:
		return asNumber(r.StaleReads), Reason{}
	}
}

// index is that of a fault, or -1 for none.
func index(fault *int) int {
	if fault == nil {
		return -1
	}
	return *fault
}

// readsOf tells what the workloads read.
func readsOf(r *Result) page.Section {
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
			text := fmt.Sprintf("%s: %s", node.Node, Count(node.OK))
			if node.Stale > 0 {
				text += fmt.Sprintf(" (**%s stale**)", Count(node.Stale))
			}
			by = append(by, text)
		}
		row := []string{w.Name, w.Reads.From, Count(w.Reads.OK), Count(w.Reads.Failed), "–", "–", "–", Count(w.Reads.Stale), optional(w.Reads.OldestMS), strings.Join(by, ", ")}
		if l := w.Reads.Latency; l != nil {
			row[4], row[5], row[6] = Duration(l.P50), Duration(l.P99), Duration(l.Max)
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// staleReads tells when which nodes answered stale.
func staleReads(r *Result) page.Section {
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
			s.Rows = append(s.Rows, []string{w.Name, r.when(LatencyPhase{Phase: g.Phase, Fault: g.Fault}), g.Node, cmp.Or(g.Role, "–"), Count(g.Count),
				fmt.Sprintf("%s – %s", Duration(g.FirstMS), Duration(g.LastMS)), Duration(g.OldestMS)})
		}
		if w.Reads.Stale > record.StaleReadsInFull {
			s.Intro = fmt.Sprintf("Of each workload the first %s.", Count(record.StaleReadsInFull))
		}
	}
	return s
}

package tables

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

func failovers(r *report.Result) page.Section {
	if len(r.Failovers) == 0 {
		return page.Section{}
	}
	s := page.Section{Title: "Failovers", Intro: "Times count from the moment at which the fault took hold.", Columns: page.Columns("phase")}
	for _, f := range r.Failovers {
		s.Columns = append(s.Columns, page.Column{Name: fmt.Sprintf("shard %d: %s → %s", f.Shard, f.OldMaster, f.NewMaster), Right: true})
	}
	for _, p := range moments() {
		row := []string{p.text}
		for _, f := range r.Failovers {
			row = append(row, words.Optional(p.of(f)))
		}
		s.Rows = append(s.Rows, row)
	}
	for _, f := range r.Failovers {
		var missing []string
		for _, name := range slices.Sorted(maps.Keys(f.Unmeasured)) {
			missing = append(missing, fmt.Sprintf("Shard %d, %s was not measured: %s.", f.Shard, page.Code(name), f.Unmeasured[name]))
		}
		if len(missing) > 0 {
			s.Lists = append(s.Lists, missing)
		}
	}
	return s
}

// moment is a figure of a failover with its meaning.
type moment struct {
	text string
	of   func(report.Failover) *record.Millis
}

func moments() []moment {
	return []moment{
		{"first node suspects the old master (`pfail_ms`)", func(f report.Failover) *record.Millis { return f.PFail }},
		{"quorum: marked as failed (`fail_ms`)", func(f report.Failover) *record.Millis { return f.Fail }},
		{"the replica starts its election (`election_ms`)", func(f report.Failover) *record.Millis { return f.Election }},
		{"election won (`promoted_ms`)", func(f report.Failover) *record.Millis { return f.Promoted }},
		{"**first write acked by the new master** (`first_write_ms`)", func(f report.Failover) *record.Millis { return f.FirstWrite }},
		{"**applications reach it through the client** (`client_recovery_ms`)", func(f report.Failover) *record.Millis { return f.ClientRecovery }},
		{"every reachable node agrees (`converged_ms`)", func(f report.Failover) *record.Millis { return f.Converged }},
		{"the shard has a replica in sync again (`redundant_ms`)", func(f report.Failover) *record.Millis { return f.Redundant }},
		{"for how long two nodes acked writes at once (`split_brain_ms`)", func(f report.Failover) *record.Millis { return f.SplitBrain }},
	}
}

// anatomies tell each failover in its phases, beside what the configuration
// predicts, with what is unusual below.
func anatomies(r *report.Result) []page.Section {
	var all []page.Section
	for _, f := range r.Failovers {
		s := page.Section{
			Title:   fmt.Sprintf("Anatomy: shard %d, %s → %s", f.Shard, f.OldMaster, f.NewMaster),
			Columns: page.Columns("phase", ">from", ">took", ">predicted", "what happened"),
		}
		for _, p := range f.Phases {
			s.Rows = append(s.Rows, []string{p.Name, words.Duration(p.From), "**" + words.Duration(p.Took) + "**", words.Range(p.Predicted), p.Detail})
		}
		if len(s.Rows) > 0 {
			s.Intro = anatomyIntro(r, f)
		}
		s.Lists = [][]string{f.Remarks}
		all = append(all, s)
	}
	return all
}

func anatomyIntro(r *report.Result, f report.Failover) string {
	intro := fmt.Sprintf("What is predicted follows from `cluster-node-timeout` %s and the fixed times of %s %s.",
		nodeTimeout(r), r.Run.Server.Name, r.Run.Server.Version)
	least, most := record.Millis(0), record.Millis(0)
	for _, p := range f.Phases {
		if p.Predicted != nil {
			least += p.Predicted[0]
			most += p.Predicted[1]
		}
	}
	if f.FirstWrite != nil && f.Unplanned() && most > 0 {
		intro += fmt.Sprintf(" It lets a failover take %s; this one took **%s**.", words.Range(&[2]record.Millis{least, most}), words.Duration(*f.FirstWrite))
	}
	return intro
}

// nodeTimeout is cluster-node-timeout as a person reads it.
func nodeTimeout(r *report.Result) string {
	if ms, ok := r.Run.Config["cluster-node-timeout"]; ok {
		return ms + " ms"
	}
	return "15000 ms (the server's default)"
}

// recoveries tell how each workload came through each failover.
func recoveries(r *report.Result) page.Section {
	s := page.Section{
		Title: "Applications through the failovers",
		Intro: "How each workload reached the new master through its cluster client. Library is what the client added after the new master had taken its first write; not measurable for writes that wait for replicas as well.",
		Columns: page.Columns("workload", ">shard", ">last ack before", ">first ack after", ">recovery", ">library", ">longest call", ">longest silence afterwards",
			"errors on the shard"),
	}
	for _, f := range r.Failovers {
		for _, c := range f.Clients {
			var errors []string
			for _, e := range c.Errors {
				errors = append(errors, fmt.Sprintf("%s %s (%s, %s – %s)", words.Count(e.Count), e.Kind, e.Outcome, words.Duration(e.First), words.Duration(e.Last)))
			}
			s.Rows = append(s.Rows, []string{
				c.Workload, fmt.Sprint(f.Shard), words.Optional(c.LastAck), words.Optional(c.FirstAck), words.Optional(c.Recovery),
				words.Optional(c.Library), words.Optional(c.Stall), quiet(c.SilentAgain), strings.Join(errors, "; "),
			})
		}
	}
	return s
}

// quiet writes the longest period of a shard's acks, which are recorded in rows
// that shorter ones do not break.
func quiet(ms *record.Millis) string {
	if ms != nil && *ms < record.AckGap {
		return fmt.Sprintf("none over %d ms", record.AckGap)
	}
	return words.Optional(ms)
}

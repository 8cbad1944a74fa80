package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteMarkdown renders report.md: what happened first, the details after.
func WriteMarkdown(w io.Writer, r *Result) error {
	m := &markdown{}
	m.line("# %s", Headline(r))
	m.line("")
	for _, sentence := range Story(r) {
		m.line("- %s", sentence)
	}
	m.line("")
	m.expectations(r)
	m.failovers(r)
	m.writes(r)
	m.availability(r)
	m.latency(r)
	m.errors(r)
	m.faults(r)
	m.subject(r)
	if len(r.Notes) > 0 {
		m.line("## Notes\n")
		for _, n := range r.Notes {
			m.line("- %s", n)
		}
	}
	if _, err := io.WriteString(w, strings.TrimRight(m.String(), "\n")+"\n"); err != nil {
		return fmt.Errorf("rendering report.md: %w", err)
	}
	return nil
}

// markdown is a report being written.
type markdown struct{ strings.Builder }

func (m *markdown) line(format string, args ...any) {
	fmt.Fprintf(m, format+"\n", args...)
}

// table writes a table; columns whose heading starts with > are aligned right.
func (m *markdown) table(heads []string, rows [][]string) {
	rule := make([]string, len(heads))
	names := make([]string, len(heads))
	for i, h := range heads {
		name, right := strings.CutPrefix(h, ">")
		names[i], rule[i] = name, "---"
		if right {
			rule[i] = "---:"
		}
	}
	m.line("| %s |", strings.Join(names, " | "))
	m.line("| %s |", strings.Join(rule, " | "))
	for _, row := range rows {
		for i, cell := range row {
			row[i] = strings.ReplaceAll(strings.ReplaceAll(cell, "|", `\|`), "\n", " ")
		}
		m.line("| %s |", strings.Join(row, " | "))
	}
	m.line("")
}

func (m *markdown) expectations(r *Result) {
	if len(r.Expectations) == 0 {
		return
	}
	m.line("## Expectations\n")
	var rows [][]string
	for _, e := range r.Expectations {
		rows = append(rows, []string{mark(e.OK), "`" + e.Name + "`", e.Want, e.Shown})
	}
	m.table([]string{"", "expectation", ">want", ">got"}, rows)
}

func mark(ok bool) string {
	if ok {
		return "✅"
	}
	return "❌"
}

func (m *markdown) failovers(r *Result) {
	if len(r.Failovers) == 0 {
		return
	}
	m.line("## Failovers\n")
	m.line("Times count from the moment at which the fault took hold.\n")
	heads := []string{"phase"}
	for _, f := range r.Failovers {
		heads = append(heads, fmt.Sprintf(">shard %d: %s → %s", f.Shard, f.OldMaster, f.NewMaster))
	}
	var rows [][]string
	for _, p := range phases() {
		row := []string{p.text}
		for _, f := range r.Failovers {
			row = append(row, optional(p.of(f)))
		}
		rows = append(rows, row)
	}
	m.table(heads, rows)
	for _, f := range r.Failovers {
		for _, name := range slices.Sorted(maps.Keys(f.Unmeasured)) {
			m.line("- Shard %d, `%s` was not measured: %s.", f.Shard, name, f.Unmeasured[name])
		}
		if len(f.Unmeasured) > 0 {
			m.line("")
		}
	}
}

// phase is a figure of a failover with its meaning.
type phase struct {
	text string
	of   func(Failover) *float64
}

func phases() []phase {
	return []phase{
		{"first node suspects the old master (`pfail_ms`)", func(f Failover) *float64 { return f.PFailMS }},
		{"quorum: marked as failed (`fail_ms`)", func(f Failover) *float64 { return f.FailMS }},
		{"the replica starts its election (`election_ms`)", func(f Failover) *float64 { return f.ElectionMS }},
		{"election won (`promoted_ms`)", func(f Failover) *float64 { return f.PromotedMS }},
		{"**first write acked by the new master** (`first_write_ms`)", func(f Failover) *float64 { return f.FirstWriteMS }},
		{"**applications reach it through the client** (`client_recovery_ms`)", func(f Failover) *float64 { return f.ClientRecoveryMS }},
		{"every reachable node agrees (`converged_ms`)", func(f Failover) *float64 { return f.ConvergedMS }},
		{"the shard has a replica in sync again (`redundant_ms`)", func(f Failover) *float64 { return f.RedundantMS }},
		{"for how long two nodes acked writes at once (`split_brain_ms`)", func(f Failover) *float64 { return f.SplitBrainMS }},
	}
}

func optional(ms *float64) string {
	if ms == nil {
		return "–"
	}
	return Duration(*ms)
}

func optionalCount(n *int64) string {
	if n == nil {
		return "–"
	}
	return Count(*n)
}

func (m *markdown) writes(r *Result) {
	if len(r.Workloads) == 0 {
		return
	}
	m.line("## Writes\n")
	m.line("Every write is acked (the server said OK), failed (it was refused) or indeterminate (nobody knows). " +
		"Lost: acked, and absent after recovery.\n")
	row := func(name string, w Writes) []string {
		ratio, window := "–", "–"
		if w.LostRatio != nil {
			ratio = Percent(*w.LostRatio)
		}
		if w.LossWindowMS != nil {
			window = fmt.Sprintf("%s – %s", Duration(w.LossWindowMS[0]), Duration(w.LossWindowMS[1]))
		}
		return []string{name, Count(w.Attempted), Count(w.Acked), Count(w.Failed), Count(w.Indeterminate),
			"**" + optionalCount(w.Lost) + "**", ratio, window, optionalCount(w.UnackedApplied)}
	}
	var rows [][]string
	for _, w := range r.Workloads {
		rows = append(rows, row(fmt.Sprintf("%s (%s)", w.Name, w.Type), w.Writes))
	}
	if len(r.Workloads) > 1 {
		rows = append(rows, row("all", r.Writes))
	}
	m.table([]string{"workload", ">attempted", ">acked", ">failed", ">indeterminate", ">lost", ">lost / acked", ">lost ones acked at", ">indeterminate, but applied"}, rows)
}

func (m *markdown) availability(r *Result) {
	if len(r.Shards) == 0 {
		return
	}
	m.line("## Shards\n")
	var rows [][]string
	for _, s := range r.Shards {
		hit := "hit by a fault"
		if s.Collateral {
			hit = "no fault hit it"
		}
		rows = append(rows, []string{fmt.Sprint(s.Shard), s.Slots, optional(s.UnavailableMS), hit})
	}
	m.table([]string{"shard", "slots", ">took no writes for", ""}, rows)
}

func (m *markdown) latency(r *Result) {
	if len(r.Workloads) == 0 {
		return
	}
	m.line("## Latency of acked writes\n")
	var rows [][]string
	for _, w := range r.Workloads {
		load := "closed loop"
		if w.TargetRate > 0 {
			load = fmt.Sprintf("open loop, %s/s", Count(int64(w.TargetRate)))
		}
		rate := "–"
		if w.ThroughputOps != nil {
			rate = Count(int64(*w.ThroughputOps+0.5)) + "/s"
		}
		row := []string{w.Name, load, rate, "–", "–", "–", "–", "–"}
		if l := w.LatencyMS; l != nil {
			row = append(row[:3], Duration(l.P50), Duration(l.P95), Duration(l.P99), Duration(l.P999), Duration(l.Max))
		}
		rows = append(rows, row)
	}
	m.table([]string{"workload", "load", ">acked", ">p50", ">p95", ">p99", ">p99.9", ">max"}, rows)
	m.line("In an open loop, latency counts from the moment at which the write was due, so the time that it waited for a free client is in it.\n")
}

func (m *markdown) errors(r *Result) {
	var rows [][]string
	for _, w := range r.Workloads {
		for _, e := range w.ErrorDetails {
			rows = append(rows, []string{w.Name, "`" + e.Kind + "`", e.Outcome, Count(e.Count),
				fmt.Sprintf("%s – %s", Duration(e.FirstMS), Duration(e.LastMS)), "`" + strings.ReplaceAll(e.Example, "`", "'") + "`"})
		}
	}
	if len(rows) == 0 {
		return
	}
	m.line("## Errors\n")
	m.table([]string{"workload", "kind", "outcome", ">writes", ">from – to", "for example"}, rows)
}

func (m *markdown) faults(r *Result) {
	if len(r.Faults) == 0 {
		return
	}
	m.line("## Faults\n")
	var rows [][]string
	for _, f := range r.Faults {
		rows = append(rows, []string{f.Kind, f.Detail, strings.Join(f.Targets, ", "), optional(f.RequestedMS), optional(f.EffectiveMS), optional(f.HealedMS)})
	}
	m.table([]string{"fault", "", "targets", ">requested", ">took hold", ">healed"}, rows)
}

func (m *markdown) subject(r *Result) {
	m.line("## What was run, on what\n")
	recovered := "unknown"
	if r.Recovered != nil {
		recovered = map[bool]string{true: "yes", false: "no"}[*r.Recovered]
	}
	server := fmt.Sprintf("%s %s (image `%s`)", r.Run.Server.Name, r.Run.Server.Version, r.Run.Server.Image)
	if r.Run.Server.Built != "" {
		server += fmt.Sprintf(", built from `%s`", r.Run.Server.Built)
	}
	var config []string
	for _, name := range slices.Sorted(maps.Keys(r.Run.Config)) {
		config = append(config, fmt.Sprintf("`%s %s`", name, r.Run.Config[name]))
	}
	m.table([]string{"", ""}, [][]string{
		{"run", "`" + r.Run.ID + "`"},
		{"scenario", r.Run.Scenario},
		{"started", r.Run.Started.Format("2006-01-02 15:04:05 MST")},
		{"took", Duration(r.Run.DurationMS)},
		{"recovered", recovered},
		{"server", server},
		{"topology", fmt.Sprintf("%d masters with %d replicas each", r.Run.Topology.Masters, r.Run.Topology.Replicas)},
		{"redis.conf", strings.Join(config, ", ")},
		{"runtime", fmt.Sprintf("%s (%s)", r.Run.Runtime, r.Run.Engine)},
		{"seed", fmt.Sprint(r.Run.Seed)},
		{"tool", r.Run.Tool},
	})
}

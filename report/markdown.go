package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/page"
)

// WriteMarkdown renders report.md: what happened first, the details after.
func WriteMarkdown(w io.Writer, r *Result) error {
	var sections []page.Section
	if len(r.Expectations) > 0 {
		sections = append(sections, expectations(r))
	}
	if err := page.WriteMarkdown(w, Headline(r), Story(r), append(sections, details(r)...)); err != nil {
		return fmt.Errorf("rendering report.md: %w", err)
	}
	return nil
}

// details are the sections below the expectations. Those with nothing to tell
// are left out.
func details(r *Result) []page.Section {
	all := []page.Section{incidents(r), failovers(r)}
	all = append(all, anatomies(r)...)
	all = append(all, recoveries(r), writes(r), mixtures(r), losses(r), waits(r), waitsAOF(r), readsOf(r), staleReads(r), locks(r), linearizability(r), heard(r), consumed(r), availability(r), outages(r), changes(r), latency(r), latencyPhases(r), failures(r), clients(r), faults(r), subject(r),
		page.Section{Title: "Notes", Lists: [][]string{r.Notes}})
	return slices.DeleteFunc(all, page.Section.IsEmpty)
}

func expectations(r *Result) page.Section {
	s := page.Section{Title: "Expectations", Columns: page.Columns("", "expectation", ">want", ">got")}
	for _, e := range r.Expectations {
		s.Rows = append(s.Rows, []string{mark(e.OK), page.Code(e.Name), e.Want, e.Shown})
	}
	return s
}

func mark(ok bool) string {
	if ok {
		return "✅"
	}
	return "❌"
}

func failovers(r *Result) page.Section {
	if len(r.Failovers) == 0 {
		return page.Section{}
	}
	s := page.Section{Title: "Failovers", Intro: "Times count from the moment at which the fault took hold.", Columns: page.Columns("phase")}
	for _, f := range r.Failovers {
		s.Columns = append(s.Columns, page.Column{Name: fmt.Sprintf("shard %d: %s → %s", f.Shard, f.OldMaster, f.NewMaster), Right: true})
	}
	for _, p := range phases() {
		row := []string{p.text}
		for _, f := range r.Failovers {
			row = append(row, optional(p.of(f)))
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

func writes(r *Result) page.Section {
	s := page.Section{
		Title: "Writes",
		Intro: "Every write is acked (the server said OK), failed (it was refused) or indeterminate (nobody knows). " +
			"Lost: acked, and absent after recovery. Duplicated: applied more than once.",
		Columns: page.Columns("workload", ">attempted", ">acked", ">failed", ">indeterminate", ">lost", ">lost / acked", ">lost ones acked at", ">indeterminate, but applied", ">duplicated"),
	}
	row := func(name string, w Writes) []string {
		ratio, window := "–", "–"
		if w.LostRatio != nil {
			ratio = Percent(*w.LostRatio)
		}
		if w.LossWindowMS != nil {
			window = fmt.Sprintf("%s – %s", Duration(w.LossWindowMS[0]), Duration(w.LossWindowMS[1]))
		}
		return []string{name, Count(w.Attempted), Count(w.Acked), Count(w.Failed), Count(w.Indeterminate),
			"**" + optionalCount(w.Lost) + "**", ratio, window, optionalCount(w.UnackedApplied), optionalCount(w.Duplicated)}
	}
	for _, w := range r.Workloads {
		s.Rows = append(s.Rows, row(fmt.Sprintf("%s (%s)", w.Name, w.Type), w.Writes))
	}
	if len(r.Workloads) > 1 {
		s.Rows = append(s.Rows, row("all", r.Writes))
	}
	return s
}

func availability(r *Result) page.Section {
	s := page.Section{Title: "Shards", Columns: page.Columns("shard", "slots", ">took no writes for", ">longest without an acked workload write", "")}
	for _, shard := range r.Shards {
		hit := "hit by a fault"
		if shard.Collateral {
			hit = "no fault hit it"
		}
		s.Rows = append(s.Rows, []string{fmt.Sprint(shard.Shard), shard.Slots, shard.text("unavailable_ms", shard.UnavailableMS), shard.text("client_gap_ms", shard.ClientGapMS), hit})
	}
	return s
}

func latency(r *Result) page.Section {
	s := page.Section{
		Title:   "Latency of acked writes",
		Columns: page.Columns("workload", "load", ">acked", ">p50", ">p95", ">p99", ">p99.9", ">p99.99", ">max"),
		Outro:   "In an open loop, latency counts from the moment at which the write was due, so the time that it waited for a free client is in it.",
	}
	for _, w := range r.Workloads {
		load := "closed loop"
		if w.TargetRate > 0 {
			load = fmt.Sprintf("open loop, %s/s", Count(int64(w.TargetRate)))
		}
		if w.Rates != "" {
			load = "open loop, " + w.Rates
		}
		if w.LatenessMS != nil {
			load += fmt.Sprintf(" (p99 sent %s late)", Duration(w.LatenessMS.P99))
		}
		rate := "–"
		if w.ThroughputOps != nil {
			rate = Count(int64(*w.ThroughputOps+0.5)) + "/s"
		}
		row := []string{w.Name, load, rate, "–", "–", "–", "–", "–", "–"}
		if l := w.LatencyMS; l != nil {
			row = append(row[:3], Duration(l.P50), Duration(l.P95), Duration(l.P99), Duration(l.P999), optional(l.P9999), Duration(l.Max))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

func failures(r *Result) page.Section {
	s := page.Section{Title: "Errors", Columns: page.Columns("workload", "kind", "outcome", ">writes", ">from – to", "for example")}
	for _, w := range r.Workloads {
		for _, e := range w.ErrorDetails {
			s.Rows = append(s.Rows, []string{w.Name, page.Code(e.Kind), e.Outcome, Count(e.Count),
				fmt.Sprintf("%s – %s", Duration(e.FirstMS), Duration(e.LastMS)), page.Code(e.Example)})
		}
	}
	return s
}

func faults(r *Result) page.Section {
	s := page.Section{Title: "Faults", Columns: page.Columns("fault", "", "targets", ">requested", ">took hold", ">healed")}
	for _, f := range r.Faults {
		s.Rows = append(s.Rows, []string{f.Kind, f.Detail, strings.Join(f.Targets, ", "), optional(f.RequestedMS), optional(f.EffectiveMS), optional(f.HealedMS)})
	}
	return s
}

func subject(r *Result) page.Section {
	run := r.Run
	recovered := "unknown"
	if r.Recovered != nil {
		recovered = map[bool]string{true: "yes", false: "no"}[*r.Recovered]
	}
	server := fmt.Sprintf("%s %s (image %s)", run.Server.Name, run.Server.Version, page.Code(run.Server.Image))
	if run.Server.Binary != "" {
		server = fmt.Sprintf("%s %s (%s)", run.Server.Name, run.Server.Version, page.Code(run.Server.Binary))
	}
	if run.Server.Built != "" {
		server += fmt.Sprintf(", built from %s", page.Code(run.Server.Built))
	}
	var config []string
	for _, name := range slices.Sorted(maps.Keys(run.Config)) {
		config = append(config, page.Code(name+" "+run.Config[name]))
	}
	s := page.Section{Title: "What was run, on what", Columns: page.Columns("", "")}
	add := func(name, value string, known bool) {
		if known { // a run that failed early knows less of itself
			s.Rows = append(s.Rows, []string{name, value})
		}
	}
	add("run", page.Code(run.ID), true)
	add("scenario", run.Scenario, true)
	add("started", run.Started.Format("2006-01-02 15:04:05 MST"), !run.Started.IsZero())
	add("took", Duration(run.DurationMS), run.DurationMS > 0)
	add("recovered", recovered, true)
	add("server", server, run.Server.Name != "")
	add("topology", fmt.Sprintf("%d masters with %s each", run.Topology.Masters, plural(int64(run.Topology.Replicas), "replica")), run.Topology.Masters > 0)
	add("redis.conf", strings.Join(config, ", "), len(config) > 0)
	add("runtime", fmt.Sprintf("%s (%s)", run.Runtime, run.Engine), run.Engine != "")
	add("seed", fmt.Sprint(run.Seed), true)
	add("tool", run.Tool, true)
	return s
}

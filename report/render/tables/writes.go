package tables

import (
	"fmt"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// losses tells whose acked writes were lost, or removed by the servers themselves.
func losses(r *report.Result) page.Section {
	s := page.Section{
		Title:   "Lost writes",
		Columns: page.Columns("workload", ">shard", "acked by", "acked from", "to", ">lost", ">clients", "because of", "cause"),
	}
	for _, w := range r.Workloads {
		for _, l := range slices.Concat(w.Writes.Losses, w.Writes.Removed) {
			node, because := l.Node, "no fault"
			if node == "" {
				node = "–"
			}
			if l.Fault != nil {
				f := r.Faults[*l.Fault]
				because = fmt.Sprintf("%s at %s", f.Kind, words.Optional(f.Effective))
			}
			first, last := words.Duration(l.First), words.Duration(l.Last)
			if l.Undated {
				first, last = "–", "–"
			}
			s.Rows = append(s.Rows, []string{w.Name, fmt.Sprint(l.Shard), node, first, last, words.Count(l.Count), fmt.Sprint(l.Clients), because, prose.LossText(l)})
		}
	}
	return s
}

func writes(r *report.Result) page.Section {
	s := page.Section{
		Title: "Writes",
		Intro: "Every write is acked (the server said OK), failed (it was refused) or indeterminate (nobody knows). " +
			"Lost: acked, and absent after recovery. Duplicated: applied more than once.",
		Columns: page.Columns("workload", ">attempted", ">acked", ">failed", ">indeterminate", ">lost", ">lost / acked", ">lost ones acked at", ">indeterminate, but applied", ">duplicated"),
	}
	row := func(name string, w report.Writes) []string {
		ratio, window := "–", "–"
		if w.LostRatio != nil {
			ratio = words.Percent(*w.LostRatio)
		}
		if w.LossWindow != nil {
			window = fmt.Sprintf("%s – %s", words.Duration(w.LossWindow[0]), words.Duration(w.LossWindow[1]))
		}
		return []string{name, words.Count(w.Attempted), words.Count(w.Acked), words.Count(w.Failed), words.Count(w.Indeterminate),
			"**" + words.OptionalCount(w.Lost) + "**", ratio, window, words.OptionalCount(w.UnackedApplied), words.OptionalCount(w.Duplicated)}
	}
	for _, w := range r.Workloads {
		s.Rows = append(s.Rows, row(fmt.Sprintf("%s (%s)", w.Name, w.Type), w.Writes))
	}
	if len(r.Workloads) > 1 {
		s.Rows = append(s.Rows, row("all", r.Writes))
	}
	return s
}

func failures(r *report.Result) page.Section {
	s := page.Section{Title: "Errors", Columns: page.Columns("workload", "kind", "outcome", ">writes", ">from – to", "for example")}
	for _, w := range r.Workloads {
		for _, e := range w.ErrorDetails {
			s.Rows = append(s.Rows, []string{w.Name, page.Code(e.Kind), e.Outcome, words.Count(e.Count),
				fmt.Sprintf("%s – %s", words.Duration(e.First), words.Duration(e.Last)), page.Code(e.Example)})
		}
	}
	return s
}

// mixtures tells what was found of each type of mixed workloads.
func mixtures(r *report.Result) page.Section {
	s := page.Section{
		Title:   "Mixed workloads",
		Columns: page.Columns("workload", "type", ">acked, and looked for", ">not read back", ">lost", ">indeterminate, but applied", ">duplicated", ">out of order"),
	}
	for _, w := range r.Workloads {
		for _, p := range w.Parts {
			s.Rows = append(s.Rows, []string{w.Name, p.Type, words.Count(p.Checked), words.Count(p.Unverified), "**" + words.Count(p.Lost) + "**", words.Count(p.UnackedApplied),
				words.OptionalCount(p.Duplicated), words.OptionalCount(p.OutOfOrder)})
		}
	}
	return s
}

// waits tells how many replicas had the writes of workloads that asked by WAIT.
func waits(r *report.Result) page.Section {
	s := page.Section{
		Title:   "Replicas that had the writes in time",
		Columns: page.Columns("workload", "acked if", ">replicas by WAIT", ">writes", ">share"),
		Outro:   "Of the writes that the server said OK to. Those with fewer replicas than asked for are indeterminate, with the error `wait_short`.",
	}
	for _, w := range r.Workloads {
		if w.Wait == nil {
			continue
		}
		var all int64
		for _, n := range w.Wait.Replies {
			all += n
		}
		asked := fmt.Sprintf("%s within %s", words.Plural(int64(w.Wait.Replicas), "replica"), words.Duration(w.Wait.Timeout))
		for _, replicas := range slices.Sorted(maps.Keys(w.Wait.Replies)) {
			n := w.Wait.Replies[replicas]
			s.Rows = append(s.Rows, []string{w.Name, asked, fmt.Sprint(replicas), words.Count(n), words.Percent(float64(n) / float64(all))})
		}
	}
	return s
}

// waitsAOF tells who had the writes on disk, of workloads that asked by WAITAOF.
func waitsAOF(r *report.Result) page.Section {
	s := page.Section{
		Title:   "Append-only files that had the writes on disk in time",
		Columns: page.Columns("workload", "acked if", ">the master's", ">replicas' by WAITAOF", ">writes", ">share"),
		Outro:   "Of the writes that the server said OK to. Those in fewer files than asked for are indeterminate, with the error `waitaof_short`.",
	}
	for _, w := range r.Workloads {
		if w.WaitAOF == nil {
			continue
		}
		var all int64
		for _, reply := range w.WaitAOF.Replies {
			all += reply.Writes
		}
		asked := fmt.Sprintf("%s within %s", onDisks(w.WaitAOF.Local, w.WaitAOF.Replicas), words.Duration(w.WaitAOF.Timeout))
		for _, reply := range w.WaitAOF.Replies {
			s.Rows = append(s.Rows, []string{w.Name, asked, map[int]string{0: "no", 1: "yes"}[reply.Local], fmt.Sprint(reply.Replicas),
				words.Count(reply.Writes), words.Percent(float64(reply.Writes) / float64(all))})
		}
	}
	return s
}

// onDisks names the servers whose disks were asked for.
func onDisks(local, replicas int) string {
	switch {
	case local == 0:
		return words.Plural(int64(replicas), "replica")
	case replicas == 0:
		return "the master"
	default:
		return "the master and " + words.Plural(int64(replicas), "replica")
	}
}

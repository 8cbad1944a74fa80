package report

import (
	"fmt"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/page"
)

// waits tells how many replicas had the writes of workloads that asked by WAIT.
func waits(r *Result) page.Section {
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
		asked := fmt.Sprintf("%s within %s", plural(int64(w.Wait.Replicas), "replica"), Duration(w.Wait.TimeoutMS))
		for _, replicas := range slices.Sorted(maps.Keys(w.Wait.Replies)) {
			n := w.Wait.Replies[replicas]
			s.Rows = append(s.Rows, []string{w.Name, asked, fmt.Sprint(replicas), Count(n), Percent(float64(n) / float64(all))})
		}
	}
	return s
}

// waitsAOF tells who had the writes on disk, of workloads that asked by WAITAOF.
func waitsAOF(r *Result) page.Section {
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
		asked := fmt.Sprintf("%s within %s", onDisks(w.WaitAOF.Local, w.WaitAOF.Replicas), Duration(w.WaitAOF.TimeoutMS))
		for _, reply := range w.WaitAOF.Replies {
			s.Rows = append(s.Rows, []string{w.Name, asked, map[int]string{0: "no", 1: "yes"}[reply.Local], fmt.Sprint(reply.Replicas),
				Count(reply.Writes), Percent(float64(reply.Writes) / float64(all))})
		}
	}
	return s
}

// onDisks names the servers whose disks were asked for.
func onDisks(local, replicas int) string {
	switch {
	case local == 0:
		return plural(int64(replicas), "replica")
	case replicas == 0:
		return "the master"
	default:
		return "the master and " + plural(int64(replicas), "replica")
	}
}

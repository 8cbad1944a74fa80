package report

import (
	"fmt"
	"maps"
	"slices"
)

// waits tells how many replicas had the writes of workloads that asked by WAIT.
func waits(r *Result) section {
	s := section{
		Title:   "Replicas that had the writes in time",
		Columns: columns("workload", "acked if", ">replicas by WAIT", ">writes", ">share"),
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

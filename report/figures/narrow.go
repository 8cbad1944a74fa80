package figures

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
)

// ofWorkload is the result as if there were no other workload; not ok if this one did
// not get to its end.
func ofWorkload(r *report.Result, name string) (one *report.Result, ok bool) {
	i := slices.IndexFunc(r.Workloads, func(w report.Workload) bool { return w.Name == name })
	if i < 0 {
		return nil, false
	}
	w := r.Workloads[i]
	narrowed := *r
	narrowed.Workloads, narrowed.Writes, narrowed.StaleReads = []report.Workload{w}, w.Writes, nil
	if w.Reads != nil {
		narrowed.StaleReads = &w.Reads.Stale
	}
	narrowed.Failovers = nil
	for _, f := range r.Failovers {
		narrowed.Failovers = append(narrowed.Failovers, seenBy(f, name))
	}
	return &narrowed, true
}

// seenBy is a failover as if there were no other workload.
func seenBy(f report.Failover, workload string) report.Failover {
	if f.Origin == report.OriginNone {
		return f // which says why there is no time to tell
	}
	f.Clients = slices.DeleteFunc(slices.Clone(f.Clients), func(c report.Recovery) bool { return c.Workload != workload })
	f.Reasons, f.Bounds = map[string]report.Reason{}, nil
	f.Never = slices.DeleteFunc(slices.Clone(f.Never), func(field string) bool { return field == "client_recovery_ms" })
	Recovered(&f)
	return f
}

// ours is the result without the failovers that come of incidents, unless the scenario takes
// incidents as its own.
func ours(r *report.Result) *report.Result {
	if r.TakesIncidents {
		return r
	}
	ours := *r
	ours.Failovers = slices.DeleteFunc(slices.Clone(r.Failovers), func(f report.Failover) bool { return f.Origin == report.OriginIncident })
	return &ours
}

package figures

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// judgeCauses holds an expectation against the causes that were found.
func judgeCauses(j *report.Expectation, e expect.Expectation, r *report.Result) {
	all, missing := causesFound(e.Metric.Name, r)
	if missing == nil && e.Metric.Name == "outage_causes" {
		missing = unobservedShards(r)
	}
	// What was found has been, whatever else there may be.
	if missing != nil && (len(e.Causes) == 0 || !e.HoldsCauses(all)) {
		j.Reason = missing
		return
	}
	found := []string{}
	for _, c := range all {
		if !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	j.OK, j.Got = e.HoldsCauses(found), found
}

// causesFound lists the causes that an expectation is about, in the order in which they
// took effect, or the reason why they are not known.
func causesFound(name string, r *report.Result) (found []string, missing *report.Reason) {
	switch name {
	case "outage_causes":
		return causesOfOutages(r)
	case "missed_causes":
		return causesOfMissed(r)
	case "loss_causes":
		return causesOfLosses(r)
	case "phase_causes":
		for _, f := range r.Failovers {
			for _, p := range f.Phases {
				for _, finding := range p.Findings {
					found = append(found, string(finding.Cause))
				}
			}
		}
		return found, nil
	default:
		return nil, &report.Reason{Why: report.WhyNoFigure}
	}
}

func causesOfOutages(r *report.Result) (found []string, missing *report.Reason) {
	if len(r.Shards) == 0 {
		return nil, &report.Reason{Why: report.WhyNoShards}
	}
	for _, o := range r.Outages {
		found = append(found, string(o.Cause))
		for _, p := range o.Causes {
			found = append(found, string(p.Cause))
		}
	}
	return found, nil
}

// unobservedShards is why not all outages are known; nil if they are.
func unobservedShards(r *report.Result) *report.Reason {
	for _, s := range r.Shards {
		if s.Unavailable == nil {
			reason := unobserved(s)
			return &reason
		}
	}
	return nil
}

// causesOfMissed are all findings, of which the first alone is the Missed's own cause.
func causesOfMissed(r *report.Result) (found []string, missing *report.Reason) {
	for i, f := range r.Faults {
		if f.Effective == nil && f.Skipped == "" {
			return nil, &report.Reason{Why: report.WhyFaultUndated, Fault: &i}
		}
	}
	for _, m := range r.Missed {
		for _, f := range m.Findings {
			found = append(found, string(f.Cause))
		}
	}
	return found, nil
}

func causesOfLosses(r *report.Result) (found []string, missing *report.Reason) {
	if r.Writes.Lost == nil {
		reason := r.Writes.Unread()
		return nil, &reason
	}
	for _, w := range r.Workloads {
		if w.Writes.LostUndated() && len(w.Writes.Losses) == 0 {
			return nil, &report.Reason{Why: report.WhyNotIdentified, Workload: w.Name}
		}
		for _, l := range w.Writes.Losses {
			found = append(found, string(l.Cause))
		}
	}
	return found, nil
}

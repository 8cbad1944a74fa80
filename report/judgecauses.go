package report

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Causes lists what can be found to be a cause, by the expectation about it.
// docs/causes.md says what each rests on.
func Causes() map[string][]string {
	return map[string][]string{
		"outage_causes": namesOf(OutageCauses()),
		"missed_causes": namesOf(MissedCauses()),
		"loss_causes":   namesOf(LossCauses()),
		"phase_causes":  namesOf(PhaseCauses()),
	}
}

func namesOf[C ~string](causes []C) (names []string) {
	for _, c := range causes {
		names = append(names, string(c))
	}
	return names
}

// judgeCauses holds an expectation against the causes that were found.
func judgeCauses(j *Expectation, e scenarios.Expectation, r *Result) {
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
func causesFound(name string, r *Result) (found []string, missing *Reason) {
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
		return nil, &Reason{Why: WhyNoFigure}
	}
}

func causesOfOutages(r *Result) (found []string, missing *Reason) {
	if len(r.Shards) == 0 {
		return nil, &Reason{Why: WhyNoShards}
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
func unobservedShards(r *Result) *Reason {
	for _, s := range r.Shards {
		if s.UnavailableMS == nil {
			reason := s.unobserved()
			return &reason
		}
	}
	return nil
}

// causesOfMissed are all findings, of which the first alone is the Missed's own cause.
func causesOfMissed(r *Result) (found []string, missing *Reason) {
	for i, f := range r.Faults {
		if f.EffectiveMS == nil {
			return nil, &Reason{Why: WhyFaultUndated, Fault: &i}
		}
	}
	for _, m := range r.Missed {
		for _, f := range m.Findings {
			found = append(found, string(f.Cause))
		}
	}
	return found, nil
}

func causesOfLosses(r *Result) (found []string, missing *Reason) {
	if r.Writes.Lost == nil {
		reason := r.Writes.unread()
		return nil, &reason
	}
	for _, w := range r.Workloads {
		if w.Writes.lostUndated() && len(w.Writes.Losses) == 0 {
			return nil, &Reason{Why: WhyNotIdentified, Workload: w.Name}
		}
		for _, l := range w.Writes.Losses {
			found = append(found, string(l.Cause))
		}
	}
	return found, nil
}

package report

import (
	"fmt"
	"slices"
	"strings"

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
	if missing == "" && e.Metric.Name == "outage_causes" {
		missing = unobservedShards(r)
	}
	// What was found has been, whatever else there may be.
	if missing != "" && (len(e.Causes) == 0 || !e.HoldsCauses(all)) {
		j.Shown = "not measured: " + missing
		return
	}
	found := []string{}
	for _, c := range all {
		if !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	j.OK, j.Got, j.Shown = e.HoldsCauses(found), found, "none"
	if len(found) > 0 {
		j.Shown = strings.Join(found, ", ")
	}
}

// causesFound lists the causes that an expectation is about, in the order in which they
// took effect, or the reason why they are not known.
func causesFound(name string, r *Result) (found []string, missing string) {
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
		return found, ""
	default:
		return nil, "no such figure"
	}
}

func causesOfOutages(r *Result) (found []string, missing string) {
	if len(r.Shards) == 0 {
		return nil, "the record holds no shards"
	}
	for _, o := range r.Outages {
		found = append(found, string(o.Cause))
		for _, p := range o.Causes {
			found = append(found, string(p.Cause))
		}
	}
	return found, ""
}

// unobservedShards is why not all outages are known; "" if they are.
func unobservedShards(r *Result) string {
	for _, s := range r.Shards {
		if s.UnavailableMS == nil {
			return s.unobserved()
		}
	}
	return ""
}

// causesOfMissed are all findings, of which the first alone is the Missed's own cause.
func causesOfMissed(r *Result) (found []string, missing string) {
	for i, f := range r.Faults {
		if f.EffectiveMS == nil {
			return nil, fmt.Sprintf("it is not known when faults[%d] took hold", i)
		}
	}
	for _, m := range r.Missed {
		for _, f := range m.Findings {
			found = append(found, string(f.Cause))
		}
	}
	return found, ""
}

func causesOfLosses(r *Result) (found []string, missing string) {
	if r.Writes.Lost == nil {
		return nil, r.Writes.unread()
	}
	for _, w := range r.Workloads {
		if w.Writes.lostUndated() && len(w.Writes.Losses) == 0 {
			return nil, fmt.Sprintf("it is not known which writes of workload %s are lost", w.Name)
		}
		for _, l := range w.Writes.Losses {
			found = append(found, string(l.Cause))
		}
	}
	return found, ""
}

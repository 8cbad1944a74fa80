package prose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// shown is what was found of an expectation, or why nothing was.
func shown(r *report.Result, e report.Expectation) string {
	_, metric := expect.SplitName(e.Name)
	switch {
	case e.Reason != nil:
		return "not measured: " + Reason(r, *e.Reason)
	case e.Between != nil:
		return fmt.Sprintf("between %s and %s, because this program was not run all the time", words.Duration(e.Between[0]), words.Duration(e.Between[1]))
	}
	text := valueText(e.Got, unitOf(metric))
	switch metric {
	case "lost_writes", "lost_ratio":
		text += notShown(r) + notWritten(r)
	case "failovers":
		text += ofIncidents(r)
	case "incidents":
		if !r.TakesIncidents {
			text += ": " + strings.Join(incidentsShown(r), ", ")
		}
	}
	return text
}

// ofIncidents counts the failovers that came of incidents, which are not counted with the others.
func ofIncidents(r *report.Result) string {
	more := 0
	for _, f := range r.Failovers {
		if f.Origin == report.OriginIncident && !r.TakesIncidents {
			more++
		}
	}
	if more == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d more came of incidents)", more)
}

func unitOf(metric string) expect.Unit {
	all := expect.Metrics()
	if i := slices.IndexFunc(all, func(m expect.Metric) bool { return m.Name == metric }); i >= 0 {
		return all[i].Unit
	}
	return expect.UnitCount
}

// valueText is what was found of an expectation, for a person.
func valueText(got any, unit expect.Unit) string {
	switch v := got.(type) {
	case []string:
		return cmp.Or(strings.Join(v, ", "), "none")
	case int64:
		return words.Count(v)
	case float64:
		if unit == expect.UnitMillis {
			return words.Duration(record.Millis(v))
		}
		return words.Percent(v)
	default:
		return fmt.Sprint(v)
	}
}

// notShown says of which shards no loss could be found, because no workload had a write
// acked there after a fault had taken hold.
func notShown(r *report.Result) string {
	var hit int
	for _, f := range r.Faults {
		if f.Effective != nil {
			hit++
		}
	}
	var shards []string
	for _, s := range r.Shards {
		if !ackedAfterFault(s) {
			shards = append(shards, fmt.Sprint(s.Shard))
		}
	}
	if hit == 0 || len(shards) == 0 {
		return ""
	}
	which, of, fault := "shard", "it", "the fault"
	if len(shards) > 1 {
		which, of = "shards", "them"
	}
	if hit > 1 {
		fault = "the first fault"
	}
	return fmt.Sprintf(" (%s %s had no acked write after %s: nothing is shown of %s)", which, strings.Join(shards, ", "), fault, of)
}

// notWritten says for how long nothing was written that could have been lost, because this
// program was not run.
func notWritten(r *report.Result) string {
	if len(r.Holes) == 0 {
		return ""
	}
	return fmt.Sprintf(" (nothing was written for %s, while this program was not run)", words.Duration(inAll(r.Holes)))
}

// ackedAfterFault tells whether a workload had a write on the shard acked after the
// first fault took hold, or whether there was none.
func ackedAfterFault(s report.Shard) bool { return s.AckedAfterFault == nil || *s.AckedAfterFault }

package prose

import "github.com/redis-chaos/redis-chaos/report"

// Describe puts into words what an analysis found: the strings of result.json that are for
// people. It returns the result that it was given.
func Describe(r *report.Result) *report.Result {
	for i := range r.Missed {
		m := &r.Missed[i]
		m.Reason = missedReason(r, *m)
		setRemedies(missedRemedies(), m.Findings)
	}
	for i := range r.Failovers {
		describeFailover(r, &r.Failovers[i])
	}
	for i := range r.Outages {
		o := &r.Outages[i]
		o.Change = outageRemedies()[o.Cause]
		for j := range o.Causes {
			o.Causes[j].Change = outageRemedies()[o.Causes[j].Cause]
		}
	}
	for i := range r.Shards {
		setRemedies(outageRemedies(), r.Shards[i].Findings)
	}
	for i := range r.Workloads {
		describeWorkload(r, &r.Workloads[i])
	}
	for i := range r.Expectations {
		r.Expectations[i].Shown = shown(r, r.Expectations[i])
	}
	r.Notes = []string{}
	for _, n := range r.Notices {
		r.Notes = append(r.Notes, Notice(r, n))
	}
	return r
}

func describeFailover(r *report.Result, f *report.Failover) {
	f.Unmeasured = unmeasured(r, f.Reasons)
	for i := range f.Phases {
		p := &f.Phases[i]
		p.Detail = detail(r, *f, *p)
		setRemedies(phaseRemedies(), p.Findings)
	}
	setRemedies(phaseRemedies(), f.Findings)
	f.Remarks = remarksOf(r, *f)
}

func describeWorkload(r *report.Result, w *report.Workload) {
	w.Unmeasured = unmeasured(r, w.Reasons)
	for _, losses := range [][]report.Loss{w.Writes.Losses, w.Writes.Removed} {
		for i := range losses {
			losses[i].Change = lossRemedies()[losses[i].Cause]
		}
	}
}

// unmeasured is why figures are nil, in words.
func unmeasured(r *report.Result, reasons map[string]report.Reason) map[string]string {
	if len(reasons) == 0 {
		return nil
	}
	texts := map[string]string{}
	for name, reason := range reasons {
		texts[name] = Reason(r, reason)
	}
	return texts
}

// setRemedies adds to findings what would change them.
func setRemedies(remedies map[report.Cause]string, findings []report.Finding) {
	for i := range findings {
		findings[i].Change = remedies[findings[i].Cause]
	}
}

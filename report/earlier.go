package report

import "github.com/redis-chaos/redis-chaos/report/record"

// complete enters what results of earlier versions do not tell, as far as it follows from what
// they do.
func (r *Result) complete() {
	for i := range r.Faults {
		f := &r.Faults[i]
		if f.Past == "" && f.Requested != nil {
			f.Past, f.Effects = (&record.Fault{Kind: f.Kind, Detail: f.Detail}).Does()
		}
	}
	for i := range r.Failovers {
		f := &r.Failovers[i]
		if f.From == 0 && f.At != nil && f.Promoted != nil {
			f.From = *f.At - *f.Promoted
		}
		completeFindings(f.Findings)
		for _, p := range f.Phases {
			completeFindings(p.Findings)
		}
	}
	for i := range r.Missed {
		m := &r.Missed[i]
		if hit := r.Faults[m.Fault]; m.From == 0 {
			m.From = OrZero(hit.Effective)
		}
		completeFindings(m.Findings)
	}
	for _, o := range r.Outages {
		completeEvidence(o.Evidence)
		for _, p := range o.Causes {
			completeEvidence(p.Evidence)
		}
	}
	judged := int64(0)
	for i := range r.Workloads {
		w := &r.Workloads[i]
		if !w.NoLoss && w.Writes.Judged == 0 {
			w.NoLoss = w.Heard != nil || w.Locks != nil || w.Linearizability != nil
		}
		if !w.NoLoss && w.Writes.Judged == 0 {
			w.Writes.Judged = w.Writes.Acked
		}
		judged += w.Writes.Judged
	}
	r.Writes.Judged = judged
}

func completeFindings(findings []Finding) {
	for _, f := range findings {
		completeEvidence(f.Evidence)
	}
}

func completeEvidence(evidence []Evidence) {
	for i := range evidence {
		if e := &evidence[i]; e.Kind == "fault" && e.Past == "" {
			e.Past, _ = (&record.Fault{Kind: e.Name}).Does()
		}
	}
}

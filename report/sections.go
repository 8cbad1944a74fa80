package report

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// anatomies tell each failover in its phases, beside what the configuration
// predicts, with what is unusual below.
func anatomies(r *Result) []page.Section {
	var all []page.Section
	for _, f := range r.Failovers {
		s := page.Section{
			Title:   fmt.Sprintf("Anatomy: shard %d, %s → %s", f.Shard, f.OldMaster, f.NewMaster),
			Columns: page.Columns("phase", ">from", ">took", ">predicted", "what happened"),
		}
		for _, p := range f.Phases {
			s.Rows = append(s.Rows, []string{p.Name, Duration(p.FromMS), "**" + Duration(p.TookMS) + "**", between(p.PredictedMS), p.Detail})
		}
		if len(s.Rows) > 0 {
			s.Intro = anatomyIntro(r, f)
		}
		s.Lists = [][]string{f.Remarks}
		all = append(all, s)
	}
	return all
}

func anatomyIntro(r *Result, f Failover) string {
	intro := fmt.Sprintf("What is predicted follows from `cluster-node-timeout` %s and the fixed times of %s %s.",
		r.nodeTimeout(), r.Run.Server.Name, r.Run.Server.Version)
	least, most := 0.0, 0.0
	for _, p := range f.Phases {
		if p.PredictedMS != nil {
			least += p.PredictedMS[0]
			most += p.PredictedMS[1]
		}
	}
	if f.FirstWriteMS != nil && f.unplanned() && most > 0 {
		intro += fmt.Sprintf(" It lets a failover take %s; this one took **%s**.", between(&[2]float64{least, most}), Duration(*f.FirstWriteMS))
	}
	return intro
}

// nodeTimeout is cluster-node-timeout as a person reads it.
func (r *Result) nodeTimeout() string {
	if ms, ok := r.Run.Config["cluster-node-timeout"]; ok {
		return ms + " ms"
	}
	return "15000 ms (the server's default)"
}

// between writes a range: 5 – 7.7 s.
func between(bounds *[2]float64) string {
	if bounds == nil {
		return "–"
	}
	least, most := Duration(bounds[0]), Duration(bounds[1])
	unit := func(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }
	if unit(least) == unit(most) || bounds[0] == 0 {
		least = strings.TrimSuffix(least, " "+unit(least))
	}
	return least + " – " + most
}

// recoveries tell how each workload came through each failover.
func recoveries(r *Result) page.Section {
	s := page.Section{
		Title: "Applications through the failovers",
		Intro: "How each workload reached the new master through its cluster client. Library is what the client added after the new master had taken its first write; not measurable for writes that wait for replicas as well.",
		Columns: page.Columns("workload", ">shard", ">last ack before", ">first ack after", ">recovery", ">library", ">longest call", ">longest silence afterwards",
			"errors on the shard"),
	}
	for _, f := range r.Failovers {
		for _, c := range f.Clients {
			var errors []string
			for _, e := range c.Errors {
				errors = append(errors, fmt.Sprintf("%s %s (%s, %s – %s)", Count(e.Count), e.Kind, e.Outcome, Duration(e.FirstMS), Duration(e.LastMS)))
			}
			s.Rows = append(s.Rows, []string{
				c.Workload, fmt.Sprint(f.Shard), optional(c.LastAckMS), optional(c.FirstAckMS), optional(c.RecoveryMS),
				optional(c.LibraryMS), optional(c.StallMS), quiet(c.SilentAgainMS), strings.Join(errors, "; "),
			})
		}
	}
	return s
}

// quiet writes the longest period of a shard's acks, which are recorded in rows
// that shorter ones do not break.
func quiet(ms *float64) string {
	if ms != nil && *ms < record.AckGapMS {
		return fmt.Sprintf("none over %d ms", record.AckGapMS)
	}
	return optional(ms)
}

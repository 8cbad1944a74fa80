package failovers

import (
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/predict"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// anatomy takes a failover apart: its phases, each with what the configuration
// predicts, and why it took longer.
func anatomy(facts *observed.Facts, f *report.Failover, c observed.MasterChange) {
	predictor := predictor(facts)
	won := c.Seen
	if f.At != nil {
		won = *f.At
	}
	f.Voters = voters(facts, c, f.From, won)
	add := func(name string, from, to *record.Millis, predicted *[2]record.Millis) *report.Phase {
		if from == nil || to == nil {
			return &report.Phase{}
		}
		f.Phases = append(f.Phases, report.Phase{Name: name, From: *from, Took: *to - *from, Predicted: predicted})
		return &f.Phases[len(f.Phases)-1]
	}
	predicted := func(name string, from, to *record.Millis, bounds [2]record.Millis) *report.Phase {
		return add(name, from, to, &bounds)
	}
	zero := record.Millis(0)
	waitFrom := &zero
	if f.Unplanned() {
		predicted(report.SuspicionPhase, &zero, f.PFail, predictor.Suspicion()).Node = suspectedBy(facts, c.From, f.From)
		predicted(report.AgreementPhase, f.PFail, f.Fail, predictor.Agreement()).Node = agreed(facts, c.From, f.From)
		waitFrom = (*record.Millis)((*float64)(f.Fail))
	}
	predicted(report.DelayPhase, (*record.Millis)(waitFrom), f.Election, electionDelay(facts, f, c, won)).Delays = delaysChosen(facts, c, f.From, won)
	predicted(report.VotesPhase, f.Election, f.Promoted, predictor.Votes())
	predicted(report.OpeningPhase, f.Promoted, f.FirstWrite, predictor.Opening())
	add(report.ConvergencePhase, f.Promoted, f.Converged, nil).Node = lastToAgree(facts, c)
	clientsFrom := f.FirstWrite
	if f.FirstWrite != nil && f.ClientRecovery != nil && *f.ClientRecovery < *f.FirstWrite {
		clientsFrom = f.ClientRecovery // they were there before the first probe
	}
	add(report.ClientsPhase, clientsFrom, f.ClientRecovery, nil)
	f.Disorder = disorder(facts, *f, c)
	explainPhases(facts, f, c)
}

// predictor is what decides the phases of the run's failovers.
func predictor(facts *observed.Facts) predict.Predictor {
	return predict.Predictor{Server: facts.Started.Server, Timeout: facts.NodeTimeout(), ProbePace: facts.ProbePace}
}

// betweenProbes tells whether applications had a write acked before the first probe
// did, by no more than the time between two probes.
func betweenProbes(facts *observed.Facts, f *report.Failover) bool {
	if f.FirstWrite == nil || f.ClientRecovery == nil {
		return false
	}
	sooner := *f.FirstWrite - *f.ClientRecovery
	return sooner > 0 && sooner <= predict.Open+(2*facts.ProbePace)
}

// electionDelay is the least and the most that the winner waits between hearing
// of the failure and its election, in ms.
func electionDelay(facts *observed.Facts, f *report.Failover, c observed.MasterChange, won record.Millis) [2]record.Millis {
	if f.Origin == report.OriginManual {
		return [2]record.Millis{0, predict.Cron + predict.Votes}
	}
	rank, primaryRank := 0, 0
	for _, l := range electionLogs(facts, c, f.From, won) {
		rank, primaryRank = max(rank, l.Rank), max(primaryRank, primaryRankOf(l.Text))
	}
	return predictor(facts).ElectionDelay(rank, primaryRank)
}

// primaryRankOf reads “(rank #0, primary rank #1, offset 42)”.
func primaryRankOf(text string) (rank int) {
	if _, after, ok := strings.Cut(text, "primary rank #"); ok {
		digits, _, _ := strings.Cut(after, ",")
		rank, _ = strconv.Atoi(digits)
	}
	return rank
}

// electionLogs are what the winner said of the delay of its election.
func electionLogs(facts *observed.Facts, c observed.MasterChange, from, to record.Millis) []observed.LogLine {
	return append(facts.Logs(c.To, record.LogElectionDelayed, from-observed.LogSlack, to), facts.Logs(c.To, record.LogElectionPostpone, from-observed.LogSlack, to)...)
}

// suspectedBy is who flagged a node first; "" if that is not known, as for the two below.
func suspectedBy(facts *observed.Facts, subject string, effective record.Millis) string {
	at, _ := facts.Suspected(subject, effective)
	for _, e := range facts.Events {
		if n, ok := e.Data.(*record.NodeFlag); ok && e.At == at && n.Subject == subject {
			return n.Observer
		}
	}
	return ""
}

// agreed is who found that a majority agrees.
func agreed(facts *observed.Facts, subject string, effective record.Millis) string {
	for _, l := range facts.Logs("", record.LogMarkedFail, effective-observed.LogSlack, facts.End) {
		if l.Subject == subject {
			return l.Node
		}
	}
	return ""
}

// lastToAgree is who was the last to name the new master.
func lastToAgree(facts *observed.Facts, c observed.MasterChange) (last string) {
	at, ok := converged(facts, c)
	if !ok {
		return ""
	}
	for _, e := range facts.Events {
		if o, ok := e.Data.(*record.SlotOwner); ok && o.Shard == c.Shard && o.Owner == c.To && e.At <= at {
			last = o.Observer
		}
	}
	return last
}

// delaysChosen are the delays that the winner chose.
func delaysChosen(facts *observed.Facts, c observed.MasterChange, from, to record.Millis) (delays []report.Delay) {
	for _, l := range electionLogs(facts, c, from, to) {
		delays = append(delays, report.Delay{At: record.Millis(l.Millis), Rank: l.Rank, More: l.Kind == record.LogElectionPostpone})
	}
	return delays
}

// voters are the masters that say that they voted for the winner in its last
// election.
func voters(facts *observed.Facts, c observed.MasterChange, from, won record.Millis) []string {
	started := facts.Logs(c.To, record.LogElectionStarted, from-observed.LogSlack, won+observed.LogSlack)
	if len(started) == 0 {
		return nil
	}
	epoch := started[len(started)-1].Epoch
	var voters []string
	for _, l := range facts.Logs("", record.LogVoteGranted, from-observed.LogSlack, facts.End) {
		if l.Subject == c.To && l.Epoch == epoch && !slices.Contains(voters, l.Node) {
			voters = append(voters, l.Node)
		}
	}
	return voters
}

// disorder finds phases that follow each other and are seen out of order.
func disorder(facts *observed.Facts, f report.Failover, c observed.MasterChange) (all []report.Disorder) {
	moments := []struct {
		name   string
		at     *record.Millis
		polled bool // seen by asking, so late by up to the observers' pace
	}{
		{"pfail_ms", f.PFail, true}, {"fail_ms", f.Fail, false}, {"election_ms", f.Election, false},
		{"promoted_ms", f.Promoted, !facts.HasLog(c.To)}, {"first_write_ms", f.FirstWrite, false}, {"client_recovery_ms", f.ClientRecovery, false},
	}
	last := -1
	for i, s := range moments {
		if s.at == nil {
			continue
		}
		if last < 0 || *s.at >= *moments[last].at {
			last = i
			continue
		}
		d := report.Disorder{Early: s.name, Late: moments[last].name, By: *moments[last].at - *s.at, Cause: report.DisorderClocks}
		switch late := moments[last]; {
		case s.at == f.ClientRecovery && betweenProbes(facts, &f):
			continue
		case s.at == f.ClientRecovery && late.at == f.FirstWrite:
			d.Cause = report.DisorderProbeLate
		case len(facts.ClockSteps) > 0:
			d.Cause = report.DisorderClockSet
		case late.polled:
			d.Cause = report.DisorderPolled
		}
		all = append(all, d)
	}
	return all
}

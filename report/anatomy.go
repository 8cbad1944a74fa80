package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// anatomy takes a failover apart: its phases, each with what the configuration
// predicts, and why it took longer.
func (h *history) anatomy(f *Failover, c change) {
	predictor := h.predictor()
	won := c.seen
	if f.AtMS != nil {
		won = *f.AtMS
	}
	f.Voters = h.voters(c, f.FromMS, won)
	add := func(name string, from, to *float64, predicted *[2]float64) *Phase {
		if from == nil || to == nil {
			return &Phase{}
		}
		f.Phases = append(f.Phases, Phase{Name: name, FromMS: *from, TookMS: *to - *from, PredictedMS: predicted})
		return &f.Phases[len(f.Phases)-1]
	}
	predicted := func(name string, from, to *float64, bounds [2]float64) *Phase { return add(name, from, to, &bounds) }
	zero := 0.0
	waitFrom := &zero
	if f.unplanned() {
		predicted(phaseSuspicion, &zero, f.PFailMS, predictor.suspicion()).Node = h.suspectedBy(c.from, f.FromMS)
		predicted(phaseAgreement, f.PFailMS, f.FailMS, predictor.agreement()).Node = h.agreed(c.from, f.FromMS)
		waitFrom = f.FailMS
	}
	predicted(phaseDelay, waitFrom, f.ElectionMS, h.electionDelay(f, c, won)).Delays = h.delaysChosen(c, f.FromMS, won)
	predicted(phaseVotes, f.ElectionMS, f.PromotedMS, predictor.votes())
	predicted(phaseOpening, f.PromotedMS, f.FirstWriteMS, predictor.opening())
	add(phaseConvergence, f.PromotedMS, f.ConvergedMS, nil).Node = h.lastToAgree(c)
	clientsFrom := f.FirstWriteMS
	if f.FirstWriteMS != nil && f.ClientRecoveryMS != nil && *f.ClientRecoveryMS < *f.FirstWriteMS {
		clientsFrom = f.ClientRecoveryMS // they were there before the first probe
	}
	add(phaseClients, clientsFrom, f.ClientRecoveryMS, nil)
	f.Disorder = h.disorder(*f, c)
	h.explainPhases(f, c)
}

// predictor is what decides the phases of the run's failovers.
func (h *history) predictor() Predictor {
	return Predictor{Server: h.started.Server, TimeoutMS: h.nodeTimeout(), ProbePaceMS: h.probePace}
}

// betweenProbes tells whether applications had a write acked before the first probe
// did, by no more than the time between two probes.
func (h *history) betweenProbes(f *Failover) bool {
	if f.FirstWriteMS == nil || f.ClientRecoveryMS == nil {
		return false
	}
	sooner := *f.FirstWriteMS - *f.ClientRecoveryMS
	return sooner > 0 && sooner <= openMS+2*h.probePace
}

// electionDelay is the least and the most that the winner waits between hearing
// of the failure and its election, in ms.
func (h *history) electionDelay(f *Failover, c change, won float64) [2]float64 {
	if f.Origin == OriginManual {
		return [2]float64{0, cronMS + votesMS}
	}
	rank, primaryRank := 0, 0
	for _, l := range h.electionLogs(c, f.FromMS, won) {
		rank, primaryRank = max(rank, l.Rank), max(primaryRank, primaryRankOf(l.Text))
	}
	return h.predictor().electionDelay(rank, primaryRank)
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
func (h *history) electionLogs(c change, from, to float64) []logLine {
	return append(h.logs(c.to, record.LogElectionDelayed, from-logSlack, to), h.logs(c.to, record.LogElectionPostpone, from-logSlack, to)...)
}

// suspectedBy is who flagged a node first; "" if that is not known, as for the two below.
func (h *history) suspectedBy(subject string, effective float64) string {
	at, _ := h.suspected(subject, effective)
	for _, e := range h.events {
		if n, ok := e.Data.(*record.NodeFlag); ok && e.MS == at && n.Subject == subject {
			return n.Observer
		}
	}
	return ""
}

// agreed is who found that a majority agrees.
func (h *history) agreed(subject string, effective float64) string {
	for _, l := range h.logs("", record.LogMarkedFail, effective-logSlack, h.end) {
		if l.Subject == subject {
			return l.Node
		}
	}
	return ""
}

// lastToAgree is who was the last to name the new master.
func (h *history) lastToAgree(c change) (last string) {
	at, ok := h.converged(c)
	if !ok {
		return ""
	}
	for _, e := range h.events {
		if o, ok := e.Data.(*record.SlotOwner); ok && o.Shard == c.shard && o.Owner == c.to && e.MS <= at {
			last = o.Observer
		}
	}
	return last
}

// delaysChosen are the delays that the winner chose.
func (h *history) delaysChosen(c change, from, to float64) (delays []Delay) {
	for _, l := range h.electionLogs(c, from, to) {
		delays = append(delays, Delay{MS: float64(l.Millis), Rank: l.Rank, More: l.Kind == record.LogElectionPostpone})
	}
	return delays
}

// voters are the masters that say that they voted for the winner in its last
// election.
func (h *history) voters(c change, from, won float64) []string {
	started := h.logs(c.to, record.LogElectionStarted, from-logSlack, won+logSlack)
	if len(started) == 0 {
		return nil
	}
	epoch := started[len(started)-1].Epoch
	var voters []string
	for _, l := range h.logs("", record.LogVoteGranted, from-logSlack, h.end) {
		if l.Subject == c.to && l.Epoch == epoch && !slices.Contains(voters, l.Node) {
			voters = append(voters, l.Node)
		}
	}
	return voters
}

// disorder finds phases that follow each other and are seen out of order.
func (h *history) disorder(f Failover, c change) (all []Disorder) {
	steps := []struct {
		name   string
		at     *float64
		polled bool // seen by asking, so late by up to the observers' pace
	}{
		{"pfail_ms", f.PFailMS, true}, {"fail_ms", f.FailMS, false}, {"election_ms", f.ElectionMS, false},
		{"promoted_ms", f.PromotedMS, !h.hasLog(c.to)}, {"first_write_ms", f.FirstWriteMS, false}, {"client_recovery_ms", f.ClientRecoveryMS, false},
	}
	last := -1
	for i, s := range steps {
		if s.at == nil {
			continue
		}
		if last < 0 || *s.at >= *steps[last].at {
			last = i
			continue
		}
		d := Disorder{Early: s.name, Late: steps[last].name, ByMS: *steps[last].at - *s.at, Cause: DisorderClocks}
		switch late := steps[last]; {
		case s.at == f.ClientRecoveryMS && h.betweenProbes(&f):
			continue
		case s.at == f.ClientRecoveryMS && late.at == f.FirstWriteMS:
			d.Cause = DisorderProbeLate
		case len(h.steps) > 0:
			d.Cause = DisorderClockSet
		case late.polled:
			d.Cause = DisorderPolled
		}
		all = append(all, d)
	}
	return all
}

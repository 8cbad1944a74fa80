package report

import (
	"fmt"
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
	add := func(name string, from, to *float64, predicted *[2]float64, detail string) {
		if from == nil || to == nil {
			return
		}
		f.Phases = append(f.Phases, Phase{Name: name, FromMS: *from, TookMS: *to - *from, PredictedMS: predicted, Detail: detail})
	}
	predicted := func(name string, from, to *float64, bounds [2]float64, detail string) {
		add(name, from, to, &bounds, detail)
	}
	zero := 0.0
	waitFrom := &zero
	if f.unplanned() {
		predicted(phaseSuspicion, &zero, f.PFailMS, predictor.suspicion(), h.suspectedBy(c.from, f.FromMS))
		predicted(phaseAgreement, f.PFailMS, f.FailMS, predictor.agreement(), h.agreed(c.from, f.FromMS))
		waitFrom = f.FailMS
	}
	predicted(phaseDelay, waitFrom, f.ElectionMS, h.electionDelay(f, c, won), h.delay(c, f.FromMS, won))
	predicted(phaseVotes, f.ElectionMS, f.PromotedMS, predictor.votes(), voted(f.Voters, h.started.Masters))
	predicted(phaseOpening, f.PromotedMS, f.FirstWriteMS, predictor.opening(), fmt.Sprintf("%s acks its first write", c.to))
	add("convergence", f.PromotedMS, f.ConvergedMS, nil, h.lastToAgree(c))
	clientsFrom := f.FirstWriteMS
	if f.FirstWriteMS != nil && f.ClientRecoveryMS != nil && *f.ClientRecoveryMS < *f.FirstWriteMS {
		clientsFrom = f.ClientRecoveryMS // they were there before the first probe
	}
	add("clients", clientsFrom, f.ClientRecoveryMS, nil, "the slowest workload has a write acked through the cluster client")
	f.Remarks = append(f.Remarks, h.disorder(*f, c)...)
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

// suspectedBy says who flagged a node first.
func (h *history) suspectedBy(subject string, effective float64) string {
	at, _ := h.suspected(subject, effective)
	for _, e := range h.events {
		if n, ok := e.Data.(*record.NodeFlag); ok && e.MS == at && n.Subject == subject {
			return fmt.Sprintf("%s is the first seen to flag %s as `fail?`", n.Observer, subject)
		}
	}
	return ""
}

// agreed says who found that a majority agrees.
func (h *history) agreed(subject string, effective float64) string {
	for _, l := range h.logs("", record.LogMarkedFail, effective-logSlack, h.end) {
		if l.Subject == subject {
			return fmt.Sprintf("%s sees a majority agree and marks it as failed", l.Node)
		}
	}
	return "a majority of masters suspects it"
}

// delay says what delay the winner chose.
func (h *history) delay(c change, from, to float64) string {
	logs := h.electionLogs(c, from, to)
	if len(logs) == 0 {
		return fmt.Sprintf("%s waits before it stands", c.to)
	}
	var parts []string
	for _, l := range logs {
		switch {
		case l.Kind == record.LogElectionPostpone:
			parts = append(parts, fmt.Sprintf("%s more at rank %d", Duration(float64(l.Millis)), l.Rank))
		case l.Millis == 0:
			parts = append(parts, fmt.Sprintf("no delay at rank %d", l.Rank))
		default:
			parts = append(parts, fmt.Sprintf("a delay of %s at rank %d", Duration(float64(l.Millis)), l.Rank))
		}
	}
	return fmt.Sprintf("%s chose %s", c.to, strings.Join(parts, ", then "))
}

// lastToAgree says who was the last to name the new master.
func (h *history) lastToAgree(c change) string {
	at, ok := h.converged(c)
	if !ok {
		return ""
	}
	last := ""
	for _, e := range h.events {
		if o, ok := e.Data.(*record.SlotOwner); ok && o.Shard == c.shard && o.Owner == c.to && e.MS <= at {
			last = o.Observer
		}
	}
	return fmt.Sprintf("%s is the last one that can be reached to name %s as the owner", last, c.to)
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

func voted(voters []string, masters int) string {
	if len(voters) == 0 {
		return fmt.Sprintf("%d of %d votes needed", majority(masters), masters)
	}
	return fmt.Sprintf("%s voted for it; %d of %d votes needed", list(voters), majority(masters), masters)
}

// list joins names: "a", "a and b", "a, b and c"; many are counted: "a, b, c and 9 more".
func list(names []string) string {
	const most, shown = 6, 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// disorder says why phases that follow each other are seen out of order.
func (h *history) disorder(f Failover, c change) (remarks []string) {
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
		if last >= 0 && *s.at < *steps[last].at {
			early, late := steps[i], steps[last]
			reason := "the servers' clock and this program's do not agree"
			switch {
			case s.at == f.ClientRecoveryMS && h.betweenProbes(&f):
				continue
			case s.at == f.ClientRecoveryMS && late.at == f.FirstWriteMS:
				reason = "the probe that would have found the shard open as soon was late"
			case len(h.steps) > 0:
				reason = "this machine's clock was set while the run was going on"
			case late.polled:
				reason = "the one is seen by asking every node in turn, the other in its log"
			}
			remarks = append(remarks, fmt.Sprintf("%s is %s before %s, which it follows: %s.", early.name, Duration(*late.at-*early.at), late.name, reason))
			continue
		}
		last = i
	}
	return remarks
}

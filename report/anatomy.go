package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// What a server does at fixed times, in ms (cluster.c of Redis 6.2 to 8, and
// cluster_legacy.c of Valkey).
const (
	// cronMS is how often a node looks after its peers (clusterCron).
	cronMS = 100
	// electionDelayMS is the fixed part of the delay of an election, and the most of its
	// random part. Twice that is added for every replica that has more of the data, and
	// from Valkey 8.1 on once for every other failed master whose replicas go first
	// (https://github.com/valkey-io/valkey/pull/1018). See delayUnit.
	electionDelayMS = 500
	// votesMS is a generous time for all masters to answer a request for votes.
	votesMS = 100
	// openMS is how long after an election, beside two intervals of probes, a probe
	// finds the shard open.
	openMS = 5
)

// The phases that the configuration decides.
const (
	phaseSuspicion = "suspicion"
	phaseAgreement = "agreement"
	phaseDelay     = "election delay"
	phaseVotes     = "votes"
	phaseOpening   = "opening"
)

// anatomy takes a failover apart: its phases, each with what the configuration
// predicts, and why it took longer.
func (h *history) anatomy(f *Failover, c change, faults []Fault) {
	timeout := h.nodeTimeout()
	won := c.seen
	if f.AtMS != nil {
		won = *f.AtMS
	}
	f.Voters = h.voters(c, f.effective, won)
	add := func(name string, from, to *float64, predicted *[2]float64, detail string) {
		if from == nil || to == nil {
			return
		}
		f.Phases = append(f.Phases, Phase{Name: name, FromMS: *from, TookMS: *to - *from, PredictedMS: predicted, Detail: detail})
	}
	zero := 0.0
	waitFrom := &zero
	if f.unplanned() {
		add(phaseSuspicion, &zero, f.PFailMS, &[2]float64{timeout, longestSuspicion(timeout)}, h.suspectedBy(c.from, f.effective, faults))
		// The last master to suspect may be that much later than the first, and tells
		// of it with its next ping, which leaves after half the timeout at the latest.
		add(phaseAgreement, f.PFailMS, f.FailMS, &[2]float64{0, timeout + 3*cronMS}, h.agreed(c.from, f.effective))
		waitFrom = f.FailMS
	}
	least, most := h.electionDelay(f, c, won)
	add(phaseDelay, waitFrom, f.ElectionMS, &[2]float64{least, most}, h.delay(c, f.effective, won))
	add(phaseVotes, f.ElectionMS, f.PromotedMS, &[2]float64{0, votesMS}, voted(f.Voters, h.started.Masters))
	add(phaseOpening, f.PromotedMS, f.FirstWriteMS, &[2]float64{0, openMS + 2*h.probePace}, fmt.Sprintf("%s acks its first write", c.to))
	add("convergence", f.PromotedMS, f.ConvergedMS, nil, h.lastToAgree(c))
	clientsFrom := f.FirstWriteMS
	if f.FirstWriteMS != nil && f.ClientRecoveryMS != nil && *f.ClientRecoveryMS < *f.FirstWriteMS {
		clientsFrom = f.ClientRecoveryMS // they were there before the first probe
	}
	add("clients", clientsFrom, f.ClientRecoveryMS, nil, "the slowest workload has a write acked through the cluster client")
	f.Remarks = append(f.Remarks, h.disorder(*f, c)...)
	h.explainPhases(f, c, faults)
}

// longestSuspicion is the longest that a node may be silent before it is suspected, in
// ms, by cluster-node-timeout: a ping leaves when the last pong is half the timeout old,
// and is given the whole timeout; both are looked at by cron.
func longestSuspicion(timeout float64) float64 { return 1.5*timeout + 2*cronMS }

// betweenProbes tells whether applications had a write acked before the first probe
// did, by no more than the time between two probes.
func (h *history) betweenProbes(f *Failover) bool {
	if f.FirstWriteMS == nil || f.ClientRecoveryMS == nil {
		return false
	}
	sooner := *f.FirstWriteMS - *f.ClientRecoveryMS
	return sooner > 0 && sooner <= openMS+2*h.probePace
}

// delayUnit is what the delay of an election is made of, in ms: from Valkey 9.0 on a
// thirtieth of cluster-node-timeout where that is less
// (https://github.com/valkey-io/valkey/pull/2449).
func (h *history) delayUnit() float64 {
	if h.isValkey(9, 0) {
		return min(electionDelayMS, h.nodeTimeout()/30)
	}
	return electionDelayMS
}

// electionDelay is the least and the most that the winner waits between hearing
// of the failure and its election.
func (h *history) electionDelay(f *Failover, c change, won float64) (least, most float64) {
	if f.Origin == OriginManual {
		return 0, cronMS + votesMS
	}
	unit := h.delayUnit()
	rank, primaryRank := 0, 0
	for _, l := range h.electionLogs(c, f.effective, won) {
		rank, primaryRank = max(rank, l.Rank), max(primaryRank, primaryRankOf(l.Text))
	}
	wait := float64(rank)*2*unit + float64(primaryRank)*unit
	least, most = unit+wait, 2*unit+wait+2*cronMS
	if h.isValkey(9, 1) {
		// A replica that knows itself to be ranked best does not wait
		// (https://github.com/valkey-io/valkey/pull/2227).
		least = wait
	}
	return least, most
}

// primaryRankOf reads “(rank #0, primary rank #1, offset 42)”.
func primaryRankOf(text string) (rank int) {
	if _, after, ok := strings.Cut(text, "primary rank #"); ok {
		digits, _, _ := strings.Cut(after, ",")
		rank, _ = strconv.Atoi(digits)
	}
	return rank
}

// isValkey tells whether the servers are Valkey of a version or a later one.
func (h *history) isValkey(major, minor int) bool {
	server := h.started.Server
	first, rest, _ := strings.Cut(server.Version, ".")
	second, _, _ := strings.Cut(rest, ".")
	a, _ := strconv.Atoi(first)
	b, _ := strconv.Atoi(second)
	return server.Name == "valkey" && (a > major || a == major && b >= minor)
}

// electionLogs are what the winner said of the delay of its election.
func (h *history) electionLogs(c change, from, to float64) []logLine {
	return append(h.logs(c.to, record.LogElectionDelayed, from-logSlack, to), h.logs(c.to, record.LogElectionPostpone, from-logSlack, to)...)
}

// suspectedBy says who flagged a node first.
func (h *history) suspectedBy(subject string, effective float64, faults []Fault) string {
	at, _ := h.suspected(subject, effective, faults)
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

// Package losses accounts for the writes of the workloads, and says how acked ones were lost.
package losses

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// lossesOf sums up the losses of all clients, by shard, node, fault and cause.
func lossesOf(facts *observed.Facts, v *record.Verified, failovers []report.Failover) []report.Loss {
	type group struct {
		shard int
		node  string
		fault int
		cause report.Cause
	}
	groups := map[group]*report.Loss{}
	clients := map[group]map[int]bool{}
	for _, l := range v.Losses {
		why := whyLost(facts, l, failovers)
		g := group{l.Shard, l.Node, -1, why.Cause}
		if why.Fault != nil {
			g.fault = *why.Fault
		}
		sum := groups[g]
		if sum == nil {
			sum = &why
			groups[g], clients[g] = sum, map[int]bool{}
		}
		sum.First, sum.Last = min(sum.First, l.First), max(sum.Last, l.Last)
		sum.Count += l.Count
		clients[g][l.Client] = true
		sum.Clients = len(clients[g])
	}
	var all []report.Loss
	for _, sum := range groups {
		all = append(all, *sum)
	}
	slices.SortFunc(all, func(a, b report.Loss) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Shard, b.Shard), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Cause, b.Cause))
	})
	return all
}

// whyLost finds how writes were lost, without counting them: by the failover of the
// shard away from the node that acked them, or else by that node's death, or by what the
// servers count of what they removed.
func whyLost(facts *observed.Facts, l record.Loss, failovers []report.Failover) report.Loss {
	loss := report.Loss{Shard: l.Shard, Finding: report.Finding{Cause: report.CauseUnknown, Node: l.Node}, First: l.First, Last: l.Last}
	by := discardedBy(l, failovers)
	if fault, cause, ok := takenFrom(facts, l, by); ok {
		loss.Fault, loss.Cause, loss.Evidence = &fault, cause, takenEvidence(facts, fault, l.Node)
		return loss
	}
	if by != nil {
		taken := replacedAt(facts, *by)
		cause, evidence := discarded(facts, l, *by)
		loss.Fault, loss.Cause, loss.Evidence = by.Fault, cause, evidence
		if cut, ok := cutOff(facts, *by, l.Last); ok && cause == report.LossAckedWhileCutOff {
			loss.Fault = &cut
		}
		if cause != report.CauseUnknown && (cause != report.LossNotReplicated || l.First >= taken-replicated || len(evidence) > 2 || lagged(facts, by.NewMaster, l.First, taken)) {
			return loss
		}
	}
	// The first of them had long been replicated when the failover came.
	other := report.Loss{Shard: l.Shard, Finding: report.Finding{Cause: report.CauseUnknown, Node: l.Node}, First: l.First, Last: l.Last}
	if node, died, ok := diedHolding(facts, l, by); ok {
		diedWith(facts, &other, node, died)
	} else {
		removedBy(facts, &other)
	}
	if other.Cause == report.CauseUnknown {
		expiredByClock(facts, &other)
	}
	if other.Cause == report.CauseUnknown && loss.Cause != report.CauseUnknown {
		return loss
	}
	return other
}

// replacedAt is when the old master of a failover was taken from it: one that gets little CPU time
// goes on until it is replaced.
func replacedAt(facts *observed.Facts, f report.Failover) record.Millis {
	if f.Origin == report.OriginNone || f.Fault != nil && facts.Faults[*f.Fault].Has(record.Slows) {
		return report.OrZero(f.At)
	}
	return f.From
}

// diedHolding is the server that died while it was the shard's master and held the writes: the
// one that had acked them, or one that had taken over from it.
func diedHolding(facts *observed.Facts, l record.Loss, by *report.Failover) (node string, died record.Millis, ok bool) {
	if died, ok := diedAfter(facts, l.Node, l.First); ok && (by == nil || died < by.From-observed.EndSlack) {
		return l.Node, died, true
	}
	for _, c := range facts.Changes {
		if c.Shard != l.Shard || c.Seen < l.Last {
			continue
		}
		if died, ok := diedAfter(facts, c.To, c.Seen); ok && died < c.Next {
			return c.To, died, true
		}
	}
	return "", 0, false
}

// diedWith puts a loss down to a server's death, and to the fault that it came of.
func diedWith(facts *observed.Facts, loss *report.Loss, node string, died record.Millis) {
	loss.Cause = report.LossDied
	loss.Evidence = []report.Evidence{{Kind: "exit", Moment: &died, Node: node}}
	if value := facts.Started.Config["appendonly"]; value != "" {
		loss.Evidence = append(loss.Evidence, observed.Directive("appendonly", value))
	}
	for i, f := range facts.Faults {
		if from, to, ok := f.InForce(facts.End); ok && slices.Contains(f.Targets, node) && from-observed.EndSlack <= died && to >= died {
			loss.Fault = &i
			if cause, takes := takenBy(f); takes {
				loss.Cause, loss.Evidence = cause, takenEvidence(facts, i, node)
			}
		}
	}
}

// discardedBy is the failover by which what a node acked is lost: the first one of the
// shard away from that node that was not over before the loss, or the last one before.
func discardedBy(l record.Loss, failovers []report.Failover) (by *report.Failover) {
	for i := range failovers {
		f := &failovers[i]
		if f.Shard != l.Shard || f.OldMaster != l.Node || f.At == nil {
			continue
		}
		by = f
		if over := *f.At + report.OrZero(f.SplitBrain); over >= l.First {
			return by
		}
	}
	return by
}

// discarded is how a failover lost what its old master had acked; unknown if it had long
// been replicated by then.
func discarded(facts *observed.Facts, l record.Loss, f report.Failover) (report.Cause, []report.Evidence) {
	evidence := []report.Evidence{{Kind: "failover", Moment: f.At, Node: f.NewMaster}}
	taken := replacedAt(facts, f)
	if f.Fault != nil {
		fault := facts.Faults[*f.Fault]
		target := f.OldMaster
		if fault.Promotes() {
			target = f.NewMaster
		}
		evidence = append(evidence, facts.FaultEvidence(*f.Fault, target))
		if fault.Forced() {
			return report.LossForcedFailover, evidence
		}
	}
	if cut, ok := cutOff(facts, f, l.Last); ok || f.Unplanned() && l.Last > taken+observed.SeenLate {
		if ok && (f.Fault == nil || cut != *f.Fault) {
			evidence = append(evidence, facts.FaultEvidence(cut, f.OldMaster))
		}
		return report.LossAckedWhileCutOff, evidence
	}
	if since, in := facts.InSync(f.OldMaster, f.NewMaster, taken); !in {
		cause, why := whyBehind(facts, f, since, taken)
		return cause, append(append(evidence, observed.OutOfSync(f.NewMaster, since)), why...)
	}
	if l.Last >= taken-replicated || lagged(facts, f.NewMaster, l.Last, taken) {
		return report.LossNotReplicated, evidence
	}
	for i, fault := range facts.Faults { // that kept the replica from taking them in
		if from, to, ok := fault.InForce(facts.End); ok && fault.HidesFromPeers(f.NewMaster) && from < taken && to > l.First {
			return report.LossNotReplicated, append(evidence, facts.FaultEvidence(i, f.NewMaster))
		}
	}
	return report.CauseUnknown, nil
}

// cutOff is the fault that had cut the old master of a failover off when it acked something, and
// still did when it was replaced.
func cutOff(facts *observed.Facts, f report.Failover, acked record.Millis) (index int, ok bool) {
	for i, fault := range facts.Faults {
		from, to, _ := fault.InForce(facts.End)
		if !fault.Has(record.Slows) && fault.HidesFromPeers(f.OldMaster) && from+observed.SeenLate < acked && to >= report.OrZero(f.At) {
			return i, true
		}
	}
	return 0, false
}

// replicated is how long after its ack a write is taken to be with a replica that is in
// sync and does not lag, in ms.
const replicated = 2000

// lagged tells whether a replica was behind its master at a moment, and had been since another one
// before it: it has what it was sent once it has caught up.
func lagged(facts *observed.Facts, replica string, since, ms record.Millis) bool {
	behind, from := false, record.Millis(0)
	for _, e := range facts.Events {
		l, ok := e.Data.(*record.Lag)
		if !ok || l.Replica != replica || e.At > ms {
			continue
		}
		if is := l.Bytes >= lagStepBytes; is != behind {
			behind, from = is, e.At
		}
	}
	return behind && from <= since+replicated
}

// lagStepBytes is the least lag that is recorded.
const lagStepBytes = 4 << 10

// whyBehind is why the winner of a failover had not been in sync with its master since a
// moment, when a fault took that away.
func whyBehind(facts *observed.Facts, f report.Failover, since, taken record.Millis) (report.Cause, []report.Evidence) {
	for _, l := range facts.Logs(f.OldMaster, record.LogOutputBufferLimit, since-observed.EndSlack, taken) {
		if l.Subject == "" || l.Subject == f.NewMaster {
			return report.LossWinnerDropped, []report.Evidence{l.Evidence()}
		}
	}
	if died, ok := diedAfter(facts, f.NewMaster, since-observed.EndSlack); ok && died <= taken {
		return report.LossWinnerRestarted, []report.Evidence{{Kind: "exit", Moment: &died, Node: f.NewMaster}}
	}
	if began := facts.Logs(f.NewMaster, record.LogFullSync, since-observed.EndSlack, taken); len(began) > 0 {
		last := began[len(began)-1]
		if ended := facts.Logs(f.NewMaster, record.LogReplicaUp, last.At, taken); len(ended) == 0 {
			return report.LossWinnerResyncing, []report.Evidence{last.Evidence()}
		}
	}
	down, ok := facts.First(since-observed.EndSlack, func(d record.Data) bool {
		l, ok := d.(*record.MasterLink)
		return ok && l.Replica == f.NewMaster && !l.Up
	})
	if ok && down < taken-observed.EndSlack {
		factor := cmp.Or(facts.Started.Config["cluster-replica-validity-factor"], facts.Started.Config["cluster-slave-validity-factor"], "10")
		return report.LossWinnerStale, []report.Evidence{observed.Directive("cluster-replica-validity-factor", factor)}
	}
	return report.LossWinnerNotInSync, nil
}

// diedAfter is when a server ended first after a moment.
func diedAfter(facts *observed.Facts, node string, from record.Millis) (record.Millis, bool) {
	for _, e := range facts.Happened {
		if n := e.Data.(*record.NodeEvent); e.At >= from && n.Node == node && n.Action == record.NodeDied {
			return e.At, true
		}
	}
	return 0, false
}

// Attribute sums up for each fault the lost writes that come of it; nil where it is
// not known of all lost writes which ones they are.
func Attribute(faults []report.Fault, workloads []report.Workload) {
	for _, w := range workloads {
		var known int64
		for _, l := range w.Writes.Losses {
			known += l.Count
		}
		if w.Writes.Lost == nil || known != *w.Writes.Lost {
			return
		}
	}
	for i := range faults {
		if len(workloads) > 0 && faults[i].Effective != nil {
			faults[i].LostWrites = new(int64)
		}
	}
	for _, w := range workloads {
		for _, l := range w.Writes.Losses {
			if l.Fault != nil && faults[*l.Fault].LostWrites != nil {
				*faults[*l.Fault].LostWrites += l.Count
			}
		}
	}
}

package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Loss is lost writes of a workload to one shard that one node acked.
type Loss struct {
	Shard int `json:"shard"`
	// Finding is how they were lost; its node acked them, if that is known.
	Finding
	FirstMS float64 `json:"first_ms"` // by time of ack, on the run's clock
	LastMS  float64 `json:"last_ms"`
	// Undated: it is known how many were lost, and not which; FirstMS and LastMS are the
	// workload's start and end.
	Undated bool  `json:"undated,omitempty"`
	Count   int64 `json:"count"`
	// Clients is how many clients lost some.
	Clients int `json:"clients"`
	// Fault is the index of the fault that they come of; nil where none does.
	Fault *int `json:"fault"`
}

// lossesOf sums up the losses of all clients, by shard, node, fault and cause.
func (h *history) lossesOf(v *record.Verified, failovers []Failover) []Loss {
	type group struct {
		shard int
		node  string
		fault int
		cause Cause
	}
	groups := map[group]*Loss{}
	clients := map[group]map[int]bool{}
	for _, l := range v.Losses {
		why := h.whyLost(l, failovers)
		g := group{l.Shard, l.Node, -1, why.Cause}
		if why.Fault != nil {
			g.fault = *why.Fault
		}
		sum := groups[g]
		if sum == nil {
			sum = &why
			groups[g], clients[g] = sum, map[int]bool{}
		}
		sum.FirstMS, sum.LastMS = min(sum.FirstMS, l.FirstMS), max(sum.LastMS, l.LastMS)
		sum.Count += l.Count
		clients[g][l.Client] = true
		sum.Clients = len(clients[g])
	}
	var all []Loss
	for _, sum := range groups {
		all = append(all, *sum)
	}
	slices.SortFunc(all, func(a, b Loss) int {
		return cmp.Or(cmp.Compare(a.FirstMS, b.FirstMS), cmp.Compare(a.Shard, b.Shard), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Cause, b.Cause))
	})
	return all
}

// whyLost finds how writes were lost, without counting them: by the failover of the
// shard away from the node that acked them, or else by that node's death, or by what the
// servers count of what they removed.
func (h *history) whyLost(l record.Loss, failovers []Failover) Loss {
	loss := Loss{Shard: l.Shard, Finding: Finding{Cause: CauseUnknown, Node: l.Node}, FirstMS: l.FirstMS, LastMS: l.LastMS}
	by := discardedBy(l, failovers)
	if by != nil {
		taken := h.takenBy(*by)
		cause, evidence := h.discarded(l, *by)
		loss.Fault, loss.Cause, loss.Evidence = by.Fault, cause, evidence
		if cut, ok := h.cutOff(*by, l.LastMS); ok && cause == LossAckedWhileCutOff {
			loss.Fault = &cut
		}
		if cause != CauseUnknown && (cause != LossNotReplicated || l.FirstMS >= taken-replicatedMS || len(evidence) > 2 || h.lagged(by.NewMaster, l.FirstMS, taken)) {
			return loss
		}
	}
	// The first of them had long been replicated when the failover came.
	other := Loss{Shard: l.Shard, Finding: Finding{Cause: CauseUnknown, Node: l.Node}, FirstMS: l.FirstMS, LastMS: l.LastMS}
	if node, died, ok := h.diedHolding(l, by); ok {
		h.diedWith(&other, node, died)
	} else {
		h.removedBy(&other)
	}
	if other.Cause == CauseUnknown && loss.Cause != CauseUnknown {
		return loss
	}
	return other
}

// takenBy is when the old master of a failover was taken from it: one that gets little CPU time
// goes on until it is replaced.
func (h *history) takenBy(f Failover) float64 {
	if f.Origin == OriginNone || f.Fault != nil && h.faults[*f.Fault].Has(record.Slows) {
		return milliseconds(f.AtMS)
	}
	return f.FromMS
}

// diedHolding is the server that died while it was the shard's master and held the writes: the
// one that had acked them, or one that had taken over from it.
func (h *history) diedHolding(l record.Loss, by *Failover) (node string, died float64, ok bool) {
	if died, ok := h.diedAfter(l.Node, l.FirstMS); ok && (by == nil || died < by.FromMS-endSlack) {
		return l.Node, died, true
	}
	for _, c := range h.changes {
		if c.shard != l.Shard || c.seen < l.LastMS {
			continue
		}
		if died, ok := h.diedAfter(c.to, c.seen); ok && died < c.next {
			return c.to, died, true
		}
	}
	return "", 0, false
}

// diedWith puts a loss down to a server's death, and to the fault that it came of.
func (h *history) diedWith(loss *Loss, node string, died float64) {
	loss.Cause = LossDied
	loss.Evidence = []Evidence{{Kind: "exit", MS: &died, Node: node}}
	if value := h.started.Config["appendonly"]; value != "" {
		loss.Evidence = append(loss.Evidence, directive("appendonly", value))
	}
	for i, f := range h.faults {
		if from, to, ok := f.InForce(h.end); ok && slices.Contains(f.Targets, node) && from-endSlack <= died && to >= died {
			loss.Fault = &i
		}
	}
}

// lossWindowOf is when the first and the last lost write of a shard were acked: of the
// whole workload, where that is not known by shard.
func (w Writes) lossWindowOf(shard int) *[2]float64 {
	onIt := slices.DeleteFunc(slices.Clone(w.Losses), func(l Loss) bool { return l.Shard != shard || l.Undated })
	return cmp.Or(windowOf(onIt), w.LossWindowMS)
}

// endSlack is how long after a server's end its fault may be said to have taken hold,
// in ms: both are the runtime's words.
const endSlack = 1000

// discardedBy is the failover by which what a node acked is lost: the first one of the
// shard away from that node that was not over before the loss, or the last one before.
func discardedBy(l record.Loss, failovers []Failover) (by *Failover) {
	for i := range failovers {
		f := &failovers[i]
		if f.Shard != l.Shard || f.OldMaster != l.Node || f.AtMS == nil {
			continue
		}
		by = f
		if over := *f.AtMS + milliseconds(f.SplitBrainMS); over >= l.FirstMS {
			return by
		}
	}
	return by
}

// discarded is how a failover lost what its old master had acked; unknown if it had long
// been replicated by then.
func (h *history) discarded(l record.Loss, f Failover) (Cause, []Evidence) {
	evidence := []Evidence{{Kind: "failover", MS: f.AtMS, Node: f.NewMaster}}
	taken := h.takenBy(f)
	if f.Fault != nil {
		fault := h.faults[*f.Fault]
		target := f.OldMaster
		if fault.promotes() {
			target = f.NewMaster
		}
		evidence = append(evidence, h.faultEvidence(*f.Fault, target))
		if fault.forced() {
			return LossForcedFailover, evidence
		}
	}
	if cut, ok := h.cutOff(f, l.LastMS); ok || f.unplanned() && l.LastMS > taken+observedLate {
		if ok && (f.Fault == nil || cut != *f.Fault) {
			evidence = append(evidence, h.faultEvidence(cut, f.OldMaster))
		}
		return LossAckedWhileCutOff, evidence
	}
	if since, in := h.inSync(f.OldMaster, f.NewMaster, taken); !in {
		cause, why := h.whyBehind(f, since, taken)
		return cause, append(append(evidence, outOfSync(f.NewMaster, since)), why...)
	}
	if l.LastMS >= taken-replicatedMS || h.lagged(f.NewMaster, l.LastMS, taken) {
		return LossNotReplicated, evidence
	}
	for i, fault := range h.faults { // that kept the replica from taking them in
		if from, to, ok := fault.InForce(h.end); ok && fault.hidesFromPeers(f.NewMaster) && from < taken && to > l.FirstMS {
			return LossNotReplicated, append(evidence, h.faultEvidence(i, f.NewMaster))
		}
	}
	return CauseUnknown, nil
}

// cutOff is the fault that had cut the old master of a failover off when it acked something, and
// still did when it was replaced.
func (h *history) cutOff(f Failover, acked float64) (index int, ok bool) {
	for i, fault := range h.faults {
		from, to, _ := fault.InForce(h.end)
		if !fault.Has(record.Slows) && fault.hidesFromPeers(f.OldMaster) && from+observedLate < acked && to >= milliseconds(f.AtMS) {
			return i, true
		}
	}
	return 0, false
}

// replicatedMS is how long after its ack a write is taken to be with a replica that is in
// sync and does not lag, in ms.
const replicatedMS = 2000

// lagged tells whether a replica was behind its master at a moment, and had been since another one
// before it: it has what it was sent once it has caught up.
func (h *history) lagged(replica string, since, ms float64) bool {
	behind, from := false, 0.0
	for _, e := range h.events {
		l, ok := e.Data.(*record.Lag)
		if !ok || l.Replica != replica || e.MS > ms {
			continue
		}
		if is := l.Bytes >= lagStepBytes; is != behind {
			behind, from = is, e.MS
		}
	}
	return behind && from <= since+replicatedMS
}

// lagStepBytes is the least lag that is recorded.
const lagStepBytes = 4 << 10

// whyBehind is why the winner of a failover had not been in sync with its master since a
// moment, when a fault took that away.
func (h *history) whyBehind(f Failover, since, taken float64) (Cause, []Evidence) {
	for _, l := range h.logs(f.OldMaster, record.LogOutputBufferLimit, since-endSlack, taken) {
		if l.Subject == "" || l.Subject == f.NewMaster {
			return LossWinnerDropped, []Evidence{l.evidence()}
		}
	}
	if died, ok := h.diedAfter(f.NewMaster, since-endSlack); ok && died <= taken {
		return LossWinnerRestarted, []Evidence{{Kind: "exit", MS: &died, Node: f.NewMaster}}
	}
	if began := h.logs(f.NewMaster, record.LogFullSync, since-endSlack, taken); len(began) > 0 {
		last := began[len(began)-1]
		if ended := h.logs(f.NewMaster, record.LogReplicaUp, last.ms, taken); len(ended) == 0 {
			return LossWinnerResyncing, []Evidence{last.evidence()}
		}
	}
	down, ok := h.first(since-endSlack, func(d record.Data) bool {
		l, ok := d.(*record.MasterLink)
		return ok && l.Replica == f.NewMaster && !l.Up
	})
	if ok && down < taken-endSlack {
		factor := cmp.Or(h.started.Config["cluster-replica-validity-factor"], h.started.Config["cluster-slave-validity-factor"], "10")
		return LossWinnerStale, []Evidence{directive("cluster-replica-validity-factor", factor)}
	}
	return LossWinnerNotInSync, nil
}

// diedAfter is when a server ended first after a moment.
func (h *history) diedAfter(node string, from float64) (float64, bool) {
	for _, e := range h.happened {
		if n := e.Data.(*record.NodeEvent); e.MS >= from && n.Node == node && n.Action == record.NodeDied {
			return e.MS, true
		}
	}
	return 0, false
}

// milliseconds is a figure, or 0 where there is none.
func milliseconds(ms *float64) float64 {
	if ms == nil {
		return 0
	}
	return *ms
}

// attribute sums up for each fault the lost writes that come of it; nil where it is
// not known of all lost writes which ones they are.
func attribute(faults []Fault, workloads []Workload) {
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
		if len(workloads) > 0 && faults[i].EffectiveMS != nil {
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

// losses tells whose acked writes were lost, or removed by the servers themselves.
func losses(r *Result) page.Section {
	s := page.Section{
		Title:   "Lost writes",
		Columns: page.Columns("workload", ">shard", "acked by", "acked from", "to", ">lost", ">clients", "because of", "cause"),
	}
	for _, w := range r.Workloads {
		for _, l := range slices.Concat(w.Writes.Losses, w.Writes.Removed) {
			node, because := l.Node, "no fault"
			if node == "" {
				node = "–"
			}
			if l.Fault != nil {
				f := r.Faults[*l.Fault]
				because = fmt.Sprintf("%s at %s", f.Kind, optional(f.EffectiveMS))
			}
			first, last := Duration(l.FirstMS), Duration(l.LastMS)
			if l.Undated {
				first, last = "–", "–"
			}
			s.Rows = append(s.Rows, []string{w.Name, fmt.Sprint(l.Shard), node, first, last, Count(l.Count), fmt.Sprint(l.Clients), because, lossText(l)})
		}
	}
	return s
}

// lossText is the cause of a loss in words.
func lossText(l Loss) string {
	switch l.Cause {
	case LossNotReplicated:
		return "not yet replicated to the new master"
	case LossAckedWhileCutOff:
		return "acked by a master that was cut off, and discarded when it came back"
	case LossWinnerDropped:
		return "the new master had been dropped for its output buffer limit, and was not in sync"
	case LossWinnerResyncing:
		return "a full resynchronization of the new master was under way"
	case LossWinnerRestarted:
		return "the new master had been restarted, and was not in sync yet"
	case LossWinnerStale:
		return fmt.Sprintf("the new master had lost its link before, and cluster-replica-validity-factor %s let it stand", directiveIn(l.Evidence, "cluster-replica-validity-factor"))
	case LossWinnerNotInSync:
		return "the new master was not in sync"
	case LossForcedFailover:
		return "a replica took over without asking its master"
	case LossDied:
		return "the server died, and came back without them"
	case LossFlushed:
		return "the data set was flushed"
	case LossSlotsMoved:
		return "slots were given to another node by hand"
	case RemovedEvicted:
		return fmt.Sprintf("evicted by %s", cmp.Or(directiveIn(l.Evidence, "maxmemory-policy"), "its master"))
	case RemovedExpired:
		return "expired"
	default:
		return "unknown"
	}
}

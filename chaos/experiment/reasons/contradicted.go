package reasons

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// contradicted looks for causes that the record speaks against.
func (c *checking) contradicted() {
	for _, o := range c.Result.Outages {
		switch o.Cause {
		case report.OutageCoverage:
			c.uncovered(o)
		case report.OutageNoMajority:
			c.majority(o)
		}
	}
	for _, m := range c.Result.Missed {
		c.notReplaced(m)
	}
	if c.started.Config["cluster-require-full-coverage"] == "no" {
		for _, text := range c.texts() {
			if strings.Contains(text, "cluster-require-full-coverage yes") {
				c.breach(RuleRecord, "cluster-require-full-coverage is no, and it is said: %s", text)
			}
		}
	}
	for _, w := range c.Result.Workloads {
		c.replicated(w)
		c.emptied(w)
	}
	for _, f := range c.Result.Failovers {
		c.unseen(f)
		c.asked(f)
		c.flagger(f)
		for _, remark := range f.Remarks {
			if strings.Contains(remark, "clock and this program's do not agree") && !slices.ContainsFunc(c.lines, func(l line) bool { return l.Type == "clock_step" }) {
				c.breach(RuleRecord, "clocks are blamed, and none was set: %s", remark)
			}
		}
	}
}

// failedIn is for how long of a time some node is seen to have had a node marked as
// failed.
func (c *checking) failedIn(node string, when span) (longest record.Millis) {
	since := map[string]float64{} // by observer
	see := func(observer string, until record.Millis) {
		if from, ok := since[observer]; ok {
			longest = max(longest, span{record.Millis(from), until}.common(when))
			delete(since, observer)
		}
	}
	for _, e := range c.events {
		if d, ok := e.Data.(*record.NodeFlag); ok && d.Subject == node {
			if see(d.Observer, e.At); d.Flag == "fail" {
				since[d.Observer] = float64(e.At)
			}
		}
	}
	for observer := range since {
		see(observer, c.end)
	}
	return longest
}

// uncovered wants each shard that is said to have had no master to have had none for a good
// part of the time that is told, and all of them together for one of the outage; the record sees marks late.
func (c *checking) uncovered(o report.Outage) {
	outage, all := span{o.From, o.To}, record.Millis(0)
	for _, e := range o.Evidence {
		other, err := strconv.Atoi(strings.TrimPrefix(e.Name, "shard "))
		if e.Kind != "uncovered" || err != nil {
			continue
		}
		told := outage
		if e.Moment != nil && e.For != nil {
			told = span{max(o.From, *e.Moment), min(o.To, *e.Moment+*e.For)}
		}
		failed := record.Millis(0)
		for _, master := range c.masters(other, told) {
			failed = max(failed, c.failedIn(master, told))
		}
		if all += failed; failed+noticeable < told.length()/4 {
			c.breach(RuleRecord, "shard %d has an outage from %s because shard %d had no master, whose master was marked as failed for %.0f ms of it", o.Shard, told, other, failed)
		}
	}
	if all+noticeable < outage.length()/4 {
		c.breach(RuleRecord, "shard %d has an outage from %s because others had no master, whose masters were marked as failed for %.0f ms of it", o.Shard, outage, all)
	}
}

// majority wants so many masters to be under faults when an outage begins that no
// majority is left, where its own master is not cut off.
func (c *checking) majority(o report.Outage) {
	begin := span{o.From, o.From + 2*noticeable}
	if own := c.masters(o.Shard, begin); c.hit(own[0], begin) != nil {
		return
	}
	var away []string
	for _, s := range c.started.Shards {
		if master := c.masters(s.Shard, begin)[0]; c.hit(master, span{begin.from - c.nodeTimeout(), begin.to}) != nil {
			away = append(away, master)
		}
	}
	if masters := len(c.started.Shards); masters-len(away) >= masters/2+1 {
		c.breach(RuleRecord, "shard %d has an outage from %s because no majority was left, when faults had hit only %v of %d masters", o.Shard, span{o.From, o.To}, away, masters)
	}
}

// notReplaced wants a master that is said not to have been marked as failed not to have
// been, and one that is said to have been reached to have been in reach.
func (c *checking) notReplaced(m report.Missed) {
	var fault *force
	for _, f := range c.forces() {
		if f.index == m.Fault {
			fault = f
		}
	}
	if fault == nil {
		return
	}
	switch m.Cause {
	case report.MissedShorterThanTimeout, report.MissedBackBeforeMajority, report.MissedReachedByPeers:
		for _, e := range c.events {
			l, ok := e.Data.(*record.Log)
			if ok && l.Kind == record.LogMarkedFail && l.Subject == m.Master && e.At >= fault.asked && e.At <= fault.to {
				c.breach(RuleRecord, "%s is said not to have been replaced by %s, and %s marked it as failed at %.0f ms, while faults[%d] (%s) was in force from %.0f ms on",
					m.Master, m.Cause, l.Node, e.At, m.Fault, fault.kind, fault.asked)
				return
			}
		}
	}
	if m.Cause == report.MissedReachedByPeers && !fault.offClients() {
		c.breach(RuleRecord, "%s is said to have been reached by its peers, and faults[%d] is a %s (%s)", m.Master, m.Fault, fault.kind, fault.detail)
	}
}

// replicated wants writes that are said not to have been replicated yet when a fault came
// not to have been acked by a master that had been cut off from its replicas before.
func (c *checking) replicated(w report.Workload) {
	for _, l := range w.Writes.Losses {
		for _, f := range c.forces() {
			if l.Cause == report.LossNotReplicated && f.offCluster() && slices.Contains(f.targets, l.Node) && f.from+noticeable < l.Last && f.to > l.Last {
				c.breach(RuleRecord, "%s lost %d writes that %s acked from %s by %s, and faults[%d] (%s) had cut it off at %.0f ms",
					w.Name, l.Count, l.Node, span{l.First, l.Last}, l.Cause, f.index, f.kind, f.from)
			}
		}
	}
}

// longUnreplicated is for how long writes of a master can stay unreplicated to a replica
// that takes over, in ms, with room to spare.
const longUnreplicated = 2000

// emptied wants writes of a long time that are said not to have been replicated before a
// failover not to have died with the new master.
func (c *checking) emptied(w report.Workload) {
	for _, l := range w.Writes.Losses {
		for _, f := range c.Result.Failovers {
			if l.Cause != report.LossNotReplicated || f.Shard != l.Shard || f.OldMaster != l.Node || f.At == nil || l.Last-l.First < longUnreplicated {
				continue
			}
			for _, e := range c.events {
				if n, ok := e.Data.(*record.NodeEvent); ok && n.Node == f.NewMaster && n.Action == record.NodeDied && e.At > *f.At {
					c.breach(RuleRecord, "%s lost %d writes that %s acked from %s by %s, and %s, which replaced it, died at %.0f ms", w.Name, l.Count, l.Node, span{l.First, l.Last}, l.Cause, n.Node, e.At)
				}
			}
		}
	}
}

// unseen wants a failover not to come of a fault that no node can see.
func (c *checking) unseen(f report.Failover) {
	for _, fault := range c.forces() {
		if f.Fault != nil && *f.Fault == fault.index && fault.offClients() {
			c.breach(RuleRecord, "the failover of shard %d from %s is put down to faults[%d], a %s %s", f.Shard, f.OldMaster, fault.index, fault.kind, fault.detail)
		}
	}
}

// asked wants a failover that the new master's log says was asked for to be told as one.
func (c *checking) asked(f report.Failover) {
	if f.Origin == report.OriginManual || f.At == nil {
		return
	}
	for _, e := range c.events {
		l, ok := e.Data.(*record.Log)
		if ok && l.Kind == record.LogManualFailover && l.Node == f.NewMaster && e.At >= max(0, *f.At-1000) && e.At <= *f.At+noticeable {
			c.breach(RuleRecord, "the failover of shard %d to %s at %.0f ms is put down to %s, and its log says at %.0f ms %q", f.Shard, f.NewMaster, *f.At, f.Origin, e.At, l.Text)
			return
		}
	}
}

// flagger wants the node that suspects a master first not to have been cut off itself:
// then it suspects everybody.
func (c *checking) flagger(f report.Failover) {
	if f.PFail == nil || f.Fault == nil {
		return
	}
	effective := c.Result.Faults[*f.Fault].Effective
	if effective == nil {
		return
	}
	at := *effective + *f.PFail
	var told []string
	for _, e := range c.events {
		d, ok := e.Data.(*record.NodeFlag)
		if !ok || d.Subject != f.OldMaster || !near(e.At, at) || d.Flag == "ok" {
			continue
		}
		fault := c.hit(d.Observer, span{at - noticeable, at})
		if fault == nil {
			return
		}
		told = append(told, fmt.Sprintf("%s (faults[%d], %s, from %s)", d.Observer, fault.index, fault.kind, fault.span))
	}
	if len(told) > 0 {
		c.breach(RuleRecord, "%s is said to be suspected at %.0f ms, by nobody but %s", f.OldMaster, at, strings.Join(told, ", "))
	}
}

package reasons

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// blamed looks for outages that are put down to faults that cannot have done it: none of
// them was there yet, nor in force for most of it, all were over, or they leave a master alone.
func (c *checking) blamed() {
	for _, o := range oneCauseEach(c.Result.Outages) {
		faults := c.named(o)
		if len(faults) == 0 {
			continue
		}
		name := fmt.Sprintf("shard %d has an outage from %s by %s", o.Shard, span{o.From, o.To}, o.Cause)
		first := slices.MinFunc(faults, func(a, b *force) int { return cmp.Compare(a.asked, b.asked) })
		last := slices.MaxFunc(faults, func(a, b *force) int { return cmp.Compare(a.to, b.to) })
		switch {
		case first.asked > o.From+2*noticeable && last.common(span{o.From, o.To}) < (o.To-o.From)/2:
			c.excusable(c.blind(span{o.From, first.asked}), RuleFaults, "%s, and faults[%d] (%s), to which that is put down, began %.0f ms after it", name, first.index, first.kind, first.asked-o.From)
		case o.Cause == report.OutageMasterDown && last.to+last.lingers() < o.From-noticeable:
			c.excusable(c.blind(span{o.From, o.To}), RuleFaults, "%s, and faults[%d] (%s), to which that is put down, was over %.0f ms before it", name, last.index, last.kind, o.From-last.to)
		case o.Cause == report.OutageManual && !first.asksMaster():
			c.breach(RuleFaults, "%s, and faults[%d], to which that is put down, is a %s: the master is not asked", name, first.index, first.detail)
		}
	}
}

// oneCauseEach are outages by themselves for each cause of an outage that has several.
func oneCauseEach(outages []report.Outage) (all []report.Outage) {
	for _, o := range outages {
		if len(o.Causes) == 0 {
			all = append(all, o)
		}
		for _, p := range o.Causes {
			all = append(all, report.Outage{Shard: o.Shard, From: p.From, To: p.To, Finding: p.Finding, Answers: o.Answers})
		}
	}
	return all
}

// named are the faults that are evidence of an outage.
func (c *checking) named(o report.Outage) (faults []*force) {
	for _, f := range c.forces() {
		if slices.ContainsFunc(o.Evidence, func(e report.Evidence) bool {
			return e.Kind == "fault" && e.Value == fmt.Sprintf("faults[%d]", f.index)
		}) {
			faults = append(faults, f)
		}
	}
	return faults
}

// blind tells whether this program was not run for half of a time, and so heard of
// nobody.
func (c *checking) blind(when span) bool {
	lost := record.Millis(0)
	for _, e := range c.events {
		if s, ok := e.Data.(*record.Starved); ok {
			lost += max(0, when.common(span{e.At - s.For, e.At}))
		}
	}
	return lost >= when.length()/2
}

// busy looks for masters that are blamed for such times.
func (c *checking) busy() {
	all, blind := 0, 0
	for _, o := range c.Result.Outages {
		if o.Cause != report.OutageNotResponding && o.Cause != report.OutageEventLoop {
			continue
		}
		if all++; c.blind(span{o.From, o.To}) {
			blind++
		}
	}
	if blind > 0 {
		c.excusable(true, RuleBusy, "%d of %d outages are said to be by %s or %s, and this program itself was not run for half of each", blind, all, report.OutageNotResponding, report.OutageEventLoop)
	}
}

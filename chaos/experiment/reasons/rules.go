package reasons

import (
	"fmt"
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Rule is something that must hold of every report.
type Rule string

// The rules.
const (
	RuleOutages  Rule = "outages"  // every gap without an acked probe is an outage, with a cause
	RuleFaults   Rule = "faults"   // no node under a fault is called undisturbed
	RuleLosses   Rule = "losses"   // the causes of losses sum up to the losses
	RuleEvidence Rule = "evidence" // every finding has evidence, and it is in the record
	RuleFigures  Rule = "figures"  // figures add up, are not negative, and are in order
	RuleAbsences Rule = "absences" // every master that was away for long was replaced, or there is a reason
	RuleRecord   Rule = "record"   // no cause is one that the record speaks against
	RuleBusy     Rule = "busy"     // no master is blamed for a time in which this program was not run
)

// Breach is a rule that a report breaks.
type Breach struct {
	Rule Rule
	Text string
	// Excused: the machine was too busy for the times to be right.
	Excused bool
}

func (b Breach) String() string {
	if b.Excused {
		return fmt.Sprintf("%s (the machine was starved): %s", b.Rule, b.Text)
	}
	return fmt.Sprintf("%s: %s", b.Rule, b.Text)
}

// Check puts a run's report to all rules. That few causes are unknown is judged over
// all runs: see Tally.
func Check(r *Run) []Breach {
	c := &checking{Run: r}
	c.outages()
	c.undisturbed()
	c.blamed()
	c.busy()
	c.contradicted()
	c.losses()
	c.evidence()
	c.absences()
	c.figures()
	return c.breaches
}

type checking struct {
	*Run
	breaches []Breach
}

// breach is one that is excused only where times that a busy machine makes wrong can be
// all that there is to it.
func (c *checking) breach(rule Rule, format string, args ...any) {
	c.excusable(rule == RuleFigures && c.starved(), rule, format, args...)
}

func (c *checking) excusable(excused bool, rule Rule, format string, args ...any) {
	c.breaches = append(c.breaches, Breach{Rule: rule, Text: fmt.Sprintf(format, args...), Excused: excused})
}

const (
	// edge is how far two times of one moment may be apart.
	edge = 1
	// tail is by how much the rows of two nodes may end apart at the end of a run.
	tail = 300
)

// outages compares the gaps of every shard with its outages.
func (c *checking) outages() {
	for _, o := range c.Result.Outages {
		if o.Cause == "" {
			c.breach(RuleOutages, "the outage of shard %d from %s has no cause", o.Shard, span{o.From, o.To})
		}
	}
	for _, s := range c.started.Shards {
		gaps := c.gaps(s.Shard)
		for i, gap := range gaps {
			if i == len(gaps)-1 && gap.length() < tail {
				continue // the end of the run, perhaps
			}
			for _, part := range c.observed(gap) {
				covered := slices.ContainsFunc(c.Result.Outages, func(o report.Outage) bool {
					return o.Shard == s.Shard && o.From <= part.from+edge && o.To >= part.to-edge
				})
				if !covered && part.length() >= noticeable+edge {
					c.breach(RuleOutages, "nobody acked the probes of shard %d from %s, and that is no outage", s.Shard, part)
				}
			}
		}
	}
}

// losses sums up the lost writes of every workload by cause.
func (c *checking) losses() {
	for _, w := range c.Result.Workloads {
		var known int64
		for _, l := range w.Writes.Losses {
			known += l.Count
			if l.Cause == "" {
				c.breach(RuleLosses, "%d lost writes of %s have no cause", l.Count, w.Name)
			}
		}
		if w.Writes.Lost != nil && *w.Writes.Lost != known {
			c.breach(RuleLosses, "%s (%s) lost %d writes, and the causes account for %d", w.Name, w.Type, *w.Writes.Lost, known)
		}
	}
}

// absences looks for masters that a fault kept away, and of which nothing is told, or
// too much.
func (c *checking) absences() {
	c.toldTwice()
	for _, f := range c.forces() {
		if f.kind == failoverKind || !f.seen {
			continue
		}
		for _, s := range c.started.Shards {
			master := c.masters(s.Shard, span{f.from, f.from})[0]
			if slices.Contains(f.targets, master) && c.longestWithout(s.Shard, f.span) > 1.5*c.nodeTimeout()+1000 && !c.toldOf(s.Shard, master, f.span) {
				c.breach(RuleAbsences, "%s hit %s, the master of shard %d, from %s, and there is neither a failover nor a reason", f.kind, master, s.Shard, f.span)
			}
		}
	}
}

// toldTwice looks for masters of which it is told twice why they were not replaced at a
// time, or that were replaced as they were to be.
func (c *checking) toldTwice() {
	forces := map[int]*force{}
	for _, f := range c.forces() {
		forces[f.index] = f
	}
	for i, m := range c.Result.Missed {
		f := forces[m.Fault]
		if f == nil {
			c.breach(RuleAbsences, "%s is said to have been hit by faults[%d], which was not injected", m.Master, m.Fault)
			continue
		}
		for _, other := range c.Result.Missed[:i] {
			before := forces[other.Fault]
			if before != nil && m.Shard == other.Shard && m.Master == other.Master && f.kind != failoverKind && before.kind != failoverKind && f.meets(before.span) {
				c.breach(RuleAbsences, "it is told twice why %s was not replaced while faults[%d] and faults[%d] were in force: %s, and %s", m.Master, other.Fault, m.Fault, other.Reason, m.Reason)
			}
		}
		if f.kind != failoverKind {
			continue
		}
		for _, o := range c.Result.Failovers {
			if o.Shard == m.Shard && slices.Contains(f.targets, o.NewMaster) && o.At != nil && *o.At >= f.asked-edge && *o.At <= f.asked+5000 {
				c.breach(RuleAbsences, "%s was told to take over by faults[%d] and did so at %.0f ms, and it is told why not: %s", o.NewMaster, m.Fault, *o.At, m.Reason)
			}
		}
	}
}

// longestWithout is for how long a shard took no writes at a time, within another time.
func (c *checking) longestWithout(shard int, within span) (longest record.Millis) {
	for _, gap := range c.gaps(shard) {
		longest = max(longest, gap.common(within))
	}
	return longest
}

// toldOf tells whether the report says what became of a master that was away.
func (c *checking) toldOf(shard int, master string, away span) bool {
	return slices.ContainsFunc(c.Result.Missed, func(m report.Missed) bool { return m.Shard == shard && m.Master == master }) ||
		slices.ContainsFunc(c.Result.Failovers, func(f report.Failover) bool {
			return f.Shard == shard && f.OldMaster == master && (f.At == nil || *f.At >= away.from-edge)
		})
}

// figures checks sums, signs and orders.
func (c *checking) figures() {
	for _, o := range c.Result.Outages {
		if o.To < o.From || o.From < 0 {
			c.breach(RuleFigures, "shard %d has an outage from %s", o.Shard, span{o.From, o.To})
		}
	}
	for _, w := range c.Result.Workloads {
		c.sums(w.Name, w.Writes)
	}
	c.sums("all workloads", c.Result.Writes)
	for _, f := range c.Result.Failovers {
		c.times(f)
	}
	c.ratios("", c.result)
}

func (c *checking) sums(name string, w report.Writes) {
	if w.Attempted != w.Acked+w.Failed+w.Indeterminate {
		c.breach(RuleFigures, "%s: attempted %d, acked %d, failed %d, indeterminate %d", name, w.Attempted, w.Acked, w.Failed, w.Indeterminate)
	}
	if w.Lost != nil && (*w.Lost < 0 || *w.Lost > w.Acked) {
		c.breach(RuleFigures, "%s: %d writes lost of %d", name, *w.Lost, w.Acked)
	}
}

// times checks the figures of a failover. Those that follow each other in the server
// may be seen as much out of order as the observers' pace and the milliseconds of logs.
func (c *checking) times(f report.Failover) {
	name := fmt.Sprintf("the failover of shard %d from %s to %s", f.Shard, f.OldMaster, f.NewMaster)
	pace := record.Millis(c.Scenario.Observe.Probes.D().Milliseconds())
	polled := record.Millis(2*float64(c.Scenario.Observe.Topology.D().Milliseconds())) + pace
	steps := []struct {
		name string
		at   *record.Millis
		late record.Millis // by how much it may be seen late, in ms
	}{
		{"pfail_ms", f.PFail, polled}, {"fail_ms", f.Fail, polled}, {"election_ms", f.Election, edge}, {"promoted_ms", f.Promoted, polled},
		{"first_write_ms", f.FirstWrite, (2 * pace) + noticeable}, {"client_recovery_ms", f.ClientRecovery, 0},
	}
	for i, s := range steps {
		if s.at == nil {
			continue
		}
		if *s.at < 0 {
			c.breach(RuleFigures, "%s has %s %.1f", name, s.name, *s.at)
		}
		for _, before := range steps[:i] {
			if before.at != nil && *s.at < *before.at-before.late {
				c.breach(RuleFigures, "%s has %s %.1f and %s %.1f", name, before.name, *before.at, s.name, *s.at)
			}
		}
	}
	for figure, at := range map[string]*record.Millis{"converged_ms": f.Converged, "redundant_ms": f.Redundant, "split_brain_ms": f.SplitBrain} {
		if at != nil && *at < 0 {
			c.breach(RuleFigures, "%s has %s %.1f", name, figure, *at)
		}
	}
	for _, p := range f.Phases {
		if p.Took < 0 || p.From < 0 {
			c.breach(RuleFigures, "%s has the phase %s from %.1f ms, which took %.1f ms", name, p.Name, p.From, p.Took)
		}
	}
}

// ratios wants the shares of what was served and what was not to be all there is,
// wherever they are told.
func (c *checking) ratios(path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		served, ok := v["availability"].(float64)
		failed, both := v["failed_ratio"].(float64)
		if ok && both && math.Abs(served+failed-1) > 1e-9 {
			c.breach(RuleFigures, "%savailability %v and failed_ratio %v", path, served, failed)
		}
		for key, inner := range v {
			c.ratios(path+key+".", inner)
		}
	case []any:
		for i, inner := range v {
			c.ratios(fmt.Sprintf("%s%d.", path, i), inner)
		}
	}
}

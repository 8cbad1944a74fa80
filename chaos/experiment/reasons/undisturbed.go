package reasons

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// blamed looks for outages that are put down to faults that cannot have done it: none of
// them was there yet, all were over, or they leave a master alone.
func (c *checking) blamed() {
	for _, o := range c.Result.Outages {
		faults := c.named(o)
		if len(faults) == 0 {
			continue
		}
		name := fmt.Sprintf("shard %d has an outage from %s by %s", o.Shard, span{o.FromMS, o.ToMS}, o.Cause)
		first := slices.MinFunc(faults, func(a, b *force) int { return cmp.Compare(a.asked, b.asked) })
		last := slices.MaxFunc(faults, func(a, b *force) int { return cmp.Compare(a.to, b.to) })
		switch {
		case first.asked > o.FromMS+2*noticeable:
			c.breach(RuleFaults, "%s, and faults[%d] (%s), to which that is put down, began %.0f ms after it", name, first.index, first.kind, first.asked-o.FromMS)
		case o.Cause == report.OutageMasterDown && last.to < o.FromMS-noticeable:
			c.breach(RuleFaults, "%s, and faults[%d] (%s), to which that is put down, was over %.0f ms before it", name, last.index, last.kind, o.FromMS-last.to)
		case o.Cause == report.OutageManual && !first.asksMaster():
			c.breach(RuleFaults, "%s, and faults[%d], to which that is put down, is a %s: the master is not asked", name, first.index, first.detail)
		}
	}
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

// busy looks for masters that are blamed for times in which this program was not run,
// and so heard of nobody.
func (c *checking) busy() {
	all, blind := 0, 0
	for _, o := range c.Result.Outages {
		if o.Cause != report.OutageNotResponding {
			continue
		}
		all++
		lost := 0.0
		for _, e := range c.events {
			if s, ok := e.Data.(*record.Starved); ok {
				lost += max(0, span{o.FromMS, o.ToMS}.common(span{e.MS - s.ForMS, e.MS}))
			}
		}
		if lost >= (o.ToMS-o.FromMS)/2 {
			blind++
		}
	}
	if blind > 0 {
		c.breach(RuleBusy, "%d of %d outages are said to be by %s, and this program itself was not run for half of each", blind, all, report.OutageNotResponding)
	}
}

// undisturbed looks for nodes that are called undisturbed while a fault was in force on
// them: by a cause, or in words.
func (c *checking) undisturbed() {
	for _, o := range c.Result.Outages {
		if o.Cause != report.OutageNotResponding && o.Cause != report.OutageResolver {
			continue
		}
		when := span{o.FromMS, o.ToMS}
		name := fmt.Sprintf("shard %d has an outage from %s by %s", o.Shard, when, o.Cause)
		for _, master := range c.masters(o.Shard, when) {
			if f := c.hit(master, when); f != nil {
				c.breach(RuleFaults, "%s, and faults[%d] (%s) was in force on %s from %s", name, f.index, f.kind, master, f.span)
			}
		}
		if f := c.toldToHandOver(o.Shard, when); f != nil {
			c.breach(RuleFaults, "%s, and faults[%d] told a replica of it to take over at %.0f ms", name, f.index, f.asked)
		}
	}
	for _, f := range c.Result.Failovers {
		if f.Cause != report.CauseNone || f.AtMS == nil {
			continue
		}
		if hit := c.hit(f.OldMaster, span{*f.AtMS - 2*c.nodeTimeout(), *f.AtMS}); hit != nil {
			c.breach(RuleFaults, "the failover of shard %d at %.0f ms is said to come of nothing, and faults[%d] (%s) was in force on %s from %s",
				f.Shard, *f.AtMS, hit.index, hit.kind, f.OldMaster, hit.span)
		}
	}
	c.undisturbedFindings(c.result)
	for _, text := range c.texts() {
		c.undisturbedIn(text)
	}
}

// undisturbedFindings looks through all findings that say that a node did not respond
// by itself.
func (c *checking) undisturbedFindings(value any) {
	switch v := value.(type) {
	case map[string]any:
		cause, _ := v["cause"].(string)
		node, _ := v["node"].(string)
		list, _ := v["evidence"].([]any)
		for _, item := range list {
			e, _ := item.(map[string]any)
			from, dated := e["ms"].(float64)
			lasted, _ := e["for_ms"].(float64)
			if (cause != "not_responding" && cause != "stalled") || node == "" || e["kind"] != "probes" || !dated {
				continue
			}
			if f := c.hit(node, span{from, from + lasted}); f != nil {
				c.breach(RuleFaults, "%s is said to be %s from %s, and faults[%d] (%s) was in force on it from %s", node, cause, span{from, from + lasted}, f.index, f.kind, f.span)
			}
		}
		for _, inner := range v {
			c.undisturbedFindings(inner)
		}
	case []any:
		for _, inner := range v {
			c.undisturbedFindings(inner)
		}
	}
}

// texts are all sentences that are told of the run.
func (c *checking) texts() (texts []string) {
	add := func(all ...string) {
		for _, text := range all {
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	for _, f := range c.Result.Failovers {
		add(f.Remarks...)
	}
	for _, m := range c.Result.Missed {
		add(m.Reason)
	}
	add(report.Story(c.Result)...)
	add(c.Result.Notes...)
	return texts
}

// undisturbedIn looks for clauses of a text that say of a node that it did something
// without any fault, from one moment to another.
func (c *checking) undisturbedIn(text string) {
	said := regexp.MustCompile(`without any fault \((redis-[a-z]+-\d+) [^()]*? from ([\d.]+ m?s) to ([\d.]+ m?s)\)`)
	for _, m := range said.FindAllStringSubmatch(text, -1) {
		from, to := parseTime(m[2]), parseTime(m[3])
		when := span{from + 0.005*from, to - 0.005*to} // they are rounded to three digits
		if f := c.hit(m[1], when); f != nil {
			c.breach(RuleFaults, "%q, and faults[%d] (%s) was in force on %s from %s", m[0], f.index, f.kind, m[1], f.span)
		}
	}
}

// parseTime reads a time as reports write it, in ms.
func parseTime(text string) float64 {
	number, unit, _ := strings.Cut(text, " ")
	ms, err := strconv.ParseFloat(number, 64)
	if err == nil && unit == "s" {
		ms *= 1000
	}
	return ms
}

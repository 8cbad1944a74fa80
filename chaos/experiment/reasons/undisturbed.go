package reasons

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
)

// undisturbed looks for nodes that are called undisturbed while a fault was in force on
// them: by a cause, or in words.
func (c *checking) undisturbed() {
	for _, o := range c.Result.Outages {
		if !saysUndisturbed(o.Cause) {
			continue
		}
		when := span{o.From, o.To}
		name := fmt.Sprintf("shard %d has an outage from %s by %s", o.Shard, when, o.Cause)
		for _, master := range c.masters(o.Shard, when) {
			if f := c.hit(master, when); f != nil {
				c.breach(RuleFaults, "%s, and faults[%d] (%s) was in force on %s from %s", name, f.index, f.kind, master, span{f.asked, f.to})
			}
		}
		if f := c.toldToHandOver(o.Shard, when); f != nil {
			c.breach(RuleFaults, "%s, and faults[%d] told a replica of it to take over at %.0f ms", name, f.index, f.asked)
		}
	}
	for _, f := range c.Result.Failovers {
		if f.Origin != report.OriginNone || f.At == nil {
			continue
		}
		if hit := c.hit(f.OldMaster, span{*f.At - (2 * c.nodeTimeout()), *f.At}); hit != nil {
			c.breach(RuleFaults, "the failover of shard %d at %.0f ms is said to come of nothing, and faults[%d] (%s) was in force on %s from %s",
				f.Shard, *f.At, hit.index, hit.kind, f.OldMaster, hit.span)
		}
	}
	c.undisturbedFindings(c.result)
	for _, text := range c.texts() {
		c.undisturbedIn(text)
	}
}

// saysUndisturbed tells whether a cause says of a node that no fault had hit it.
func saysUndisturbed(cause report.Cause) bool {
	return slices.Contains([]report.Cause{report.OutageNotResponding, report.OutageEventLoop, report.OutageDied, report.OutageResolver, report.PhaseNodesSilent}, cause)
}

// undisturbedFindings looks through all findings that say that a node did not respond
// by itself.
func (c *checking) undisturbedFindings(value any) {
	switch v := value.(type) {
	case map[string]any:
		cause, _ := v["cause"].(string)
		list, _ := v["evidence"].([]any)
		for _, item := range list {
			e, _ := item.(map[string]any)
			node, _ := e["node"].(string)
			from, dated := e["ms"].(float64)
			lasted, _ := e["for_ms"].(float64)
			if !saysUndisturbed(report.Cause(cause)) || e["kind"] != "probes" || !dated {
				continue
			}
			if f := c.hit(node, span{record.Millis(from), record.Millis(from) + record.Millis(lasted)}); f != nil {
				c.breach(RuleFaults, "%s is said to be %s from %s, and faults[%d] (%s) was in force on it from %s", node, cause, span{record.Millis(from), record.Millis(from) + record.Millis(lasted)}, f.index, f.kind, f.span)
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
	add(prose.Story(c.Result)...)
	add(c.Result.Notes...)
	return texts
}

// undisturbedIn looks for clauses of a text that say of a node that it did something
// without any fault, from one moment to another.
func (c *checking) undisturbedIn(text string) {
	said := regexp.MustCompile(`without any fault \((redis-[a-z]+-\d+) [^()]*? from ([\d.]+ m?s) to ([\d.]+ m?s)\)`)
	for _, m := range said.FindAllStringSubmatch(text, -1) {
		from, to := parseTime(m[2]), parseTime(m[3])
		when := span{from + (0.005 * from), to - (0.005 * to)} // they are rounded to three digits
		if f := c.hit(m[1], when); f != nil {
			c.breach(RuleFaults, "%q, and faults[%d] (%s) was in force on %s from %s", m[0], f.index, f.kind, m[1], span{f.asked, f.to})
		}
	}
}

// parseTime reads a time as reports write it, in ms.
func parseTime(text string) record.Millis {
	number, unit, _ := strings.Cut(text, " ")
	ms, err := strconv.ParseFloat(number, 64)
	if err == nil && unit == "s" {
		ms *= 1000
	}
	return record.Millis(ms)
}

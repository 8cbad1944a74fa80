package reasons

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// piece is a piece of evidence, with a text for breaches.
type piece struct{ report.Evidence }

func (p piece) String() string {
	at := "undated"
	if p.Moment != nil {
		at = fmt.Sprintf("at %.1f ms", *p.Moment)
	}
	return fmt.Sprintf("%s %s %s %s %q", p.Kind, at, p.Node, p.Name, p.Value)
}

// evidence looks for that of every finding in the record, wherever findings are.
func (c *checking) evidence() {
	for _, place := range []string{"outages", "missed", "failovers", "workloads"} {
		c.findings(place, c.result[place], span{0, c.end})
	}
}

// findings goes through a part of a result; within is the time that the part is about.
func (c *checking) findings(path string, value any, within span) {
	switch v := value.(type) {
	case []any:
		for i, inner := range v {
			c.findings(fmt.Sprintf("%s[%d]", path, i), inner, within)
		}
	case map[string]any:
		if from, ok := v["from_ms"].(float64); ok {
			if to, ok := v["to_ms"].(float64); ok {
				within = span{record.Millis(from), record.Millis(to)}
			}
		}
		c.finding(path, v, within)
		for key, inner := range v {
			if key != "evidence" {
				c.findings(path+"."+key, inner, within)
			}
		}
	}
}

// finding checks one, if it is one: what has a cause, and evidence or a place for it. A
// failover's cause is no finding, nor is that of a missed one, which has findings.
func (c *checking) finding(path string, v map[string]any, within span) {
	cause, ok := v["cause"].(string)
	_, findings := v["findings"]
	_, failover := v["new_master"]
	if !ok || findings || failover {
		return
	}
	list, _ := v["evidence"].([]any)
	if len(list) == 0 && cause != "unknown" {
		c.breach(RuleEvidence, "%s: %s has no evidence", path, cause)
	}
	for _, item := range list {
		var p piece
		if err := throughJSON(item, &p.Evidence); err != nil {
			c.breach(RuleEvidence, "%s: %s: %v", path, cause, err)
		} else if why := c.harmless(cause, p); why != "" {
			c.breach(RuleFaults, "%s: %s rests on %s: %s", path, cause, p, why)
		} else if why := c.absent(p, within); why != "" {
			c.breach(RuleEvidence, "%s: %s rests on %s: %s", path, cause, p, why)
		}
	}
}

// harmless says why a fault that is evidence cannot be a cause; "" if it can.
func (c *checking) harmless(cause string, p piece) string {
	if p.Kind != "fault" {
		return ""
	}
	if p.Name == failoverKind && slices.Contains([]string{"master_down", "no_majority", "rejoining", "replica_down"}, cause) {
		return "a node that is told to take over is not kept away by that"
	}
	for _, f := range c.forces() {
		if fmt.Sprintf("faults[%d]", f.index) == p.Value && f.offClients() && slices.Contains([]string{"no_majority", "replica_down"}, cause) {
			return "a node that is off the client network is reached by its peers"
		}
	}
	return ""
}

// absent says why a piece of evidence is not in the record; "" if it is.
func (c *checking) absent(p piece, within span) string {
	if p.Moment == nil && p.Kind != "directive" && p.Kind != "fault" {
		return "it has no time"
	}
	found := true
	switch p.Kind {
	case "directive":
		if set, ok := c.started.Config[p.Name]; ok && set != p.Value {
			return fmt.Sprintf("it is set to %q", set)
		}
	case "fault":
		return c.absentFault(p)
	case "probes":
		return c.absentAnswers(p, within)
	case "log":
		found = c.has(*p.Moment, "log", func(d map[string]any) bool {
			return d["node"] == p.Node && (p.Name == "" || d["kind"] == p.Name) && (d["text"] == p.Value || d["reason"] == p.Value)
		})
	case "flag":
		found = c.has(*p.Moment, "node_flag", func(d map[string]any) bool { return d["subject"] == p.Node && d["flag"] == p.Name }) ||
			p.Name == "fail" && c.has(*p.Moment, "log", func(d map[string]any) bool { return d["subject"] == p.Node })
	case "exit":
		found = c.has(*p.Moment, "node", func(d map[string]any) bool { return d["node"] == p.Node && d["action"] == "die" })
	case "incident":
		found = c.has(*p.Moment, "node", func(d map[string]any) bool { return d["node"] == p.Node && d["action"] != "start" })
	case "uncovered":
		found = c.has(*p.Moment, "", func(d map[string]any) bool {
			return d["flag"] == "fail" || d["kind"] == "marked_fail" || d["kind"] == "fail_received"
		})
	case "failover":
		found = c.has(*p.Moment, "", func(d map[string]any) bool {
			return d["node"] == p.Node && (d["kind"] == "election_won" || d["kind"] == "manual_failover" || d["role"] == "master")
		})
	case "starved":
		found = slices.ContainsFunc(c.lines, func(l line) bool {
			lasted, _ := l.Data["for_ms"].(float64)
			return l.Type == "starved" && (near(l.At, *p.Moment) || near(l.At-record.Millis(lasted), *p.Moment))
		})
	case "counter", "sync", "link", "role":
		found = c.has(*p.Moment, "", func(d map[string]any) bool { return about(d, p.Node) })
	default:
		return "there is no such kind of evidence"
	}
	if !found {
		return "the record has no such event"
	}
	return ""
}

// near tells whether two times are of one moment.
func near(a, b record.Millis) bool { return math.Abs(float64(a-b)) <= edge }

// about tells whether an event is about a node.
func about(data map[string]any, node string) bool {
	for _, key := range []string{"node", "observer", "subject", "replica", "master"} {
		if data[key] == node {
			return true
		}
	}
	return false
}

// has tells whether the record has an event of a type, or of any if it is "", at a moment.
func (c *checking) has(ms record.Millis, typ string, match func(data map[string]any) bool) bool {
	return slices.ContainsFunc(c.lines, func(l line) bool {
		return (typ == "" || l.Type == typ) && near(l.At, ms) && match(l.Data)
	})
}

func (c *checking) absentFault(p piece) string {
	for _, f := range c.forces() {
		if fmt.Sprintf("faults[%d]", f.index) != p.Value {
			continue
		}
		switch {
		case f.kind != p.Name:
			return "it is a " + f.kind
		case !slices.ContainsFunc(strings.Split(p.Node, ", "), func(n string) bool { return slices.Contains(f.targets, n) }) && f.kind != failoverKind:
			return fmt.Sprintf("its targets are %v", f.targets)
		case p.Moment != nil && !near(*p.Moment, f.from):
			return fmt.Sprintf("it took hold at %.1f ms", f.from)
		}
		return ""
	}
	return "it was not injected"
}

// absentAnswers looks for answers to probes that were given for some time, or for a node
// that gave none.
func (c *checking) absentAnswers(p piece, within span) string {
	when := within
	if p.For != nil {
		when = span{*p.Moment, *p.Moment + *p.For}
	}
	heard, given := record.Millis(0), false
	for _, row := range c.rows() {
		if row.node != p.Node || !row.meets(when) {
			continue
		}
		given = given || row.answer == p.Name
		if !isSilent(row.answer) {
			heard += max(0, row.common(when))
		}
	}
	switch {
	case p.Name != "silent" && !given:
		return fmt.Sprintf("it gave no such answer from %s", when)
	case p.Name == "silent" && p.For != nil && heard > edge:
		return fmt.Sprintf("it answered for %.0f ms of the time from %s", heard, when)
	case p.Name == "silent" && when.length()-heard < noticeable/4:
		return fmt.Sprintf("it answered nearly all the time from %s", when)
	}
	return ""
}

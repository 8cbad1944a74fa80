package report

import (
	"fmt"
	"strconv"
)

// Finding is a cause with its evidence in the record.
type Finding struct {
	Cause Cause `json:"cause"`
	// Node is whom it is about; empty where it is about the cluster.
	Node     string     `json:"node,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	// Change is what would change it; empty where that is nothing that a user could set.
	Change string `json:"change,omitempty"`
}

// Evidence is something of the record that a finding rests on.
type Evidence struct {
	// Kind is what it is: log, flag, fault, directive, probes, failover, exit, incident, counter,
	// sync, link, role, uncovered, starved or occupied.
	Kind string `json:"kind"`
	// MS is when, on the run's clock; nil of a directive.
	MS *float64 `json:"ms,omitempty"`
	// ForMS is how long it lasted: a fault's being in force, answers to probes, an outage,
	// the delay that a log line tells of. Nil of what happens at a moment.
	ForMS *float64 `json:"for_ms,omitempty"`
	Node  string   `json:"node,omitempty"`
	// Name is of the directive, the flag, the fault's kind, the log line's kind, the
	// answer, the counter, the shard or the workload.
	Name string `json:"name,omitempty"`
	// Value is of the directive, the log's line, or by how much a counter rose.
	Value string `json:"value,omitempty"`
	// Past is what the fault did to the node, in the passive: "killed".
	Past string `json:"past,omitempty"`
}

func (e Evidence) ms() float64    { return milliseconds(e.MS) }
func (e Evidence) forMS() float64 { return milliseconds(e.ForMS) }

// of lists the evidence of a kind.
func (f Finding) of(kind string) []Evidence { return ofKind(f.Evidence, kind) }

// first is the first evidence of a kind; an empty one if there is none.
func (f Finding) first(kind string) (e Evidence) {
	if all := f.of(kind); len(all) > 0 {
		e = all[0]
	}
	return e
}

func ofKind(evidence []Evidence, kind string) (all []Evidence) {
	for _, e := range evidence {
		if e.Kind == kind {
			all = append(all, e)
		}
	}
	return all
}

func directive(name, value string) Evidence {
	return Evidence{Kind: "directive", Name: name, Value: value}
}

// timeoutEvidence is cluster-node-timeout.
func (h *history) timeoutEvidence() Evidence {
	return directive("cluster-node-timeout", fmt.Sprintf("%.0f", h.nodeTimeout()))
}

// timeout is cluster-node-timeout where a finding rests on it, in ms.
func (f Finding) timeout() float64 {
	ms, _ := strconv.ParseFloat(directiveIn(f.Evidence, "cluster-node-timeout"), 64)
	return ms
}

func flagEvidence(ms float64, subject, flag string) Evidence {
	return Evidence{Kind: "flag", MS: &ms, Node: subject, Name: flag}
}

// faultEvidence is a fault's being in force on a node: to the end of the record, if it was
// not seen to be healed.
func (h *history) faultEvidence(index int, node string) Evidence {
	f := h.faults[index]
	e := Evidence{Kind: "fault", MS: f.EffectiveMS, Node: node, Name: f.Kind, Value: fmt.Sprintf("faults[%d]", index), Past: f.Past}
	if from, to, ok := f.InForce(h.observedUntil()); ok && !f.promotes() {
		e.ForMS = new(to - from)
	}
	return e
}

// probeEvidence is what a node answered its probes between two moments; "silent" is
// nothing.
func probeEvidence(node, answer string, from, to float64) Evidence {
	return Evidence{Kind: "probes", MS: &from, ForMS: new(to - from), Node: node, Name: answer}
}

// evidence is the log's line: the reason that it gives, where it has one.
func (l logLine) evidence() Evidence {
	text := l.Text
	if text == "" {
		text = l.Reason
	}
	e := Evidence{Kind: "log", MS: &l.ms, Node: l.Node, Name: string(l.Kind), Value: text}
	if l.Millis > 0 {
		e.ForMS = new(float64(l.Millis))
	}
	return e
}

// reasonEvidence is a log's line by the reason alone that it gives.
func (l logLine) reasonEvidence() Evidence {
	e := l.evidence()
	if l.Reason != "" {
		e.Value = l.Reason
	}
	return e
}

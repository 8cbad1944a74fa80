package report

import (
	"strconv"

	"github.com/redis-chaos/redis-chaos/report/record"
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
	// Moment is when, on the run's clock; nil of a directive.
	Moment *record.Millis `json:"ms,omitempty"`
	// For is how long it lasted: a fault's being in force, answers to probes, an outage,
	// the delay that a log line tells of. Nil of what happens at a moment.
	For  *record.Millis `json:"for_ms,omitempty"`
	Node string         `json:"node,omitempty"`
	// Name is of the directive, the flag, the fault's kind, the log line's kind, the
	// answer, the counter, the shard or the workload.
	Name string `json:"name,omitempty"`
	// Value is of the directive, the log's line, or by how much a counter rose.
	Value string `json:"value,omitempty"`
	// Past is what the fault did to the node, in the passive: "killed".
	Past string `json:"past,omitempty"`
}

// At is when it was, in ms.
func (e Evidence) At() record.Millis { return OrZero(e.Moment) }

// Lasted is how long it lasted, in ms.
func (e Evidence) Lasted() record.Millis { return OrZero(e.For) }

// Of lists the evidence of a kind.
func (f Finding) Of(kind string) []Evidence { return OfKind(f.Evidence, kind) }

// First is the first evidence of a kind; an empty one if there is none.
func (f Finding) First(kind string) (e Evidence) {
	if all := f.Of(kind); len(all) > 0 {
		e = all[0]
	}
	return e
}

// OfKind lists evidence of a kind.
func OfKind(evidence []Evidence, kind string) (all []Evidence) {
	for _, e := range evidence {
		if e.Kind == kind {
			all = append(all, e)
		}
	}
	return all
}

// NodeTimeout is cluster-node-timeout where a finding rests on it, in ms.
func (f Finding) NodeTimeout() record.Millis {
	ms, _ := strconv.ParseFloat(DirectiveIn(f.Evidence, "cluster-node-timeout"), 64)
	return record.Millis(ms)
}

// OrZero is a figure, or 0 where there is none.
func OrZero(ms *record.Millis) record.Millis {
	if ms == nil {
		return 0
	}
	return *ms
}

// DirectiveIn is the value of a directive that is evidence; "" if it is not.
func DirectiveIn(evidence []Evidence, name string) string {
	for _, e := range OfKind(evidence, "directive") {
		if e.Name == name {
			return e.Value
		}
	}
	return ""
}

package observed

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Directive is a setting of the servers.
func Directive(name, value string) report.Evidence {
	return report.Evidence{Kind: "directive", Name: name, Value: value}
}

// TimeoutEvidence is cluster-node-timeout.
func (facts *Facts) TimeoutEvidence() report.Evidence {
	return Directive("cluster-node-timeout", fmt.Sprintf("%.0f", facts.NodeTimeout()))
}

// FlagEvidence is a node's being flagged at a moment, or well again ("ok").
func FlagEvidence(ms record.Millis, subject, flag string) report.Evidence {
	return report.Evidence{Kind: "flag", Moment: &ms, Node: subject, Name: flag}
}

// FaultEvidence is a fault's being in force on a node: to the end of the record, if it was
// not seen to be healed.
func (facts *Facts) FaultEvidence(index int, node string) report.Evidence {
	f := facts.Faults[index]
	e := report.Evidence{Kind: "fault", Moment: f.Effective, Node: node, Name: f.Kind, Value: fmt.Sprintf("faults[%d]", index), Past: f.Past}
	if from, to, ok := f.InForce(facts.ObservedUntil()); ok && !f.Promotes() {
		e.For = new(to - from)
	}
	return e
}

// ProbeEvidence is what a node answered its probes between two moments; "silent" is
// nothing.
func ProbeEvidence(node, answer string, from, to record.Millis) report.Evidence {
	return report.Evidence{Kind: "probes", Moment: &from, For: new(to - from), Node: node, Name: answer}
}

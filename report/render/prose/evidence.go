package prose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/predict"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// stoodBeforeText tells of an election that a replica had scheduled before a moment.
func stoodBeforeText(f report.Finding, moment record.Millis) string {
	before, did := f.First("log"), "stood for election"
	if before.Name == string(record.LogElectionDelayed) {
		did = "scheduled an election"
	}
	return fmt.Sprintf("%s had %s %s before, and stands again after %s, four times cluster-node-timeout and at least 4 s, at the earliest",
		f.Node, did, words.Duration(moment-before.At()-before.Lasted()), words.Duration(predict.RetryAfter(f.NodeTimeout())))
}

// quoted is a log's line without its full stop.
func quoted(e report.Evidence) string { return strings.TrimRight(e.Value, ".") }

// nodesOf lists the nodes of evidence, each once, by name.
func nodesOf(evidence []report.Evidence) (nodes []string) {
	for _, e := range evidence {
		if e.Node != "" && !slices.Contains(nodes, e.Node) {
			nodes = append(nodes, e.Node)
		}
	}
	slices.SortFunc(nodes, words.ByNumber)
	return nodes
}

// ended is how a server came to be gone: "died", or "was removed".
func ended(incident report.Evidence) string {
	return IncidentText(report.Incident{Action: report.IncidentAction(incident.Name)})
}

// silentNodesText tells of nodes that no fault had hit and that did not respond.
func silentNodesText(f report.Finding) string {
	silent := f.Of("probes")
	longest := f.First("probes")
	return fmt.Sprintf("%s did not respond for up to %s at a time, without any fault (%s answered nothing from %s to %s)",
		words.List(nodesOf(silent)), words.Duration(longest.Lasted()), longest.Node, words.Duration(longest.At()), words.Duration(longest.At()+longest.Lasted()))
}

// quotes are log lines as they stand.
func quotes(lines []report.Evidence) string {
	var all []string
	for _, l := range lines {
		all = append(all, fmt.Sprintf("%s logged at %s “%s”", l.Node, words.Duration(l.At()), quoted(l)))
	}
	return strings.Join(all, "; ")
}

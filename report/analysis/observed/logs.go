package observed

import (
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/predict"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Evidence is the log's line: the reason that it gives, where it has one.
func (l LogLine) Evidence() report.Evidence {
	text := l.Text
	if text == "" {
		text = l.Reason
	}
	e := report.Evidence{Kind: "log", Moment: &l.At, Node: l.Node, Name: string(l.Kind), Value: text}
	if l.Millis > 0 {
		e.For = new(record.Millis(l.Millis))
	}
	return e
}

// ReasonEvidence is a log's line by the reason alone that it gives.
func (l LogLine) ReasonEvidence() report.Evidence {
	e := l.Evidence()
	if l.Reason != "" {
		e.Value = l.Reason
	}
	return e
}

// LastLog is the time of the last log line of a kind from a node, up to a moment.
func (facts *Facts) LastLog(node string, kind record.LogKind, until record.Millis) (record.Millis, bool) {
	return facts.Last(until, func(d record.Data) bool {
		l, ok := d.(*record.Log)
		return ok && l.Node == node && l.Kind == kind
	})
}

// HasLog tells whether any line of a node's log is in the record.
func (facts *Facts) HasLog(node string) bool {
	_, ok := facts.First(0, func(d record.Data) bool {
		l, ok := d.(*record.Log)
		return ok && l.Node == node
	})
	return ok
}

// Logs are a node's log lines of a kind between two moments; of all nodes if
// node is "".
func (facts *Facts) Logs(node string, kind record.LogKind, from, to record.Millis) (lines []LogLine) {
	for _, l := range facts.Lines {
		if l.Kind == kind && (node == "" || l.Node == node) && l.At >= from && l.At <= to {
			lines = append(lines, l)
		}
	}
	return lines
}

// StandsNot are the lines in which a replica says why it does not stand for
// election; that it waits for its delay or for votes is none.
func (facts *Facts) StandsNot(replica string, from, until record.Millis) []LogLine {
	return slices.DeleteFunc(facts.Logs(replica, record.LogElectionBlocked, from-LogSlack, until), func(l LogLine) bool {
		return strings.HasPrefix(l.Reason, "Waiting")
	})
}

// OnceEach is log lines as evidence, each text once; advice on the machine's settings,
// which is given at each start, is left out.
func OnceEach(lines []LogLine) (evidence []report.Evidence) {
	for _, l := range lines {
		said := slices.ContainsFunc(evidence, func(e report.Evidence) bool { return e.Value == l.Evidence().Value })
		if advice := strings.HasPrefix(l.Text, "WARNING "); !advice && !said {
			evidence = append(evidence, l.Evidence())
		}
	}
	return evidence
}

// StoodBefore is the election that a replica had held or scheduled before a moment, if that
// keeps it from standing: it does again after four times cluster-node-timeout, and at
// least 4 s (auth_retry_time in clusterHandleSlaveFailover, which counts from when the
// election was due). A server that forgets a won election is not bound by it.
func (facts *Facts) StoodBefore(replica string, moment record.Millis) (before LogLine, again record.Millis, ok bool) {
	retry := predict.RetryAfter(facts.NodeTimeout())
	for _, kind := range []record.LogKind{record.LogElectionStarted, record.LogElectionDelayed} {
		for _, l := range facts.Logs(replica, kind, moment-retry-MaxDelay, moment-LogSlack) {
			if due := l.At + record.Millis(l.Millis); due < moment && (!ok || due+retry > again) {
				before, again, ok = l, due+retry, true
			}
		}
	}
	return before, again, ok && again >= moment
}

// MaxDelay bounds the delay that a replica may have chosen for its election, in ms: of
// many ranks.
const MaxDelay = 20_000

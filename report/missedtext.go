package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// missedReason is why a master was not replaced, in words.
func missedReason(r *Result, m Missed) string {
	var reasons []string
	for _, f := range m.Findings {
		reasons = append(reasons, r.whyMissed(m, f))
	}
	reason := strings.Join(reasons, "; ")
	if m.Asked != "" {
		return fmt.Sprintf("%s was told to take over; %s", m.Asked, reason)
	}
	return reason
}

// whyMissed is a finding of a master that was not replaced in words.
func (r *Result) whyMissed(m Missed, f Finding) string {
	since := func(e Evidence) string { return Duration(max(0, e.ms()-m.FromMS)) }
	timeout := f.timeout()
	away := Duration(f.first("fault").forMS())
	masters := r.Run.Topology.Masters
	switch f.Cause {
	case MissedShorterThanTimeout:
		how := "away"
		if r.Faults[m.Fault].Has(record.Slows) {
			how = f.first("fault").Past
		}
		return fmt.Sprintf("it was %s for %s, and a node is suspected after cluster-node-timeout (%s) at the earliest", how, away, Duration(timeout))
	case MissedReachedByPeers:
		if r.Faults[m.Fault].Has(record.Slows) {
			return fmt.Sprintf("the other nodes had its answers in time: none suspected it in %s", away)
		}
		return fmt.Sprintf("the other nodes reached it all the time: none suspected it in %s, and suspicion takes %s at the most", away, Duration(longestSuspicion(timeout)))
	case MissedNoMajority:
		left := masters - len(f.of("fault"))
		return fmt.Sprintf("only %d of %d masters %s left, and %d must agree that a node failed", left, masters, was(left), majority(masters))
	case MissedBackBeforeMajority:
		return fmt.Sprintf("it was suspected after %s, and back before a majority of masters agreed", since(f.first("flag")))
	case MissedNoReplica:
		return "the shard has no replica"
	case MissedMigrated:
		return fmt.Sprintf("the shard had no replica any more: %s had become one of %s", f.Node, f.first("role").Value)
	case MissedReplicaNoFailover:
		return fmt.Sprintf("it was marked as failed after %s, and %s is yes: its replicas do not stand for election by themselves", since(f.first("flag")), f.first("directive").Name)
	case MissedReplicaDown:
		return fmt.Sprintf("%s was %s, too", f.Node, f.first("fault").Past)
	case MissedReplicaNotInSync:
		return fmt.Sprintf("%s was not in sync with it when it was hit", f.Node)
	case MissedReplicaStale, MissedBlocked:
		return fmt.Sprintf("%s did not stand: “%s”", f.Node, quoted(f.first("log")))
	case MissedStoodBefore:
		return stoodBeforeText(f, m.FromMS)
	case MissedVotesRefused, MissedNoVoters, MissedNotElected:
		return lostElectionsText(f, masters)
	case MissedBackBeforeElection:
		return backBeforeElectionText(m.Master, f, since)
	case MissedRecordEnds:
		due := f.first("log")
		if due.MS == nil {
			return fmt.Sprintf("the record ends %s after it was hit, before that could come about", away)
		}
		return fmt.Sprintf("the record ends before the election of %s was due, at %s", f.Node, Duration(due.ms()+due.forMS()))
	case MissedManualTimeout:
		return fmt.Sprintf("%s logged %s later “%s”", f.Node, Duration(f.first("log").ms()-m.FromMS), quoted(f.first("log")))
	case MissedWonAlone:
		return wonAloneText(f, m.FromMS)
	case PhaseNodesSilent, PhaseResolver:
		return silentNodesText(f)
	default:
		return unknownMissedText(m, f, since)
	}
}

func unknownMissedText(m Missed, f Finding, since func(Evidence) string) string {
	switch marked := f.first("flag"); {
	case m.Asked != "":
		return fmt.Sprintf("the log of %s does not say why", m.Asked)
	case marked.MS != nil:
		return fmt.Sprintf("it was marked as failed after %s, and no replica is seen to have stood for election", since(marked))
	default:
		return fmt.Sprintf("no other node is seen to have suspected it in %s", Duration(f.first("fault").forMS()))
	}
}

func lostElectionsText(f Finding, masters int) string {
	var stood, refused []Evidence
	for _, e := range f.of("log") {
		if e.Name == string(record.LogElectionStarted) {
			stood = append(stood, e)
		} else {
			refused = append(refused, e)
		}
	}
	text := fmt.Sprintf("%s stood %s and was not elected", f.Node, times(len(stood)))
	switch {
	case f.Cause == MissedNoVoters:
		left := masters - len(f.of("fault"))
		text += fmt.Sprintf(": only %d of %d masters %s left, and %d votes were needed", left, masters, was(left), majority(masters))
	case len(refused) == 1:
		text += fmt.Sprintf(": %s refused its vote: “%s”", refused[0].Node, quoted(refused[0]))
	case len(refused) > 1:
		text += fmt.Sprintf(": %s refused their votes: “%s”", list(nodesOf(refused)), quoted(refused[0]))
	}
	return text
}

func backBeforeElectionText(master string, f Finding, since func(Evidence) string) string {
	if delayed := f.first("log"); delayed.MS != nil {
		return fmt.Sprintf("%s had a delay of %s before its election, and %s was back after %s", f.Node, Duration(delayed.forMS()), master, since(f.first("flag")))
	}
	flags := f.of("flag")
	return fmt.Sprintf("it was marked as failed after %s and was back %s later, before a replica stood for election", since(flags[0]), Duration(flags[1].ms()-flags[0].ms()))
}

func wonAloneText(f Finding, asked float64) string {
	logs := f.of("log")
	won := logs[0]
	text := fmt.Sprintf("%s later its log says “%s”", Duration(max(0, won.ms()-asked)), quoted(won))
	named := func(kind record.LogKind) int {
		return slices.IndexFunc(logs, func(e Evidence) bool { return e.Name == string(kind) })
	}
	if named(record.LogElectionStarted) < 0 {
		text += ", without an election: it counted the votes of an earlier one"
	}
	if i := named(record.LogReconfigured); i >= 0 {
		text += fmt.Sprintf("; it was master for %s until it heard of an owner with a later epoch, and what it acked meanwhile is not in the data set of that one", Duration(logs[i].ms()-won.ms()))
	}
	return text
}

// stoodBeforeText tells of an election that a replica had scheduled before a moment.
func stoodBeforeText(f Finding, moment float64) string {
	before, did := f.first("log"), "stood for election"
	if before.Name == string(record.LogElectionDelayed) {
		did = "scheduled an election"
	}
	return fmt.Sprintf("%s had %s %s before, and stands again after %s, four times cluster-node-timeout and at least 4 s, at the earliest",
		f.Node, did, Duration(moment-before.ms()-before.forMS()), Duration(retryAfter(f.timeout())))
}

// quoted is a log's line without its full stop.
func quoted(e Evidence) string { return strings.TrimRight(e.Value, ".") }

// directiveIn is the value of a directive that is evidence; "" if it is not.
func directiveIn(evidence []Evidence, name string) string {
	for _, e := range ofKind(evidence, "directive") {
		if e.Name == name {
			return e.Value
		}
	}
	return ""
}

// nodesOf lists the nodes of evidence, each once, by name.
func nodesOf(evidence []Evidence) (nodes []string) {
	for _, e := range evidence {
		if e.Node != "" && !slices.Contains(nodes, e.Node) {
			nodes = append(nodes, e.Node)
		}
	}
	slices.SortFunc(nodes, byNumber)
	return nodes
}

func was(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

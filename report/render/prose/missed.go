package prose

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/predict"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// missedSentences tell of the masters that were not replaced: of many for the same cause, in
// one sentence.
func missedSentences(r *report.Result) (sentences []string) {
	var told []report.Cause
	for _, m := range r.Missed {
		var shards []string
		for _, other := range r.Missed {
			if other.Cause == m.Cause {
				shards = append(shards, fmt.Sprint(other.Shard))
			}
		}
		switch {
		case len(shards) < alikeFrom:
			sentences = append(sentences, missedSentence(r, m))
		case !slices.Contains(told, m.Cause):
			told = append(told, m.Cause)
			sentences = append(sentences, fmt.Sprintf("%d masters were not replaced (shards %s). The first is %s: %s.", len(shards), words.List(shards), m.Master, m.Reason))
		}
	}
	return sentences
}

// missedSentence tells of a master that was not replaced, and for how long its shard took no
// writes because of that.
func missedSentence(r *report.Result, m report.Missed) string {
	text := fmt.Sprintf("%s was not replaced as master of shard %d", m.Master, m.Shard)
	from, to := report.OrZero(r.Faults[m.Fault].Effective), record.Millis(math.Inf(1))
	if healed := r.Faults[m.Fault].Healed; healed != nil {
		to = *healed
	}
	longest := record.Millis(0)
	for _, o := range r.Outages {
		if o.Shard == m.Shard && o.From <= to && o.To >= from {
			longest = max(longest, o.Length())
		}
	}
	if longest >= report.Noticeable {
		text += fmt.Sprintf(", which was unavailable for writes for %s", words.Duration(longest))
	}
	return fmt.Sprintf("%s: %s.", text, m.Reason)
}

// missedReason is why a master was not replaced, in words.
func missedReason(r *report.Result, m report.Missed) string {
	var reasons []string
	for _, f := range m.Findings {
		reasons = append(reasons, whyMissed(r, m, f))
	}
	reason := strings.Join(reasons, "; ")
	if m.Asked != "" {
		return fmt.Sprintf("%s was told to take over; %s", m.Asked, reason)
	}
	return reason
}

// whyMissed is a finding of a master that was not replaced in words.
func whyMissed(r *report.Result, m report.Missed, f report.Finding) string {
	since := func(e report.Evidence) string { return words.Duration(max(0, e.At()-m.From)) }
	timeout := f.NodeTimeout()
	away := words.Duration(f.First("fault").Lasted())
	masters := r.Run.Topology.Masters
	switch f.Cause {
	case report.MissedShorterThanTimeout:
		how := "away"
		if r.Faults[m.Fault].Has(record.Slows) {
			how = f.First("fault").Past
		}
		return fmt.Sprintf("it was %s for %s, and a node is suspected after cluster-node-timeout (%s) at the earliest", how, away, words.Duration(timeout))
	case report.MissedReachedByPeers:
		if r.Faults[m.Fault].Has(record.Slows) {
			return fmt.Sprintf("the other nodes had its answers in time: none suspected it in %s", away)
		}
		return fmt.Sprintf("the other nodes reached it all the time: none suspected it in %s, and suspicion takes %s at the most", away, words.Duration(predict.LongestSuspicion(timeout)))
	case report.MissedNoMajority:
		left := masters - len(f.Of("fault"))
		return fmt.Sprintf("only %d of %d masters %s left, and %d must agree that a node failed", left, masters, words.Was(left), predict.Majority(masters))
	case report.MissedBackBeforeMajority:
		return fmt.Sprintf("it was suspected after %s, and back before a majority of masters agreed", since(f.First("flag")))
	case report.MissedNoReplica:
		return "the shard has no replica"
	case report.MissedMigrated:
		return fmt.Sprintf("the shard had no replica any more: %s had become one of %s", f.Node, f.First("role").Value)
	case report.MissedReplicaNoFailover:
		return fmt.Sprintf("it was marked as failed after %s, and %s is yes: its replicas do not stand for election by themselves", since(f.First("flag")), f.First("directive").Name)
	case report.MissedReplicaDown:
		return fmt.Sprintf("%s was %s, too", f.Node, f.First("fault").Past)
	case report.MissedReplicaNotInSync:
		return fmt.Sprintf("%s was not in sync with it when it was hit", f.Node)
	case report.MissedReplicaStale, report.MissedBlocked:
		return fmt.Sprintf("%s did not stand: “%s”", f.Node, quoted(f.First("log")))
	case report.MissedStoodBefore:
		return stoodBeforeText(f, m.From)
	case report.MissedVotesRefused, report.MissedNoVoters, report.MissedNotElected:
		return lostElectionsText(f, masters)
	case report.MissedBackBeforeElection:
		return backBeforeElectionText(m.Master, f, since)
	case report.MissedRecordEnds:
		due := f.First("log")
		if due.Moment == nil {
			return fmt.Sprintf("the record ends %s after it was hit, before that could come about", away)
		}
		return fmt.Sprintf("the record ends before the election of %s was due, at %s", f.Node, words.Duration(due.At()+due.Lasted()))
	case report.MissedManualTimeout:
		return fmt.Sprintf("%s logged %s later “%s”", f.Node, words.Duration(f.First("log").At()-m.From), quoted(f.First("log")))
	case report.MissedWonAlone:
		return wonAloneText(f, m.From)
	case report.PhaseNodesSilent, report.PhaseResolver:
		return silentNodesText(f)
	default:
		return unknownMissedText(m, f, since)
	}
}

func unknownMissedText(m report.Missed, f report.Finding, since func(report.Evidence) string) string {
	switch marked := f.First("flag"); {
	case m.Asked != "":
		return fmt.Sprintf("the log of %s does not say why", m.Asked)
	case marked.Moment != nil:
		return fmt.Sprintf("it was marked as failed after %s, and no replica is seen to have stood for election", since(marked))
	default:
		return fmt.Sprintf("no other node is seen to have suspected it in %s", words.Duration(f.First("fault").Lasted()))
	}
}

func lostElectionsText(f report.Finding, masters int) string {
	var stood, refused []report.Evidence
	for _, e := range f.Of("log") {
		if e.Name == string(record.LogElectionStarted) {
			stood = append(stood, e)
		} else {
			refused = append(refused, e)
		}
	}
	text := fmt.Sprintf("%s stood %s and was not elected", f.Node, words.Times(len(stood)))
	switch {
	case f.Cause == report.MissedNoVoters:
		left := masters - len(f.Of("fault"))
		text += fmt.Sprintf(": only %d of %d masters %s left, and %d votes were needed", left, masters, words.Was(left), predict.Majority(masters))
	case len(refused) == 1:
		text += fmt.Sprintf(": %s refused its vote: “%s”", refused[0].Node, quoted(refused[0]))
	case len(refused) > 1:
		text += fmt.Sprintf(": %s refused their votes: “%s”", words.List(nodesOf(refused)), quoted(refused[0]))
	}
	return text
}

func backBeforeElectionText(master string, f report.Finding, since func(report.Evidence) string) string {
	if delayed := f.First("log"); delayed.Moment != nil {
		return fmt.Sprintf("%s had a delay of %s before its election, and %s was back after %s", f.Node, words.Duration(delayed.Lasted()), master, since(f.First("flag")))
	}
	failed, well := f.First("flag"), report.Evidence{}
	if flags := f.Of("flag"); len(flags) > 1 {
		well = flags[1]
	}
	return fmt.Sprintf("it was marked as failed after %s and was back %s later, before a replica stood for election", since(failed), words.Duration(well.At()-failed.At()))
}

func wonAloneText(f report.Finding, asked record.Millis) string {
	logs := f.Of("log")
	won := f.First("log")
	text := fmt.Sprintf("%s later its log says “%s”", words.Duration(max(0, won.At()-asked)), quoted(won))
	named := func(kind record.LogKind) int {
		return slices.IndexFunc(logs, func(e report.Evidence) bool { return e.Name == string(kind) })
	}
	if named(record.LogElectionStarted) < 0 {
		text += ", without an election: it counted the votes of an earlier one"
	}
	if i := named(record.LogReconfigured); i >= 0 {
		text += fmt.Sprintf("; it was master for %s until it heard of an owner with a later epoch, and what it acked meanwhile is not in the data set of that one", words.Duration(logs[i].At()-won.At()))
	}
	return text
}

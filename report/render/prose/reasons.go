package prose

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// Reason is a reason in words.
func Reason(r *report.Result, reason report.Reason) string {
	text := reasonAlone(r, reason)
	if between := reason.Between; between != nil {
		text = fmt.Sprintf("it is between %s and %s: %s", words.Duration(between[0]), words.Duration(between[1]), text)
	}
	switch {
	case reason.Why == report.WhyShardNotObserved || reason.Why == report.WhyShardNotAcked:
		return text // which names its shard
	case reason.Shard != nil:
		return fmt.Sprintf("shard %d: %s", *reason.Shard, text)
	default:
		return text
	}
}

func reasonAlone(r *report.Result, reason report.Reason) string {
	node, workload := reason.Node, reason.Workload
	text := map[report.Why]string{
		report.WhyNoFault:            "no fault had hit " + node,
		report.WhyNobodyHadToSuspect: "the failover was asked for: nobody had to suspect " + node,
		report.WhyNobodyHadToMark:    "the failover was asked for: nobody had to mark " + node + " as failed",
		report.WhyNotSuspected:       "no node was seen to flag " + node,
		report.WhyNotMarked:          "no node was seen to mark " + node + " as failed",
		report.WhyNoLog:              "there is no log of " + node,
		report.WhyNoElectionLogged:   "the log of " + node + " tells of no election",
		report.WhyNoPromotionSeen:    "neither the log nor the role of " + node + " tells of the promotion",
		report.WhyNoProbeAcked:       "no probe write was acked by " + node,
		report.WhyNoProbes:           "no probe was acked",
		report.WhyNotAgreed:          "the nodes did not all agree on " + node + " while observed",
		report.WhyNotInSync:          "no replica of " + node + " came into sync while observed",
		report.WhyNotReached:         "workload " + workload + " had no write on the shard acked by " + node,
		report.WhyNoWriteAcked:       "no workload write on the shard was acked by " + node,
		report.WhyNotRunThen:         "this program was not run for a part of that time",
		report.WhyNoPhase:            "it has no such phase",

		report.WhyNoFigure:         "no such figure",
		report.WhyNotThatFar:       "the run did not get that far",
		report.WhyNoFailoverOfOurs: "no failover happened that a fault had caused",
		report.WhyUnfinished:       "workload " + workload + " did not get to its end",
		report.WhyNoneFinished:     "no workload got to its end",
		report.WhyTookNoTime:       "workload " + workload + " did not run for any time",
		report.WhyNothingAcked:     "no operation of workload " + workload + " was acked",
		report.WhyNothingAttempted: "no operation was attempted",
		report.WhyNoAckedWrites:    "no write was acked",
		report.WhyUnread:           unreadText(reason),
		report.WhyUncounted:        unreadText(reason) + ", or the servers' counters are not known",
		report.WhyUndated:          "it is not known of all lost writes when they were acked",
		report.WhyNotIdentified:    "it is not known which writes of workload " + workload + " are lost",
		report.WhyNoShards:         "the record holds no shards",
		report.WhyNoRecordedProbes: "the record holds no probes",
		report.WhyReadsUnfinished:  "the workloads that read did not get to their end",
		report.WhyNoReadAnswered:   "no read was answered",
		report.WhyNotHeard:         "what the subscribers heard was not judged",
		report.WhyNoMessageAcked:   "no message was acked",
		report.WhyNobodySubscribed: "nobody subscribed",
		report.WhyGroupUnread:      reason.Group + " of " + workload + ": " + reason.Text,
		report.WhyNotConsumed:      "what consumer groups got was not judged",
		report.WhyNoEntryAcked:     "no write of workload " + workload + " was acked",
		report.WhyLocksUnjudged:    "the locks were not judged",
		report.WhyNoLockAcquired:   "no lock was acquired",
		report.WhyUnchecked:        "the history of workload " + workload + " was not checked",
		report.WhyNoneChecked:      "no history was checked",
		report.WhyUndecided:        "workload " + workload + ": " + reason.Text,
		report.WhyNotAnswered:      "no operation of workload " + workload + " was answered",
	}[reason.Why]
	if text != "" {
		return text
	}
	return reasonOfOthers(r, reason)
}

// reasonOfOthers is a reason that another part of the result tells more of.
func reasonOfOthers(r *report.Result, reason report.Reason) string {
	switch reason.Why {
	case report.WhyNotRun:
		return fmt.Sprintf("this program was not run for %s of the time", words.Optional(reason.For))
	case report.WhyShardNotObserved:
		return fmt.Sprintf("shard %d was not observed while this program was not run", *reason.Shard)
	case report.WhyShardNotAcked:
		return fmt.Sprintf("no probe of shard %d was acked", *reason.Shard)
	case report.WhyFaultUndated:
		return fmt.Sprintf("it is not known when faults[%d] took hold", *reason.Fault)
	case report.WhyNoFailover:
		if reason.Missed != nil {
			return "no failover happened: " + missedReason(r, r.Missed[*reason.Missed])
		}
		return "no failover happened"
	case report.WhyNotReplaced:
		m := r.Missed[*reason.Missed]
		return fmt.Sprintf("%s was not replaced as master of shard %d: %s", m.Master, m.Shard, missedReason(r, m))
	default:
		return string(reason.Why)
	}
}

// unreadText says how many acked writes were not read back.
func unreadText(reason report.Reason) string {
	if reason.Count == 0 {
		return "the writes were not read back"
	}
	return fmt.Sprintf("%s of %s acked writes could not be read back", words.Count(reason.Count), words.Count(reason.Of))
}

package report

import "fmt"

// ReasonText is a reason in words.
func ReasonText(r *Result, reason Reason) string {
	text := reasonAlone(r, reason)
	if between := reason.Between; between != nil {
		text = fmt.Sprintf("it is between %s and %s: %s", Duration(between[0]), Duration(between[1]), text)
	}
	switch {
	case reason.Why == WhyShardNotObserved || reason.Why == WhyShardNotAcked:
		return text // which names its shard
	case reason.Shard != nil:
		return fmt.Sprintf("shard %d: %s", *reason.Shard, text)
	default:
		return text
	}
}

func reasonAlone(r *Result, reason Reason) string {
	node, workload := reason.Node, reason.Workload
	text := map[Why]string{
		WhyNoFault:            "no fault had hit " + node,
		WhyNobodyHadToSuspect: "the failover was asked for: nobody had to suspect " + node,
		WhyNobodyHadToMark:    "the failover was asked for: nobody had to mark " + node + " as failed",
		WhyNotSuspected:       "no node was seen to flag " + node,
		WhyNotMarked:          "no node was seen to mark " + node + " as failed",
		WhyNoLog:              "there is no log of " + node,
		WhyNoElectionLogged:   "the log of " + node + " tells of no election",
		WhyNoPromotionSeen:    "neither the log nor the role of " + node + " tells of the promotion",
		WhyNoProbeAcked:       "no probe write was acked by " + node,
		WhyNoProbes:           "no probe was acked",
		WhyNotAgreed:          "the nodes did not all agree on " + node + " while observed",
		WhyNotInSync:          "no replica of " + node + " came into sync while observed",
		WhyNotReached:         "workload " + workload + " had no write on the shard acked by " + node,
		WhyNoWriteAcked:       "no workload write on the shard was acked by " + node,
		WhyNotRunThen:         "this program was not run for a part of that time",
		WhyNoPhase:            "it has no such phase",

		WhyNoFigure:         "no such figure",
		WhyNotThatFar:       "the run did not get that far",
		WhyNoFailoverOfOurs: "no failover happened that a fault had caused",
		WhyUnfinished:       "workload " + workload + " did not get to its end",
		WhyNoneFinished:     "no workload got to its end",
		WhyTookNoTime:       "workload " + workload + " did not run for any time",
		WhyNothingAcked:     "no operation of workload " + workload + " was acked",
		WhyNothingAttempted: "no operation was attempted",
		WhyNoAckedWrites:    "no write was acked",
		WhyUnread:           unreadText(reason),
		WhyUncounted:        unreadText(reason) + ", or the servers' counters are not known",
		WhyUndated:          "it is not known of all lost writes when they were acked",
		WhyNotIdentified:    "it is not known which writes of workload " + workload + " are lost",
		WhyNoShards:         "the record holds no shards",
		WhyNoRecordedProbes: "the record holds no probes",
		WhyReadsUnfinished:  "the workloads that read did not get to their end",
		WhyNoReadAnswered:   "no read was answered",
		WhyNotHeard:         "what the subscribers heard was not judged",
		WhyNoMessageAcked:   "no message was acked",
		WhyNobodySubscribed: "nobody subscribed",
		WhyGroupUnread:      reason.Group + " of " + workload + ": " + reason.Text,
		WhyNotConsumed:      "what consumer groups got was not judged",
		WhyNoEntryAcked:     "no write of workload " + workload + " was acked",
		WhyLocksUnjudged:    "the locks were not judged",
		WhyNoLockAcquired:   "no lock was acquired",
		WhyUnchecked:        "the history of workload " + workload + " was not checked",
		WhyNoneChecked:      "no history was checked",
		WhyUndecided:        "workload " + workload + ": " + reason.Text,
		WhyNotAnswered:      "no operation of workload " + workload + " was answered",
	}[reason.Why]
	if text != "" {
		return text
	}
	return reasonOfOthers(r, reason)
}

// reasonOfOthers is a reason that another part of the result tells more of.
func reasonOfOthers(r *Result, reason Reason) string {
	switch reason.Why {
	case WhyNotRun:
		return fmt.Sprintf("this program was not run for %s of the time", optional(reason.ForMS))
	case WhyShardNotObserved:
		return fmt.Sprintf("shard %d was not observed while this program was not run", *reason.Shard)
	case WhyShardNotAcked:
		return fmt.Sprintf("no probe of shard %d was acked", *reason.Shard)
	case WhyFaultUndated:
		return fmt.Sprintf("it is not known when faults[%d] took hold", *reason.Fault)
	case WhyNoFailover:
		if reason.Missed != nil {
			return "no failover happened: " + missedReason(r, r.Missed[*reason.Missed])
		}
		return "no failover happened"
	case WhyNotReplaced:
		m := r.Missed[*reason.Missed]
		return fmt.Sprintf("%s was not replaced as master of shard %d: %s", m.Master, m.Shard, missedReason(r, m))
	default:
		return string(reason.Why)
	}
}

// unreadText says how many acked writes were not read back.
func unreadText(reason Reason) string {
	if reason.Count == 0 {
		return "the writes were not read back"
	}
	return fmt.Sprintf("%s of %s acked writes could not be read back", Count(reason.Count), Count(reason.Of))
}

package report

import "github.com/redis-chaos/redis-chaos/report/record"

// Reason is why a figure is not known, or why what it tells of did not come.
type Reason struct {
	Why Why `json:"why"`
	// Shard, Node and Workload are whom it is about.
	Shard    *int   `json:"shard,omitempty"`
	Node     string `json:"node,omitempty"`
	Workload string `json:"workload,omitempty"`
	// Fault and Missed are the indices of the fault and of the master that was not replaced.
	Fault  *int `json:"fault,omitempty"`
	Missed *int `json:"missed,omitempty"`
	// For is for how long this program was not run, and Between what the figure is between.
	For     *record.Millis    `json:"for_ms,omitempty"`
	Between *[2]record.Millis `json:"between,omitempty"`
	// Count is how many writes, and Of how many, were not read back.
	Count int64 `json:"count,omitempty"`
	Of    int64 `json:"of,omitempty"`
	// Group is the consumer group, and Text what was said of it or of a history.
	Group string `json:"group,omitempty"`
	Text  string `json:"text,omitempty"`
}

// On is the reason, as one of a shard.
func (r Reason) On(shard int) Reason {
	r.Shard = &shard
	return r
}

// Why is what kind of reason it is.
type Why string

// Why figures of a failover are not known.
const (
	WhyNoFault            Why = "no_fault"              // nothing had hit the old master
	WhyNobodyHadToSuspect Why = "nobody_had_to_suspect" // the failover was asked for
	WhyNobodyHadToMark    Why = "nobody_had_to_mark"    // likewise
	WhyNotSuspected       Why = "not_suspected"         // by any node, as far as was seen
	WhyNotMarked          Why = "not_marked"            // as failed, likewise
	WhyNoLog              Why = "no_log"
	WhyNoElectionLogged   Why = "no_election_logged"
	WhyNoPromotionSeen    Why = "no_promotion_seen"
	WhyNoProbeAcked       Why = "no_probe_acked" // by the new master
	WhyNoProbes           Why = "no_probes"      // were acked by anybody
	WhyNotAgreed          Why = "not_agreed"     // while observed
	WhyNotInSync          Why = "not_in_sync"    // likewise
	WhyNotReached         Why = "not_reached"    // by a workload that had written to the shard
	WhyNoWriteAcked       Why = "no_write_acked" // of any workload, by the new master
	WhyNotRun             Why = "not_run"        // this program itself
	WhyNotRunThen         Why = "not_run_then"   // for a part of that time
	WhyNoPhase            Why = "no_phase"
)

// Why figures of a run are not known.
const (
	WhyNoFigure         Why = "no_figure" // of that name
	WhyNotThatFar       Why = "not_that_far"
	WhyNoFailover       Why = "no_failover"
	WhyNoFailoverOfOurs Why = "no_failover_of_a_fault" // but of incidents
	WhyNotReplaced      Why = "not_replaced"
	WhyUnfinished       Why = "unfinished" // the workload
	WhyNoneFinished     Why = "none_finished"
	WhyTookNoTime       Why = "took_no_time"  // the workload
	WhyNothingAcked     Why = "nothing_acked" // of the workload
	WhyNothingAttempted Why = "nothing_attempted"
	WhyNoAckedWrites    Why = "no_acked_writes"
	WhyUnread           Why = "unread"              // acked writes
	WhyUncounted        Why = "unread_or_uncounted" // or the servers' counters are not known
	WhyUndated          Why = "undated"             // lost writes
	WhyNotIdentified    Why = "not_identified"      // which writes of a workload are lost
	WhyNoShards         Why = "no_shards"
	WhyNoRecordedProbes Why = "no_recorded_probes"
	WhyShardNotObserved Why = "shard_not_observed"
	WhyShardNotAcked    Why = "shard_not_acked"
	WhyFaultUndated     Why = "fault_undated"
	WhyReadsUnfinished  Why = "reads_unfinished"
	WhyNoReadAnswered   Why = "no_read_answered"
	WhyNotHeard         Why = "not_heard"
	WhyNoMessageAcked   Why = "no_message_acked"
	WhyNobodySubscribed Why = "nobody_subscribed"
	WhyGroupUnread      Why = "group_unread"
	WhyNotConsumed      Why = "not_consumed"
	WhyNoEntryAcked     Why = "no_entry_acked" // of the workload
	WhyLocksUnjudged    Why = "locks_unjudged"
	WhyNoLockAcquired   Why = "no_lock_acquired"
	WhyUnchecked        Why = "unchecked" // the history of the workload
	WhyNoneChecked      Why = "none_checked"
	WhyUndecided        Why = "undecided"    // by the check of the history
	WhyNotAnswered      Why = "not_answered" // any operation of the workload
)

package report

import "github.com/redis-chaos/redis-chaos/report/record"

// Notice is what a reader should know beside the figures.
type Notice struct {
	Kind     NoticeKind `json:"kind"`
	Workload string     `json:"workload,omitempty"`
	Node     string     `json:"node,omitempty"`
	// Fault and Failover are the indices of those that it is about.
	Fault    *int `json:"fault,omitempty"`
	Failover *int `json:"failover,omitempty"`
	// At is when, on the run's clock, and For how late, by how much or within how long.
	At    *record.Millis `json:"ms,omitempty"`
	For   *record.Millis `json:"for_ms,omitempty"`
	Count int64          `json:"count,omitempty"`
	Of    int64          `json:"of,omitempty"`
	// Lacks is what the record does not hold.
	Lacks []Lack `json:"lacks,omitempty"`
	// Text is in the words of the record.
	Text string `json:"text,omitempty"`
}

// NoticeKind is what a notice tells of.
type NoticeKind string

// The kinds of notices.
const (
	NoticeRecorded      NoticeKind = "recorded"       // what the run itself noted
	NoticeRecordEnds    NoticeKind = "record_ends"    // before the run does
	NoticeImageBuilt    NoticeKind = "image_built"    // of a server of this machine
	NoticeInjectedLate  NoticeKind = "injected_late"  // as this program was not run when it was due
	NoticeHealedLate    NoticeKind = "healed_late"    // likewise
	NoticeSteadyLate    NoticeKind = "steady_late"    // the cluster, and so the timeline by so much
	NoticeClockSet      NoticeKind = "clock_set"      // this machine's, by so much
	NoticeSetNotJudged  NoticeKind = "set_not_judged" // expect_set, by a single run
	NoticeFalseFailover NoticeKind = "false_failover"
	NoticeNewID         NoticeKind = "new_id"       // of a node, which is another one to the cluster
	NoticeNewAddress    NoticeKind = "new_address"  // of a node
	NoticeNotWhole      NoticeKind = "not_whole"    // the cluster, so long after the last fault healed
	NoticeKeysRemoved   NoticeKind = "keys_removed" // so many of the run's, from a cluster that goes on
	NoticeKeysLeft      NoticeKind = "keys_left"    // some of the run's may be: Text is what they begin with, and why
	NoticeResultAlone   NoticeKind = "result_alone" // the report is made of, without the record
	// NoticeFaultDiffers: what a fault did is not what was asked for. For is how long this program was not run
	// meanwhile, if that may be why.
	NoticeFaultDiffers NoticeKind = "fault_differs"
)

// The kinds of notices about a workload.
const (
	NoticeUnsent           NoticeKind = "unsent" // writes that were due
	NoticeFailedApplied    NoticeKind = "failed_applied"
	NoticeDuplicated       NoticeKind = "duplicated"
	NoticeOutOfOrder       NoticeKind = "out_of_order"
	NoticeUnread           NoticeKind = "unread"  // acked writes
	NoticeForeign          NoticeKind = "foreign" // values that it never wrote
	NoticeNoRate           NoticeKind = "no_rate" // it publishes as fast as it can, and subscribers lost connections
	NoticeUnsubscribed     NoticeKind = "unsubscribed"
	NoticeLatenciesDamaged NoticeKind = "latencies_damaged" // of so many seconds
	NoticeStaleReads       NoticeKind = "stale_reads"
	NoticeStrangeReads     NoticeKind = "strange_reads" // of what it never wrote
)

// Lack is what a record that was cut short does not hold.
type Lack struct {
	What LackKind `json:"what"`
	// Workloads are those of which it does not.
	Workloads []string `json:"workloads,omitempty"`
}

// LackKind is what a record may lack.
type LackKind string

// What a record may lack.
const (
	LackCounts    LackKind = "counts"    // what the workloads counted
	LackRecovery  LackKind = "recovery"  // whether the cluster recovered
	LackLosses    LackKind = "losses"    // whether acked writes are lost
	LackVerdicts  LackKind = "verdicts"  // what the clients' histories show
	LackReceivers LackKind = "receivers" // what subscribers and consumer groups got
	LackLogs      LackKind = "logs"      // the servers' logs
)

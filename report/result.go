// Package report turns a run's record into its result and renders that. It
// knows nothing of how anything was made to happen.
package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Schema names the form of result.json. Fields are added, never renamed.
const Schema = "redis-chaos/result/v1"

// Result is what a run found out. A figure that could not be measured is nil
// (null), never 0.
type Result struct {
	Schema    string     `json:"schema"`
	Run       Run        `json:"run"`
	Verdict   Verdict    `json:"verdict"`
	Faults    []Fault    `json:"faults"`
	Incidents []Incident `json:"incidents"`
	Holes     []Hole     `json:"holes"`
	Failovers []Failover `json:"failovers"`
	Missed    []Missed   `json:"missed"`
	Outages   []Outage   `json:"outages"`
	Writes    Writes     `json:"writes"`
	Workloads []Workload `json:"workloads"`
	// StaleReads sums up those of all workloads; nil if none read, or not to its end.
	StaleReads   *int64        `json:"stale_reads,omitempty"`
	Shards       []Shard       `json:"shards"`
	Recovered    *bool         `json:"recovered"`
	Expectations []Expectation `json:"expectations"`
	// Notices are what a reader should know beside the figures, and Notes that in words.
	Notices []Notice `json:"notices,omitempty"`
	Notes   []string `json:"notes"`
	// Error is why the run was not carried out to its end.
	Error string `json:"error,omitempty"`
	// Skipped: nothing went wrong, but the runtime cannot do what the scenario needs.
	Skipped bool `json:"skipped,omitempty"`
	// TakesIncidents: the scenario has an expectation about incidents.
	TakesIncidents bool `json:"takes_incidents,omitempty"`
	// Timeline is what the nodes answered, and whose writes they acked, over the run; nil if the
	// record does not tell of its start.
	Timeline *Timeline `json:"timeline,omitempty"`
}

// Verdict is the outcome of a run.
type Verdict string

// The verdicts.
const (
	Pass  Verdict = "pass"  // every expectation held
	Fail  Verdict = "fail"  // some expectation did not hold
	Error Verdict = "error" // the run was not carried out to its end
)

// Run is what was run, on what.
type Run struct {
	ID         string            `json:"id"`
	Scenario   string            `json:"scenario"`
	Started    time.Time         `json:"started"`
	DurationMS float64           `json:"duration_ms"` // until the last write was read back
	Seed       int64             `json:"seed"`
	Runtime    string            `json:"runtime"`
	Engine     string            `json:"engine"`
	Tool       string            `json:"tool"`
	Server     record.Server     `json:"server"`
	Topology   Topology          `json:"topology"`
	Config     map[string]string `json:"config"`
}

// Topology is the shape of the cluster.
type Topology struct {
	Masters  int `json:"masters"`
	Replicas int `json:"replicas"` // per master
}

// Fault is a fault as it happened, in milliseconds on the run's clock.
type Fault struct {
	Kind   string `json:"kind"`
	Detail string `json:"detail,omitempty"`
	// Past is what the fault does to a target, in the passive ("killed"), and Effects what that
	// is to a server. Both are empty if it was not reached.
	Past        string          `json:"past,omitempty"`
	Effects     []record.Effect `json:"effects,omitempty"`
	Targets     []string        `json:"targets"`
	RequestedMS *float64        `json:"requested_ms"`
	EffectiveMS *float64        `json:"effective_ms"`
	HealedMS    *float64        `json:"healed_ms"`
	Error       string          `json:"error,omitempty"`
	// LostWrites counts the lost writes that come of the fault; nil where that is not
	// known.
	LostWrites *int64 `json:"lost_writes,omitempty"`
	// OverMS is when it was no longer in force, as far as that is known: the runtime may not tell
	// when it was healed.
	OverMS *float64 `json:"over_ms,omitempty"`
}

// InForce is from when to when the fault was in force: since it was requested, if the runtime did
// not tell when it took hold, and to the end, if nobody asked for its healing. It is not ok if
// the fault was not done, as far as is known.
func (f Fault) InForce(end float64) (from, to float64, ok bool) {
	if f.EffectiveMS == nil && (f.RequestedMS == nil || f.Error != "") {
		return 0, 0, false
	}
	if over := cmp.Or(f.OverMS, f.HealedMS); over != nil {
		end = *over
	}
	return *cmp.Or(f.EffectiveMS, f.RequestedMS), end, true
}

// Has tells whether the fault has an effect.
func (f Fault) Has(e record.Effect) bool { return slices.Contains(f.Effects, e) }

// Failover is a change of a shard's master. Times are milliseconds from the
// moment at which the fault that caused it took hold, or the incident came.
type Failover struct {
	Shard     int    `json:"shard"`
	OldMaster string `json:"old_master"`
	NewMaster string `json:"new_master"`
	// Origin says what it came from.
	Origin Origin `json:"cause"`
	// Fault is the index of the fault that caused it, and Incident that of the incident; nil
	// where none did.
	Fault    *int `json:"fault"`
	Incident *int `json:"incident,omitempty"`
	// AtMS is when it was won, on the run's clock.
	AtMS             *float64 `json:"at_ms"`
	PFailMS          *float64 `json:"pfail_ms"`
	FailMS           *float64 `json:"fail_ms"`
	ElectionMS       *float64 `json:"election_ms"`
	PromotedMS       *float64 `json:"promoted_ms"`
	FirstWriteMS     *float64 `json:"first_write_ms"`
	ClientRecoveryMS *float64 `json:"client_recovery_ms"`
	ConvergedMS      *float64 `json:"converged_ms"`
	RedundantMS      *float64 `json:"redundant_ms"`
	// SplitBrainMS is for how long both masters acked writes at once, in sum, and
	// SplitBrainLongestMS the longest of these times.
	SplitBrainMS        *float64 `json:"split_brain_ms"`
	SplitBrainLongestMS *float64 `json:"split_brain_longest_ms"`
	// Reasons says of each nil figure why it is nil, by its JSON name, and Unmeasured that in words.
	Reasons    map[string]Reason `json:"reasons,omitempty"`
	Unmeasured map[string]string `json:"unmeasured,omitempty"`
	// Bounds is between what some of these are, because of holes in the record.
	Bounds map[string][2]float64 `json:"bounds,omitempty"`
	// Voters are the masters whose logs say that they voted for the new one.
	Voters []string `json:"voters,omitempty"`
	// Phases follow each other from the fault to the new master's first write; from
	// there on, convergence and clients go their own ways.
	Phases []Phase `json:"phases,omitempty"`
	// Findings say what the record shows of a failover that nothing asked for.
	Findings []Finding `json:"findings,omitempty"`
	// Clients is how each workload came through it.
	Clients []Recovery `json:"clients,omitempty"`
	// Disorder is figures that contradict each other.
	Disorder []Disorder `json:"disorder,omitempty"`
	// Remarks say what is unusual in words: where time went beyond what the configuration
	// predicts, and figures that contradict each other.
	Remarks []string `json:"remarks,omitempty"`
	// FromMS is the moment that the times count from, on the run's clock.
	FromMS float64 `json:"from_ms,omitempty"`
	// Never is the figures that were waited for and did not come, by their JSON names.
	Never []string `json:"never,omitempty"`
}

// Origin is what a failover came from.
type Origin string

// The origins of failovers.
const (
	OriginFault    Origin = "fault"    // a fault had hit the old master
	OriginManual   Origin = "manual"   // somebody asked for it, with CLUSTER FAILOVER
	OriginIncident Origin = "incident" // something had happened to the old master that no fault had done
	OriginNone     Origin = "none"     // none of these: a false failover, whose times are all nil
)

// unplanned tells whether the old master was taken from the cluster, by a fault or an incident.
func (f Failover) unplanned() bool { return f.Origin == OriginFault || f.Origin == OriginIncident }

// Phase is a part of a failover, in milliseconds.
type Phase struct {
	Name   string  `json:"name"`
	FromMS float64 `json:"from_ms"` // from the moment at which the fault took hold
	TookMS float64 `json:"took_ms"`
	// PredictedMS is the least and the most that the configuration lets it take;
	// nil where that does not decide it.
	PredictedMS *[2]float64 `json:"predicted_ms"`
	// Node is who suspected first, found that a majority agreed, or was the last to name the new
	// master.
	Node string `json:"node,omitempty"`
	// Delays are those that the new master chose before its election.
	Delays []Delay `json:"delays,omitempty"`
	// Detail says in words who did what.
	Detail string `json:"detail"`
	// Findings say why it took longer than predicted, the longest first; empty if it did not.
	Findings []Finding `json:"findings,omitempty"`
}

// Delay is what a replica chose to wait before its election.
type Delay struct {
	MS   float64 `json:"ms"`
	Rank int     `json:"rank"`
	// More: beside what it had chosen before.
	More bool `json:"more,omitempty"`
}

// Disorder is two figures of which one is before the other although it follows it.
type Disorder struct {
	Early string          `json:"early"` // by their JSON names
	Late  string          `json:"late"`
	ByMS  float64         `json:"by_ms"`
	Cause DisorderedCause `json:"cause"`
}

// DisorderedCause is why figures are out of order.
type DisorderedCause string

// The causes of disorder.
const (
	DisorderProbeLate DisorderedCause = "probe_late" // the probe that would have found the shard open
	DisorderClockSet  DisorderedCause = "clock_set"  // this machine's, while the run was going on
	DisorderPolled    DisorderedCause = "polled"     // the one is seen by asking every node in turn, the other in a log
	DisorderClocks    DisorderedCause = "clocks"     // of the servers and of this program do not agree
)

// Recovery is how a workload came through a failover.
type Recovery struct {
	Workload string `json:"workload"`
	// LastAckMS and FirstAckMS are the last write on the shard acked before the new
	// master's first, and that, on the run's clock.
	LastAckMS  *float64 `json:"last_ack_ms"`
	FirstAckMS *float64 `json:"first_ack_ms"`
	// RecoveryMS is from the moment at which the fault took hold, and LibraryMS the
	// part of it after the new master's first probe write: the client library's.
	RecoveryMS *float64 `json:"recovery_ms"`
	LibraryMS  *float64 `json:"library_ms"`
	// StallMS is the longest call of the client library on the shard that ended
	// after the fault took hold.
	StallMS *float64 `json:"stall_ms"`
	// RecoveryBoundsMS is between what RecoveryMS is where holes in the record leave it nil.
	RecoveryBoundsMS *[2]float64 `json:"recovery_bounds_ms,omitempty"`
	// SilentAgainMS is the longest time without an ack on the shard after the first.
	SilentAgainMS *float64 `json:"silent_again_ms"`
	// Errors are the shard's from when the fault took hold until the next fault after the
	// change of master, or the next change of master.
	Errors []record.ErrorCount `json:"errors,omitempty"`
	// Awaited: it wrote to the shard before, and went on after it was open again.
	Awaited bool `json:"awaited,omitempty"`
	// Never: it had no write acked there by any master from then on.
	Never bool `json:"never,omitempty"`
}

// Missed is a master that a fault hit and that no replica replaced.
type Missed struct {
	Shard  int    `json:"shard"`
	Master string `json:"master"`
	Fault  int    `json:"fault"`
	// Asked is the replica that was told to take over, if one was.
	Asked string `json:"asked,omitempty"`
	// Cause is the first finding's.
	Cause    Cause     `json:"cause"`
	Findings []Finding `json:"findings"`
	// Reason is the findings in words.
	Reason string `json:"reason"`
	// FromMS is when it was first without an answer, on the run's clock.
	FromMS float64 `json:"from_ms"`
}

// Writes accounts for writes: Attempted = Acked + Failed + Indeterminate.
type Writes struct {
	Attempted     int64 `json:"attempted"`
	Acked         int64 `json:"acked"`
	Failed        int64 `json:"failed"`
	Indeterminate int64 `json:"indeterminate"`
	// Lost: acked, and absent after recovery, unless the servers removed them themselves.
	// Nil if not all of them were read back, as are the figures that follow from it.
	Lost *int64 `json:"lost"`
	// LostAtLeast is those of the writes that were read back; only where Lost is nil for the
	// others.
	LostAtLeast *int64   `json:"lost_at_least,omitempty"`
	LostRatio   *float64 `json:"lost_ratio"`
	// LossWindowMS is the time of ack of the first and the last lost write. Nil if
	// none was lost, or if that is not known of all of them.
	LossWindowMS   *[2]float64 `json:"loss_window_ms"`
	UnackedApplied *int64      `json:"unacked_applied"`
	// Duplicated: applied more often than issued. Nil where the workloads' data
	// cannot tell.
	Duplicated *int64 `json:"duplicated"`
	// OutOfOrder: applied after a later write of the same client to the same key.
	// Nil where the workloads' data cannot tell.
	OutOfOrder *int64 `json:"out_of_order,omitempty"`
	// Unverified counts acked writes on keys that could not be read back.
	Unverified int64 `json:"unverified,omitempty"`
	// FailedApplied counts writes that were refused and are there all the same.
	FailedApplied int64 `json:"failed_applied,omitempty"`
	// Unsent counts open-loop arrivals that no client was free to send.
	Unsent int64 `json:"unsent,omitempty"`
	// LostByShard counts lost writes by shard number.
	LostByShard map[int]int64 `json:"lost_by_shard,omitempty"`
	// Evicted and Expired count acked writes that the servers removed themselves, which are
	// not in Lost. Nil if nothing was read back, or if the servers' counters are not known.
	Evicted *int64 `json:"evicted"`
	Expired *int64 `json:"expired"`
	// Removed is those by shard and node.
	Removed []Loss `json:"removed,omitempty"`
	// Losses is the lost writes of a workload by shard, node and fault, as far as it is
	// known which ones are lost.
	Losses []Loss `json:"losses,omitempty"`
	// Judged is how many acked writes are of workloads whose losses are counted.
	Judged int64 `json:"judged"`
}

// Workload is what one workload saw.
type Workload struct {
	Name          string          `json:"name"`
	Type          string          `json:"type"`
	Writes        Writes          `json:"writes"`
	TargetRate    float64         `json:"target_rate,omitempty"` // writes/s asked for, on average
	Rates         string          `json:"rates,omitempty"`       // how that changes, if it does
	ThroughputOps *float64        `json:"throughput_ops"`        // acked writes/s
	LatencyMS     *record.Latency `json:"latency_ms"`
	// LatenessMS is how long after they were due the writes of an open loop were sent.
	LatenessMS *record.Latency `json:"lateness_ms,omitempty"`
	// Wait is what WAIT told of the writes, if the workload asked.
	Wait *record.Waits `json:"wait,omitempty"`
	// WaitAOF is what WAITAOF told of the writes, if the workload asked.
	WaitAOF *record.WaitsAOF `json:"waitaof,omitempty"`
	// Client is the options of its client, as the library had them.
	Client *record.ClientSettings `json:"client,omitempty"`
	// Parts is what was found of each type of a mixed workload.
	Parts []Part `json:"parts,omitempty"`
	// Reads is what its reads came to; nil if it only writes.
	Reads *Reads `json:"reads,omitempty"`
	// Heard is what the subscribers of a workload of type pubsub received, and
	// Consumed what the consumer groups of one of type stream did.
	Heard    *record.Heard    `json:"heard,omitempty"`
	Consumed *record.Consumed `json:"consumed,omitempty"`
	// Locks and Linearizability are the verdicts on workloads of these types.
	Locks           *record.Locks           `json:"locks,omitempty"`
	Linearizability *record.Linearizability `json:"linearizability,omitempty"`
	// LatencyPhases is LatencyMS before, during and after each fault; empty without
	// faults.
	LatencyPhases    []LatencyPhase      `json:"latency_phases"`
	Errors           map[string]int64    `json:"errors"`
	ErrorDetails     []record.ErrorCount `json:"error_details,omitempty"`
	ClientRecoveryMS *float64            `json:"client_recovery_ms"`
	// Reasons says why figures are nil although there were acked writes, by their JSON names, and
	// Unmeasured that in words.
	Reasons    map[string]Reason `json:"reasons,omitempty"`
	Unmeasured map[string]string `json:"unmeasured,omitempty"`
	// ReloadMS is the cluster_state_reload_interval asked for; nil is the library's default.
	ReloadMS *float64 `json:"cluster_state_reload_interval_ms,omitempty"`
	// NoLoss: no losses are counted.
	NoLoss bool `json:"no_loss,omitempty"`
}

// Shard is how long a shard took no writes: by its probes, and as its clients saw it.
type Shard struct {
	Shard int    `json:"shard"`
	Slots string `json:"slots"`
	// UnavailableMS is the sum of its outages, of however short ones, and LongestMS the
	// longest of them.
	UnavailableMS *float64 `json:"unavailable_ms"`
	LongestMS     *float64 `json:"longest_ms"`
	// SilentMS is the part of that in which no node of the shard answered at all.
	SilentMS *float64 `json:"silent_ms"`
	// ClientGapMS is the longest time for which no workload had a write on the
	// shard acked, while workloads ran. Nil if none ever had.
	ClientGapMS *float64 `json:"client_gap_ms"`
	// Bounds is between what unavailable_ms, longest_ms and client_gap_ms are where holes in
	// the record leave them nil.
	Bounds map[string][2]float64 `json:"bounds,omitempty"`
	// Collateral: no fault touched this shard.
	Collateral bool `json:"collateral"`
	// AckedAfterFault tells whether a workload had a write on the shard acked after the
	// first fault took hold; nil if no fault did, or no workload ran.
	AckedAfterFault *bool `json:"acked_after_fault,omitempty"`
	// Findings say why applications had nothing acked on it while it took writes.
	Findings []Finding `json:"findings,omitempty"`
}

// Expectation is a bound and what was found.
type Expectation struct {
	Name string `json:"name"`
	Want string `json:"want"`
	// Got is in milliseconds, a count, a ratio or a truth value; nil if it was not measured.
	Got any `json:"got"`
	// Between is what Got is between, where holes in the record leave it nil: the
	// expectation then holds if it does for both.
	Between *[2]float64 `json:"between,omitempty"`
	// Reason is why Got is nil.
	Reason *Reason `json:"reason,omitempty"`
	OK     bool    `json:"ok"`
	// Shown is Got as a person reads it, or why there is none.
	Shown string `json:"shown"`
}

package report

import "github.com/redis-chaos/redis-chaos/report/record"

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
	// At is when it was won, on the run's clock.
	At             *record.Millis `json:"at_ms"`
	PFail          *record.Millis `json:"pfail_ms"`
	Fail           *record.Millis `json:"fail_ms"`
	Election       *record.Millis `json:"election_ms"`
	Promoted       *record.Millis `json:"promoted_ms"`
	FirstWrite     *record.Millis `json:"first_write_ms"`
	ClientRecovery *record.Millis `json:"client_recovery_ms"`
	Converged      *record.Millis `json:"converged_ms"`
	Redundant      *record.Millis `json:"redundant_ms"`
	// SplitBrain is for how long both masters acked writes at once, in sum, and
	// SplitBrainLongest the longest of these times.
	SplitBrain        *record.Millis `json:"split_brain_ms"`
	SplitBrainLongest *record.Millis `json:"split_brain_longest_ms"`
	// Reasons says of each nil figure why it is nil, by its JSON name, and Unmeasured that in words.
	Reasons    map[string]Reason `json:"reasons,omitempty"`
	Unmeasured map[string]string `json:"unmeasured,omitempty"`
	// Bounds is between what some of these are, because of holes in the record.
	Bounds map[string][2]record.Millis `json:"bounds,omitempty"`
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
	// From is the moment that the times count from, on the run's clock.
	From record.Millis `json:"from_ms,omitempty"`
	// Never is the figures that were waited for and did not come, by their JSON names.
	Never []string `json:"never,omitempty"`
}

// Unplanned tells whether the old master was taken from the cluster, by a fault or an incident.
func (f Failover) Unplanned() bool { return f.Origin == OriginFault || f.Origin == OriginIncident }

// SetBetween has a figure be between two bounds, for a reason.
func (f *Failover) SetBetween(name string, bounds [2]record.Millis, reason Reason) {
	if f.Bounds == nil {
		f.Bounds = map[string][2]record.Millis{}
	}
	if f.Reasons == nil {
		f.Reasons = map[string]Reason{}
	}
	f.Bounds[name] = bounds
	reason.Between = &bounds
	f.Reasons[name] = reason
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

// Phase is a part of a failover, in milliseconds.
type Phase struct {
	Name string        `json:"name"`
	From record.Millis `json:"from_ms"` // from the moment at which the fault took hold
	Took record.Millis `json:"took_ms"`
	// Predicted is the least and the most that the configuration lets it take;
	// nil where that does not decide it.
	Predicted *[2]record.Millis `json:"predicted_ms"`
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

// Excess is how much longer the phase took than it is predicted to.
func (p Phase) Excess() record.Millis {
	if p.Predicted == nil {
		return 0
	}
	return max(0, p.Took-p.Predicted[1])
}

// Delay is what a replica chose to wait before its election.
type Delay struct {
	At   record.Millis `json:"ms"`
	Rank int           `json:"rank"`
	// More: beside what it had chosen before.
	More bool `json:"more,omitempty"`
}

// Disorder is two figures of which one is before the other although it follows it.
type Disorder struct {
	Early string          `json:"early"` // by their JSON names
	Late  string          `json:"late"`
	By    record.Millis   `json:"by_ms"`
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
	// LastAck and FirstAck are the last write on the shard acked before the new
	// master's first, and that, on the run's clock.
	LastAck  *record.Millis `json:"last_ack_ms"`
	FirstAck *record.Millis `json:"first_ack_ms"`
	// Recovery is from the moment at which the fault took hold, and Library the
	// part of it after the new master's first probe write: the client library's.
	Recovery *record.Millis `json:"recovery_ms"`
	Library  *record.Millis `json:"library_ms"`
	// Stall is the longest call of the client library on the shard that ended
	// after the fault took hold.
	Stall *record.Millis `json:"stall_ms"`
	// RecoveryBounds is between what Recovery is where holes in the record leave it nil.
	RecoveryBounds *[2]record.Millis `json:"recovery_bounds_ms,omitempty"`
	// SilentAgain is the longest time without an ack on the shard after the first.
	SilentAgain *record.Millis `json:"silent_again_ms"`
	// Errors are the shard's from when the fault took hold until the next fault after the
	// change of master, or the next change of master.
	Errors []record.ErrorCount `json:"errors,omitempty"`
	// Awaited: it wrote to the shard before, and went on after it was open again.
	Awaited bool `json:"awaited,omitempty"`
	// Never: it had no write acked there by any master from then on.
	Never bool `json:"never,omitempty"`
}

// Noise is how much longer than predicted a phase may take unexplained.
const Noise = 150

// The phases that the configuration decides.
const (
	SuspicionPhase = "suspicion"
	AgreementPhase = "agreement"
	DelayPhase     = "election delay"
	VotesPhase     = "votes"
	OpeningPhase   = "opening"
)

// The phases that it does not decide.
const (
	ConvergencePhase = "convergence"
	ClientsPhase     = "clients"
)

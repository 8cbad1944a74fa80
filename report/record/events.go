package record

import "time"

// newData makes an empty event of a type, or nil for an unknown type.
func newData(typ string) Data {
	for _, d := range []Data{
		&RunStarted{}, &RunEnded{}, &Fault{}, &NodeEvent{}, &NodeFlag{}, &Role{},
		&SlotOwner{}, &ClusterState{}, &Replication{}, &Reachable{}, &Log{},
		&Epoch{}, &Link{}, &Lag{}, &MasterLink{}, &Persistence{}, &Counters{}, &ClockOffset{}, &ClockStep{}, &Starved{},
		&Probe{}, &Probing{}, &Acks{}, &Occupied{}, &LatencyInterval{}, &WorkloadDone{}, &Verified{}, &StaleRead{}, &Locks{}, &Linearizability{}, &Heard{}, &Consumed{}, &Settled{}, &Note{},
	} {
		if d.Type() == typ {
			return d
		}
	}
	return nil
}

// RunStarted opens the record: what is run, on what.
type RunStarted struct {
	ID       string            `json:"id"`
	Scenario string            `json:"scenario"`
	Started  time.Time         `json:"started"`
	Seed     int64             `json:"seed"`
	Runtime  string            `json:"runtime"`
	Engine   string            `json:"engine"` // "Docker 28.2.2, docker compose 2.32.4"
	Tool     string            `json:"tool"`   // this program's version
	Server   Server            `json:"server"`
	Masters  int               `json:"masters"`
	Replicas int               `json:"replicas"` // per master
	Config   map[string]string `json:"config"`   // effective redis.conf directives
	Nodes    []Node            `json:"nodes"`
	Shards   []Shard           `json:"shards"`
}

// Server is the server under test.
type Server struct {
	Name    string `json:"name"` // "redis" or "valkey"
	Version string `json:"version"`
	Image   string `json:"image,omitempty"`
	// Asked is the image that the scenario asked for, where another one was used.
	Asked string `json:"asked,omitempty"`
	// Binary is the program that ran, where no image did.
	Binary string `json:"binary,omitempty"`
	// Built is the local binary that the image was built from, if it was.
	Built string `json:"built_from,omitempty"`
}

// Node is one redis-server of the cluster.
type Node struct {
	Name    string `json:"name"`
	ID      string `json:"id"`      // the 40 hex digits of CLUSTER MYID
	Address string `json:"address"` // as announced to the cluster
}

// Shard is a slot range and who served it when the run started.
type Shard struct {
	Shard    int      `json:"shard"`
	Slots    string   `json:"slots"` // "0-5460"
	Master   string   `json:"master"`
	Replicas []string `json:"replicas"`
}

// RunEnded closes the record.
type RunEnded struct {
	Interrupted bool `json:"interrupted,omitempty"`
	// Error is why the run could not be carried out to its end.
	Error string `json:"error,omitempty"`
	// Events is how many there are before it, at least; 0 in records of before that was noted.
	Events int `json:"events,omitempty"`
}

// Incomplete says that events which were recorded are not there any more. It is in no
// record: who reads one adds it.
type Incomplete struct{ Missing int }

// NodeEvent is what the runtime says of a node, at the runtime's own time.
type NodeEvent struct {
	Node    string     `json:"node"`
	Action  NodeAction `json:"action"`
	Network string     `json:"network,omitempty"`
	Exit    string     `json:"exit,omitempty"`
}

// NodeAction is what happened to a node, in the words of the record, which are those of Docker's
// events.
type NodeAction string

// What can happen to a node.
const (
	NodeDied         NodeAction = "die"
	NodeStarted      NodeAction = "start"
	NodePaused       NodeAction = "pause"
	NodeUnpaused     NodeAction = "unpause"
	NodeSignalled    NodeAction = "kill"
	NodeOutOfMemory  NodeAction = "oom"
	NodeRemoved      NodeAction = "destroy"
	NodeDisconnected NodeAction = "disconnect"
	NodeConnected    NodeAction = "connect"
	NodeHealthy      NodeAction = "health_status: healthy"
	NodeUnhealthy    NodeAction = "health_status: unhealthy"
)

// ClockOffset is an estimate of how far a clock is ahead of this program's wall
// clock. Times of that clock in the record are corrected by it already.
type ClockOffset struct {
	Clock  string `json:"clock"` // "engine"
	Offset Millis `json:"offset_ms"`
	Within Millis `json:"within_ms"` // the estimate is off by at most this
}

// ClockStep is a step of this machine's wall clock, on which the times of the
// runtime and of log lines are given. The run's own clock is monotonic.
type ClockStep struct {
	By Millis `json:"by_ms"` // positive: set forward
}

// Probe is an unbroken row of like answers from one node to its probe. The
// event's time is that of the first answer.
type Probe struct {
	Node   string `json:"node"`
	Shard  int    `json:"shard"`
	Answer string `json:"answer"`       // ack, moved, clusterdown, maxclients, …, refused, timeout
	To     string `json:"to,omitempty"` // where MOVED or ASK points
	Until  Millis `json:"until_ms"`     // time of the last answer
	Count  int64  `json:"count"`
	// Slowest is the longest that an answer of the row took, from its probe.
	Slowest Millis `json:"slowest_ms,omitempty"`
	// Continues: nothing lies between this row and the one before it of the node.
	// Long rows are recorded in parts, so that a crash loses little.
	Continues bool `json:"continues,omitempty"`
	// Open: the row goes on. Its next part tells how; until that comes, it goes on
	// until the last Probing.
	Open bool `json:"open,omitempty"`
}

// Probing says, once a second, that up to now the record has all that the nodes
// answered to probes: every row whose last part is open has gone on until now, and
// every other one has not.
type Probing struct{}

// Starved says that this program was not run for a while until now, because the
// machine was busy or stood still. What it measured meanwhile may be late.
type Starved struct {
	For Millis `json:"for_ms"`
}

// ProbeGap is the silence that ends a row of answers of a node, in
// milliseconds, or ten times the pace of probes if that is more.
const ProbeGap = 50

// ProbeAck is the answer of a node that took the probe's write.
const ProbeAck = "ack"

// Acks is an unbroken row of workload writes on one shard acked by one node,
// with less than AckGap between any two. The event's time is that of the first.
// Long rows are recorded in parts, each from the last ack of the one before it,
// so that a crash loses little.
type Acks struct {
	Workload string `json:"workload"`
	Shard    int    `json:"shard"`
	Node     string `json:"node"`
	Until    Millis `json:"until_ms"`
	Count    int64  `json:"count"`
}

// AckGap is the silence that ends a row of acks, in milliseconds.
const AckGap = 50

// WorkloadDone is what a workload counted by the time its last write ended.
type WorkloadDone struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // the workload's type
	// Start is when it began to write; 0 in records of before it was noted.
	Start Millis `json:"start_ms,omitempty"`
	End   Millis `json:"end_ms"`
	// Attempted = Acked + Failed + Indeterminate.
	Attempted     int64 `json:"attempted"`
	Acked         int64 `json:"acked"`
	Failed        int64 `json:"failed"`
	Indeterminate int64 `json:"indeterminate"`
	// Unsent counts open-loop arrivals that no client was free to send.
	Unsent int64 `json:"unsent,omitempty"`
	// TargetRate is the asked rate in writes, without reads, per second, on average if it changes;
	// 0 in a closed loop. Rates tells how it changes, if it does.
	TargetRate float64 `json:"target_rate,omitempty"`
	Rates      string  `json:"rates,omitempty"`
	// Latency of acked writes, from the intended time of sending in an open
	// loop; nil if nothing was acked.
	Latency *Latency `json:"latency_ms"`
	// Lateness is how long after it was due each write of an open loop was sent;
	// nil in a closed loop.
	Lateness *Latency     `json:"lateness_ms,omitempty"`
	Errors   []ErrorCount `json:"errors,omitempty"`
	// Wait is what WAIT told, if the workload asked.
	Wait *Waits `json:"wait,omitempty"`
	// WaitAOF is what WAITAOF told, if the workload asked.
	WaitAOF *WaitsAOF `json:"waitaof,omitempty"`
	// Reads is what its reads came to; nil if it does not read.
	Reads *Reads `json:"reads,omitempty"`
	// Client is the client's options; nil in records of before they were noted.
	Client *ClientSettings `json:"client,omitempty"`
	// NoLoss: what this type of workload does is not looked for afterwards, and so
	// no losses are counted.
	NoLoss bool `json:"no_loss,omitempty"`
	// Shards is what happened on each shard that anything was written to.
	Shards []ClientShard `json:"shards,omitempty"`
}

// Waits is what WAIT told after each write that the server had said OK to.
type Waits struct {
	Replicas int    `json:"replicas"` // asked for
	Timeout  Millis `json:"timeout_ms"`
	// Replies counts writes by the number of replicas that had them in time.
	Replies map[int]int64 `json:"replies"`
}

// ClientShard is what a workload's clients met on one shard.
type ClientShard struct {
	Shard int   `json:"shard"`
	Acked int64 `json:"acked"`
	// Stall is the longest that a single call of the client library took,
	// whatever its outcome, with all its retries; nil if there was no call.
	Stall *Stall `json:"stall,omitempty"`
	// Errors has those of one kind and outcome that lie a second apart or more, apart, as
	// far as 64 of them go; the last one goes on. Older records have one of each for the
	// whole run.
	Errors []ErrorCount `json:"errors,omitempty"`
}

// Stall is one call of a client library.
type Stall struct {
	Client  int    `json:"client"` // numbered from 0
	From    Millis `json:"from_ms"`
	Until   Millis `json:"until_ms"`
	Outcome string `json:"outcome"` // acked, failed or indeterminate
}

// ErrorCount counts writes that ended with errors of one kind, between First and
// Last.
type ErrorCount struct {
	Kind    string `json:"kind"`
	Outcome string `json:"outcome"` // failed or indeterminate
	Count   int64  `json:"count"`
	First   Millis `json:"first_ms"`
	Last    Millis `json:"last_ms"`
	Example string `json:"example"` // one error's own words
}

// Verified is what became of a workload's writes, read back from the masters
// after the cluster had settled.
type Verified struct {
	Name string `json:"name"`
	// Checked is how many acked writes were looked for.
	Checked int64 `json:"checked"`
	Lost    int64 `json:"lost"`
	// LostByShard counts lost writes by shard number.
	LostByShard map[int]int64 `json:"lost_by_shard,omitempty"`
	// Losses is the lost writes by client, shard and node, as far as it is known
	// which ones are lost; those that lie a second apart or more, apart.
	Losses []Loss `json:"losses,omitempty"`
	// LossWindow is the time of ack of the first and the last lost write; nil
	// where none is, or where the data cannot tell which ones are.
	LossWindow *[2]Millis `json:"loss_window_ms"`
	// UnackedApplied counts indeterminate writes that are present.
	UnackedApplied int64 `json:"unacked_applied"`
	// FailedApplied counts writes that were refused and are present all the same.
	FailedApplied int64 `json:"failed_applied,omitempty"`
	// Duplicated counts how often writes were applied beyond once each; nil where
	// the data cannot tell.
	Duplicated *int64 `json:"duplicated,omitempty"`
	// OutOfOrder counts writes of a client that were applied after a later one of
	// its own to the same key; nil where the data cannot tell.
	OutOfOrder *int64 `json:"out_of_order,omitempty"`
	// Foreign counts values that this workload never wrote.
	Foreign int64 `json:"foreign,omitempty"`
	// Unverified counts acked writes on keys that could not be read.
	Unverified int64 `json:"unverified,omitempty"`
	// Parts is the same for each type of a mixed workload, named by it.
	Parts []Verified `json:"parts,omitempty"`
	Error string     `json:"error,omitempty"` // why a key could not be read
}

// Loss is lost writes of one client to one shard that one node acked, between
// First and Last.
type Loss struct {
	Client int    `json:"client"`
	Shard  int    `json:"shard"`
	Node   string `json:"node,omitempty"` // empty if that is not known
	First  Millis `json:"first_ms"`
	Last   Millis `json:"last_ms"`
	Count  int64  `json:"count"`
}

// Settled is the end of the wait for the cluster to be whole again.
type Settled struct {
	OK     bool   `json:"ok"`
	Waited Millis `json:"waited_ms"`
	Reason string `json:"reason,omitempty"` // what was still missing
}

// Note is something that a reader of the report should know.
type Note struct {
	Text string `json:"text"`
}

// Type implements Data.
func (*RunStarted) Type() string   { return "run_started" }
func (*RunEnded) Type() string     { return "run_ended" }
func (*Incomplete) Type() string   { return "incomplete" }
func (*Fault) Type() string        { return "fault" }
func (*NodeEvent) Type() string    { return "node" }
func (*NodeFlag) Type() string     { return "node_flag" }
func (*Role) Type() string         { return "role" }
func (*SlotOwner) Type() string    { return "slot_owner" }
func (*ClusterState) Type() string { return "cluster_state" }
func (*Replication) Type() string  { return "replication" }
func (*Reachable) Type() string    { return "reachable" }
func (*Log) Type() string          { return "log" }
func (*Epoch) Type() string        { return "epoch" }
func (*Link) Type() string         { return "link" }
func (*Lag) Type() string          { return "lag" }
func (*MasterLink) Type() string   { return "master_link" }
func (*Persistence) Type() string  { return "persistence" }
func (*Counters) Type() string     { return "counters" }
func (*ClockOffset) Type() string  { return "clock_offset" }
func (*ClockStep) Type() string    { return "clock_step" }
func (*Starved) Type() string      { return "starved" }
func (*Probe) Type() string        { return "probe" }
func (*Probing) Type() string      { return "probing" }
func (*Acks) Type() string         { return "acks" }
func (*WorkloadDone) Type() string { return "workload_done" }
func (*Verified) Type() string     { return "verified" }
func (*Settled) Type() string      { return "settled" }
func (*Note) Type() string         { return "note" }

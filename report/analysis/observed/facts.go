package observed

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Facts is a run's events in order of time, by type.
type Facts struct {
	Started *record.RunStarted
	Ended   *record.RunEnded
	Settled *record.Settled
	// Keys is what became of the run's keys; nil if the cluster did not go on.
	Keys       *record.KeysRemoved
	Steady     *record.Steady // nil if it was not waited for, or not to its end
	End        record.Millis  // time of the last event, in ms
	probing    record.Millis  // until when the record has all that the probes found, in ms; 0 if it does not tell
	loadEnd    record.Millis  // when the last workload had ended, and the scenario's duration was over, in ms; 0 if that is not known
	readBack   record.Millis  // when reading back began, in ms; infinite if it did not
	Events     []record.Event
	Changes    []MasterChange // of masters
	Rows       []Row
	Gaps       map[int][]Period // by shard: in which nobody acked its probes
	Uncovered  []Uncovered      // shards without a master
	rowsOf     map[string][]Row // by node
	answers    map[string]bool  // the nodes that ever answered a probe
	Probes     []Interval       // the rows that are acks
	Acks       []Interval
	Done       []*record.WorkloadDone
	Verified   map[string]*record.Verified
	Heard      map[string]*record.Heard
	Consumed   map[string]*record.Consumed
	Locks      map[string]*record.Locks
	Linear     map[string]*record.Linearizability
	Notes      []string
	ClockSteps []*record.ClockStep
	Lines      []LogLine
	Happened   []record.Event // to the nodes, as the runtime says
	Faults     []Fault
	Incidents  []report.Incident
	Holes      []report.Hole
	starved    []record.Event
	// ProbePace is the time between two probes of a node, in ms.
	ProbePace record.Millis
	// AnnouncesNames: nodes announce names in place of addresses.
	AnnouncesNames bool
	// OwnTTL: keys of the workloads themselves have a time to live.
	OwnTTL bool
	// Missing is how many events were recorded and are not there any more.
	Missing int
}

// Row is an unbroken row of like answers of one node to its probes.
type Row struct {
	Node       string
	Shard      int
	Answer, To string
	From, Till record.Millis // ms
	slowest    record.Millis // the longest that an answer took, in ms
	Count      int64
	open       bool // its last part says that it goes on
}

// Interval is an unbroken row of acks of one node for one shard.
type Interval struct {
	Node     string
	Shard    int
	Workload string
	From, To record.Millis // ms
}

// Period is from when to when something was so, in ms on the run's clock.
type Period struct{ From, To record.Millis }

// Uncovered is a time for which a shard had no master: from its being marked as failed to
// its replacement, or to its being seen well again.
type Uncovered struct {
	Shard    int
	slots    string
	From, To record.Millis // ms
}

// LogLine is a log line and its time in ms.
type LogLine struct {
	At record.Millis
	*record.Log
}

// MasterChange is a shard's change of master, as the nodes' views tell it.
type MasterChange struct {
	Shard    int
	From, To string
	epoch    int64
	Seen     record.Millis // when the first node was seen to know it, in ms
	// Next is when the shard changed its master once more: what comes after that is no
	// more of this change. Infinite for the last one.
	Next record.Millis
}

// Fault is a fault and what else the analysis knows of it.
type Fault struct {
	report.Fault
	Shards      []int         // that a target is a member of
	healing     record.Millis // when its healing was asked for; infinite if it was not
	clientsOnly []string      // targets that only clients do not reach
}

const (
	// LogSlack is how far a log line's time, cut to milliseconds, may be before a
	// moment that it follows, in ms.
	LogSlack = 1
	// SeenLate is how much later than a change the log line of its cause may
	// lie, by the observers' pace, in ms.
	SeenLate = 50
	// defaultNodeTimeout is cluster-node-timeout where nothing is configured, in ms.
	defaultNodeTimeout = 15_000
)

// NodeTimeout is cluster-node-timeout in ms.
func (facts *Facts) NodeTimeout() record.Millis {
	ms, err := strconv.ParseFloat(facts.Started.Config["cluster-node-timeout"], 64)
	if err != nil {
		return defaultNodeTimeout
	}
	return record.Millis(ms)
}

// Arrange sorts events by time, and by type.
func Arrange(events []record.Event) *Facts {
	facts := &Facts{readBack: record.Millis(math.Inf(1)), Events: slices.Clone(events), Verified: map[string]*record.Verified{},
		Heard: map[string]*record.Heard{}, Consumed: map[string]*record.Consumed{},
		Locks: map[string]*record.Locks{}, Linear: map[string]*record.Linearizability{}}
	slices.SortStableFunc(facts.Events, func(a, b record.Event) int { return cmp.Compare(a.At, b.At) })
	for _, e := range facts.Events {
		facts.End = max(facts.End, e.At)
		switch d := e.Data.(type) {
		case *record.RunStarted:
			facts.Started = d
		case *record.RunEnded:
			facts.Ended = d
		case *record.Incomplete:
			facts.Missing = d.Missing
		case *record.Steady:
			facts.Steady = d
		case *record.Settled:
			facts.Settled, facts.readBack = d, e.At
		case *record.KeysRemoved:
			facts.Keys = d
		case *record.Probe:
			facts.addRow(e.At, d)
		case *record.Probing:
			facts.probing = e.At
		case *record.Acks:
			facts.Acks = append(facts.Acks, Interval{Node: d.Node, Shard: d.Shard, Workload: d.Workload, From: e.At, To: d.Until})
		case *record.WorkloadDone:
			facts.Done, facts.loadEnd = append(facts.Done, d), max(facts.loadEnd, d.End)
		case *record.Verified:
			facts.Verified[d.Name] = d
		case *record.Heard:
			facts.Heard[d.Name] = d
		case *record.Consumed:
			facts.Consumed[d.Name] = d
		case *record.Locks:
			facts.Locks[d.Name] = d
		case *record.Linearizability:
			facts.Linear[d.Name] = d
		case *record.Log:
			facts.Lines = append(facts.Lines, LogLine{e.At, d})
		case *record.NodeEvent:
			facts.Happened = append(facts.Happened, e)
		case *record.Starved:
			facts.starved = append(facts.starved, e)
		case *record.ClockStep:
			facts.ClockSteps = append(facts.ClockSteps, d)
		case *record.Note:
			facts.Notes = append(facts.Notes, d.Text)
		}
	}
	facts.extendRows()
	facts.rowsOf, facts.answers = map[string][]Row{}, map[string]bool{}
	for _, r := range facts.Rows {
		facts.rowsOf[r.Node] = append(facts.rowsOf[r.Node], r)
		facts.answers[r.Node] = facts.answers[r.Node] || record.AnswerClass(r.Answer) != "silent"
		if r.Answer == record.ProbeAck {
			facts.Probes = append(facts.Probes, Interval{Node: r.Node, Shard: r.Shard, From: r.From, To: r.Till})
		}
	}
	slices.SortFunc(facts.Done, func(a, b *record.WorkloadDone) int { return cmp.Compare(a.Name, b.Name) })
	return facts
}

// ObservedUntil is up to when the record tells what happened, in ms: of a run that was
// killed, nothing is known beyond it.
func (facts *Facts) ObservedUntil() record.Millis {
	if facts.Ended == nil && facts.probing > 0 {
		return facts.probing
	}
	return facts.End
}

// First is the time of the first event from a moment on that matches.
func (facts *Facts) First(from record.Millis, match func(record.Data) bool) (record.Millis, bool) {
	for _, e := range facts.Events {
		if e.At >= from && match(e.Data) {
			return e.At, true
		}
	}
	return 0, false
}

// Last is the time of the last event up to a moment that matches.
func (facts *Facts) Last(until record.Millis, match func(record.Data) bool) (at record.Millis, ok bool) {
	for _, e := range facts.Events {
		if e.At <= until && match(e.Data) {
			at, ok = e.At, true
		}
	}
	return at, ok
}

// IsAnywhere tells whether a workload's commands go to any node, and so to no
// shard: a classic PUBLISH has no key.
func (facts *Facts) IsAnywhere(d *record.WorkloadDone) bool {
	heard := facts.Heard[d.Name]
	return heard != nil && !heard.Sharded
}

// NextFault is when the next fault after a moment was requested, or end.
func (facts *Facts) NextFault(after, end record.Millis) record.Millis {
	at, ok := facts.First(after, func(d record.Data) bool {
		f, ok := d.(*record.Fault)
		return ok && f.Phase == record.FaultRequested
	})
	if ok {
		return min(at, end)
	}
	return end
}

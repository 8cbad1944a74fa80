package report

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// history is a run's events in order of time, by type.
type history struct {
	started   *record.RunStarted
	ended     *record.RunEnded
	settled   *record.Settled
	end       float64 // time of the last event, in ms
	probing   float64 // until when the record has all that the probes found, in ms; 0 if it does not tell
	loadEnd   float64 // when the last workload had ended, and the scenario's duration was over, in ms; 0 if that is not known
	readBack  float64 // when reading back began, in ms; infinite if it did not
	events    []record.Event
	changes   []change // of masters
	rows      []row
	gaps      map[int][]period // by shard: in which nobody acked its probes
	bare      []uncovered      // shards without a master
	rowsOf    map[string][]row // by node
	answers   map[string]bool  // the nodes that ever answered a probe
	probes    []interval       // the rows that are acks
	acks      []interval
	done      []*record.WorkloadDone
	verified  map[string]*record.Verified
	heard     map[string]*record.Heard
	consumed  map[string]*record.Consumed
	locks     map[string]*record.Locks
	linear    map[string]*record.Linearizability
	notes     []string
	steps     []*record.ClockStep
	lines     []logLine
	happened  []record.Event // to the nodes, as the runtime says
	faults    []fault
	incidents []Incident
	holes     []Hole
	starved   []record.Event
	// probePace is the time between two probes of a node, in ms.
	probePace float64
	// announcesNames: nodes announce names in place of addresses.
	announcesNames bool
	// ownTTL: keys of the workloads themselves have a time to live.
	ownTTL bool
	// missing is how many events were recorded and are not there any more.
	missing int
}

// row is an unbroken row of like answers of one node to its probes.
type row struct {
	node       string
	shard      int
	answer, to string
	from, till float64 // ms
	slowest    float64 // the longest that an answer took, in ms
	count      int64
	open       bool // its last part says that it goes on
}

// interval is an unbroken row of acks of one node for one shard.
type interval struct {
	node     string
	shard    int
	workload string
	from, to float64 // ms
}

// factsOf is what the record of a run of a scenario says. Of one that does not tell of its start
// there is little.
func factsOf(s *scenarios.Scenario, events []record.Event) *history {
	h := arrange(events)
	if h.started == nil {
		return h
	}
	h.faults = faultsOf(h, s.Faults)
	h.incidents = incidentsOf(h)
	h.holes = holesOf(h)
	h.probePace = float64(s.Observe.Probes.D()) / float64(time.Millisecond)
	h.loadEnd = max(h.loadEnd, float64(s.Duration.D())/float64(time.Millisecond))
	h.announcesNames = s.Cluster.Announce == scenarios.AnnounceHostname
	h.ownTTL = slices.ContainsFunc(s.Workloads, func(w scenarios.Workload) bool { return w.TTL() > 0 })
	h.changes = changesOf(h)
	h.gaps = gapsOf(h)
	h.bare = uncoveredOf(h)
	return h
}

// arrange sorts events by time, and by type.
func arrange(events []record.Event) *history {
	h := &history{readBack: math.Inf(1), events: slices.Clone(events), verified: map[string]*record.Verified{},
		heard: map[string]*record.Heard{}, consumed: map[string]*record.Consumed{},
		locks: map[string]*record.Locks{}, linear: map[string]*record.Linearizability{}}
	slices.SortStableFunc(h.events, func(a, b record.Event) int { return cmp.Compare(a.MS, b.MS) })
	for _, e := range h.events {
		h.end = max(h.end, e.MS)
		switch d := e.Data.(type) {
		case *record.RunStarted:
			h.started = d
		case *record.RunEnded:
			h.ended = d
		case *record.Incomplete:
			h.missing = d.Missing
		case *record.Settled:
			h.settled, h.readBack = d, e.MS
		case *record.Probe:
			h.addRow(e.MS, d)
		case *record.Probing:
			h.probing = e.MS
		case *record.Acks:
			h.acks = append(h.acks, interval{node: d.Node, shard: d.Shard, workload: d.Workload, from: e.MS, to: d.UntilMS})
		case *record.WorkloadDone:
			h.done, h.loadEnd = append(h.done, d), max(h.loadEnd, d.EndMS)
		case *record.Verified:
			h.verified[d.Name] = d
		case *record.Heard:
			h.heard[d.Name] = d
		case *record.Consumed:
			h.consumed[d.Name] = d
		case *record.Locks:
			h.locks[d.Name] = d
		case *record.Linearizability:
			h.linear[d.Name] = d
		case *record.Log:
			h.lines = append(h.lines, logLine{e.MS, d})
		case *record.NodeEvent:
			h.happened = append(h.happened, e)
		case *record.Starved:
			h.starved = append(h.starved, e)
		case *record.ClockStep:
			h.steps = append(h.steps, d)
		case *record.Note:
			h.notes = append(h.notes, d.Text)
		}
	}
	h.extendRows()
	h.rowsOf, h.answers = map[string][]row{}, map[string]bool{}
	for _, r := range h.rows {
		h.rowsOf[r.node] = append(h.rowsOf[r.node], r)
		h.answers[r.node] = h.answers[r.node] || stateOf(r.answer) != "silent"
		if r.answer == record.ProbeAck {
			h.probes = append(h.probes, interval{node: r.node, shard: r.shard, from: r.from, to: r.till})
		}
	}
	slices.SortFunc(h.done, func(a, b *record.WorkloadDone) int { return cmp.Compare(a.Name, b.Name) })
	return h
}

// addRow takes in a row of answers, or the next part of one.
func (h *history) addRow(ms float64, d *record.Probe) {
	h.end = max(h.end, d.UntilMS)
	if d.Continues {
		for i := len(h.rows) - 1; i >= 0; i-- {
			r := &h.rows[i]
			if r.node != d.Node {
				continue
			}
			if r.answer == d.Answer && r.to == d.To {
				r.till, r.count, r.slowest, r.open = d.UntilMS, r.count+d.Count, max(r.slowest, d.SlowestMS), d.Open
				return
			}
			break
		}
	}
	h.rows = append(h.rows, row{
		node: d.Node, shard: d.Shard, answer: d.Answer, to: d.To, from: ms, till: d.UntilMS, slowest: d.SlowestMS, count: d.Count, open: d.Open,
	})
}

// extendRows has the rows that went on when the record ended do so until the last word
// on them. Only the last row of a node can be one: a later one ends it.
func (h *history) extendRows() {
	later := map[string]bool{}
	for i := len(h.rows) - 1; i >= 0; i-- {
		r := &h.rows[i]
		if r.open && !later[r.node] {
			r.till = max(r.till, h.probing)
		}
		later[r.node] = true
	}
}

// observedUntil is up to when the record tells what happened, in ms: of a run that was
// killed, nothing is known beyond it.
func (h *history) observedUntil() float64 {
	if h.ended == nil && h.probing > 0 {
		return h.probing
	}
	return h.end
}

// rowsIn are the rows of answers of a node that lie in a span, or touch it.
func (h *history) rowsIn(node string, from, to float64) []row {
	rows := h.rowsOf[node]
	first, _ := slices.BinarySearchFunc(rows, from, func(r row, ms float64) int { return cmp.Compare(r.till, ms) })
	last, _ := slices.BinarySearchFunc(rows, to, func(r row, ms float64) int {
		if r.from <= ms {
			return -1
		}
		return 1
	})
	return rows[first:max(first, last)]
}

// first is the time of the first event from a moment on that matches.
func (h *history) first(from float64, match func(record.Data) bool) (float64, bool) {
	for _, e := range h.events {
		if e.MS >= from && match(e.Data) {
			return e.MS, true
		}
	}
	return 0, false
}

// last is the time of the last event up to a moment that matches.
func (h *history) last(until float64, match func(record.Data) bool) (at float64, ok bool) {
	for _, e := range h.events {
		if e.MS <= until && match(e.Data) {
			at, ok = e.MS, true
		}
	}
	return at, ok
}

// lastLog is the time of the last log line of a kind from a node, up to a moment.
func (h *history) lastLog(node string, kind record.LogKind, until float64) (float64, bool) {
	return h.last(until, func(d record.Data) bool {
		l, ok := d.(*record.Log)
		return ok && l.Node == node && l.Kind == kind
	})
}

// hasLog tells whether any line of a node's log is in the record.
func (h *history) hasLog(node string) bool {
	_, ok := h.first(0, func(d record.Data) bool {
		l, ok := d.(*record.Log)
		return ok && l.Node == node
	})
	return ok
}

// logs are a node's log lines of a kind between two moments; of all nodes if
// node is "".
func (h *history) logs(node string, kind record.LogKind, from, to float64) (lines []logLine) {
	for _, l := range h.lines {
		if l.Kind == kind && (node == "" || l.Node == node) && l.ms >= from && l.ms <= to {
			lines = append(lines, l)
		}
	}
	return lines
}

// logLine is a log line and its time in ms.
type logLine struct {
	ms float64
	*record.Log
}

// period is from when to when something was so, in ms on the run's clock.
type period struct{ from, to float64 }

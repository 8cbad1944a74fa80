package reasons

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// Run is a finished run: its scenario, its record, and what the report tells of it.
type Run struct {
	Dir      string // its folder
	Scenario *scenarios.Scenario
	Result   *report.Result

	result  map[string]any // the same as in result.json
	events  []record.Event // in order of time
	lines   []line         // the same as in events.ndjson
	started *record.RunStarted
	end     record.Millis // of the last event, in ms
}

// line is an event as events.ndjson has it, so that evidence can be looked for in events
// of every type.
type line struct {
	At   record.Millis  `json:"ms"`
	Type string         `json:"type"`
	Data map[string]any `json:"data"`
}

// Load reads the folder that a run left, and analyses its record.
func Load(dir string) (*Run, error) {
	file := filepath.Join(dir, "scenario.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the scenario of a run: %w", err)
	}
	s, err := parse.Scenario(file, text, experiment.Catalog(), nil)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(filepath.Join(dir, "events.ndjson"))
	if err != nil {
		return nil, fmt.Errorf("reading the record of a run: %w", err)
	}
	events, err := record.Read(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	r, err := newRun(s, events, prose.Describe(analysis.Analyze(s, events)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	r.Dir = dir
	return r, nil
}

// newRun puts a record in order.
func newRun(s *scenarios.Scenario, events []record.Event, result *report.Result) (*Run, error) {
	r := &Run{Scenario: s, Result: result, events: slices.Clone(events)}
	slices.SortStableFunc(r.events, func(a, b record.Event) int { return cmp.Compare(a.At, b.At) })
	for _, e := range r.events {
		r.end = max(r.end, e.At)
		if started, ok := e.Data.(*record.RunStarted); ok {
			r.started = started
		}
		var l line
		if err := throughJSON(e, &l); err != nil {
			return nil, err
		}
		r.lines = append(r.lines, l)
	}
	if r.started == nil {
		return nil, errors.New("the record does not hold the start of the run")
	}
	return r, throughJSON(result, &r.result)
}

// throughJSON makes one value of another by way of its JSON.
func throughJSON(from, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}

// starved tells whether the machine was so busy that times of the record may be late.
func (r *Run) starved() bool {
	return slices.ContainsFunc(r.events, func(e record.Event) bool {
		s, ok := e.Data.(*record.Starved)
		return ok && s.For > mostStarved
	})
}

// mostStarved is for how long this program may go without running, in ms.
const mostStarved = 200

// nodeTimeout is cluster-node-timeout in ms.
func (r *Run) nodeTimeout() record.Millis {
	var ms record.Millis
	if _, err := fmt.Sscan(r.started.Config["cluster-node-timeout"], &ms); err != nil {
		return 15_000 // the server's default
	}
	return ms
}

// span is a time of the run, in ms on its clock.
type span struct{ from, to record.Millis }

func (s span) length() record.Millis { return s.to - s.from }

func (s span) String() string { return fmt.Sprintf("%.0f to %.0f ms", s.from, s.to) }

// meets tells whether two have a moment in common.
func (s span) meets(o span) bool { return s.from <= o.to && o.from <= s.to }

// common is the part that two have in common; below 0 if none.
func (s span) common(o span) record.Millis { return min(s.to, o.to) - max(s.from, o.from) }

// force is a fault that was in force on its targets.
type force struct {
	span
	asked   record.Millis // when the runtime was asked, in ms
	index   int
	kind    string
	detail  string
	targets []string
	shards  []int
	seen    bool // the runtime says that it took hold
}

// forces lists the faults that were injected, by their events.
func (r *Run) forces() []*force {
	byIndex := map[[2]int]*force{}
	var all []*force
	for _, e := range r.events {
		d, ok := e.Data.(*record.Fault)
		if !ok {
			continue
		}
		of := [2]int{d.Index, d.Occurrence}
		f := byIndex[of]
		switch {
		case d.Phase == record.FaultRequested && f == nil:
			f = &force{span: span{e.At, r.end}, asked: e.At, index: r.place(d), kind: d.Kind, detail: d.Detail, targets: d.Targets, shards: d.Shards}
			byIndex[of], all = f, append(all, f)
		case f == nil:
		case d.Phase == record.FaultEffective:
			f.from, f.seen = e.At, true
		case d.Phase == record.FaultHealRequested: // the runtime may not say that it is healed
			f.to = e.At
		case d.Phase == record.FaultHealed || d.Phase == record.FaultFailed && !f.seen:
			f.to = e.At
		}
	}
	return all
}

// place is the place of a fault among those of the result.
func (r *Run) place(d *record.Fault) int {
	for i, f := range r.Result.Faults {
		if number := f.Step; f.StepIndex(i) == d.Index && (number == nil || number.Occurrence == d.Occurrence) {
			return i
		}
	}
	return d.Index
}

// failoverKind is the fault that does nothing to its target, but has it take over.
const failoverKind = "failover"

// asksMaster tells whether it is a failover for which the master holds writes back: with
// FORCE or TAKEOVER it is not asked.
func (f *force) asksMaster() bool { return f.detail == "CLUSTER FAILOVER" }

// offClients and offCluster tell whether it took its targets off one network only.
func (f *force) offClients() bool { return f.detail == "from the client network" }
func (f *force) offCluster() bool { return f.detail == "from the cluster network" }

// lingers is for how long its targets may be late when it is over, in ms: what a server had
// no CPU time for is worked off then.
func (f *force) lingers() record.Millis {
	if f.kind == "starve" {
		return 1000
	}
	return 0
}

// hit is a fault that was in force on a node at some moment of a time, from when the
// runtime was asked on: a server that is told to end serves nobody. Nil if none was.
func (r *Run) hit(node string, when span) *force {
	for _, f := range r.forces() {
		if f.kind != failoverKind && slices.Contains(f.targets, node) && when.meets(span{f.asked, f.to}) {
			return f
		}
	}
	return nil
}

// toldToHandOver is a fault that had a replica of a shard ask its master to hand over, at
// some moment of a time or right before; nil if none did.
func (r *Run) toldToHandOver(shard int, when span) *force {
	for _, f := range r.forces() {
		if f.kind == failoverKind && f.asksMaster() && slices.Contains(f.shards, shard) && f.asked >= when.from-noticeable && f.asked <= when.to {
			return f
		}
	}
	return nil
}

// reign is who was master of a shard, from a moment on.
type reign struct {
	master string
	from   record.Millis
}

// reigns are the masters of a shard in order: a later configuration epoch wins.
func (r *Run) reigns(shard int) []reign {
	var all []reign
	for _, s := range r.started.Shards {
		if s.Shard == shard {
			all = append(all, reign{s.Master, 0})
		}
	}
	epoch := int64(0)
	for _, e := range r.events {
		d, ok := e.Data.(*record.SlotOwner)
		if !ok || d.Shard != shard || len(all) == 0 {
			continue
		}
		if d.Owner != all[len(all)-1].master && d.Epoch > epoch {
			all = append(all, reign{d.Owner, e.At})
		}
		epoch = max(epoch, d.Epoch)
	}
	return all
}

// masters are those of a shard in a time.
func (r *Run) masters(shard int, when span) (names []string) {
	all := r.reigns(shard)
	for i, m := range all {
		if m.from <= when.to && (i+1 == len(all) || all[i+1].from >= when.from) {
			names = append(names, m.master)
		}
	}
	return names
}

// noticeable is from how long on a gap is an outage, in ms.
const noticeable = 100

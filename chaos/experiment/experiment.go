// Package experiment carries out one run from its scenario to its report: it
// gets the server image, deploys the cluster, has the conductor run the
// scenario on it, analyses the record, writes the artifacts and tears down.
package experiment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault"
	"github.com/redis-chaos/redis-chaos/chaos/ledger"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/chaos/random"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/words"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload"
)

// Catalog is every kind of fault and workload that can be run.
func Catalog() scenarios.Catalog {
	return scenarios.Catalog{Faults: fault.Kinds(), Workloads: workload.Kinds(), Libraries: workload.Libraries(), Causes: report.Causes()}
}

// teardownTimeout bounds tearing down after the run's own context has ended.
const teardownTimeout = 3 * time.Minute

// Run carries a scenario out. The error tells why it could not be; the outcome
// then holds what is known all the same, if a folder for it could be made. When
// ctx ends, everything is undone, and the error is ctx's.
func Run(ctx context.Context, s *scenarios.Scenario, opts Options) (*Outcome, error) {
	started := time.Now()
	id := NewID(s.Name, started)
	opts = opts.complete()
	files, err := createArtifacts(opts, id)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	e := &experiment{Options: opts, asked: s, scenario: s, id: id, seed: s.Seed, files: files}
	if e.seed == 0 {
		e.seed = NewSeed()
	}
	err = e.run(ctx)
	if e.rec == nil { // it ended before its clock started
		result := &report.Result{Schema: report.Schema, Verdict: report.Error, Error: fmt.Sprint(err),
			Run: report.Run{ID: id, Scenario: s.Name, Started: started, Seed: e.seed, Runtime: e.runtime, Tool: opts.Tool}}
		var unable *chaos.UnableError
		result.Skipped = errors.As(err, &unable)
		if ctx.Err() != nil {
			result.Error = "interrupted before the cluster was up"
		}
		return files.outcome(result, err, latencyLog(nil))
	}
	if e.unrecorded != nil {
		unkept(e.result, e.unrecorded)
		e.result.Notes = append(e.result.Notes, "The record on disk is not whole, and `chaos report` would tell less: this result was made of the record in memory.")
	}
	o, err := files.outcome(e.result, err, latencyLog(e.rec.Events()))
	o.Cluster, o.Served = e.cluster, e.served
	return o, err
}

// experiment is a run under way.
type experiment struct {
	Options
	// asked is the scenario as it is given, and scenario what it comes to with the run's seed, with
	// nothing left to be drawn.
	asked    *scenarios.Scenario
	scenario *scenarios.Scenario
	id       string
	seed     int64
	files    *artifacts
	// runtime is the name of the runtime, once it is chosen.
	runtime string
	rec     *record.Record
	// result is what the record shows, once the run is over.
	result *report.Result
	// unrecorded is why the record is not on disk to its end.
	unrecorded error
	// cluster is the id of the run that deployed the cluster, and turn how many runs that has
	// served before this one.
	cluster string
	served  int
	// ledger notes the faults that are in force on it.
	ledger *ledger.Ledger
}

// NewID is an id for a run, or for several: it is unique, sorts by time, and is fit for names of containers and files.
func NewID(name string, at time.Time) string {
	return fmt.Sprintf("%s-%s-%04x", name, at.UTC().Format("20060102-150405"), rand.Uint32N(1<<16))
}

// NewSeed is the seed of a run that is given none; it is not 0.
func NewSeed() int64 { return int64(rand.Uint32()) | 1 }

func (e *experiment) run(ctx context.Context) (err error) {
	defer func() { err = explained(e.asked.Cluster, err) }()
	if err := e.settle(e.asked); err != nil {
		return err
	}
	h, err := e.house(ctx)
	if err != nil {
		return err
	}
	defer func() {
		left := e.leave(ctx, h, err)
		if left != nil && h.stands != nil && e.result != nil {
			unkept(e.result, left)
		}
		err = errors.Join(err, left)
	}()
	if h.stands == nil {
		if e.ledger, err = openLedger(ctx, h.runtime, e.cluster); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, e.ledger.Close()) }()
	}
	err = e.conduct(ctx, h)
	if e.rec != nil {
		e.result = prose.Describe(analysis.Analyze(e.scenario, e.rec.Events()))
	}
	return err
}

// settle decides what the seed decides of a scenario, if it is known which nodes there are, and keeps what the run
// carries out in its folder.
func (e *experiment) settle(asked *scenarios.Scenario) (err error) {
	e.scenario = asked
	if asked.Random != nil && asked.Cluster.IsKnown() {
		if e.scenario, err = random.Plain(asked, e.seed); err != nil {
			return err
		}
	}
	source, err := e.scenario.YAML()
	if err != nil {
		return err
	}
	return e.files.Write(scenarioName, source)
}

// house gives the run a cluster: one that is kept in reserve, or a new one.
func (e *experiment) house(ctx context.Context) (*housed, error) {
	if h := e.Reserve.take(ctx, e); h != nil {
		return h, nil
	}
	switch {
	case e.scenario.Cluster.IsBrought():
		return e.bring(ctx)
	case e.On != "":
		return e.occupy(ctx)
	}
	began := time.Now()
	wanted, err := order(e.asked, e.Options, e.id, filepath.Join(e.files.Dir, "cluster"))
	if err != nil {
		return nil, err
	}
	runtime, err := prepare(ctx, e.Options, false)
	if err != nil {
		return nil, err
	}
	e.runtime = runtime.name
	if err := chaos.CheckAbilities(e.asked, runtime.Lacks); err != nil {
		runtime.Close()
		return nil, err
	}
	d, err := runtime.Deploy(ctx, wanted)
	if err != nil {
		runtime.Close()
		return nil, fmt.Errorf("deploying the cluster: %w", err)
	}
	e.cluster = e.id
	h := &housed{Deployed: *d, runtime: runtime, took: time.Since(began)}
	if wanted := e.scenario.Cluster.Image; d.Server.Image == "" && wanted != scenarios.DefaultImage {
		h.note = fmt.Sprintf("The scenario asks for the image %s; the %s runtime has no images, and ran %s.", wanted, runtime.name, d.Server.Binary)
	}
	return h, nil
}

// leave removes the run's cluster, or keeps it for somebody or for the next run.
func (e *experiment) leave(ctx context.Context, h *housed, failed error) error {
	if failed == nil && e.Reserve.keep(ctx, e, h) {
		return nil
	}
	if h.stands != nil {
		if n := len(e.ledger.Open()); n > 0 {
			e.Warn(fmt.Sprintf("on %s, %d faults are in force still: %s tries again", h.stands.name, n, e.healing(h)))
		}
		return errors.Join(h.stands.Leave(ctx), CloseAll(h.hosts))
	}
	defer h.runtime.Close()
	if e.Keep && h.Keep != nil && ctx.Err() == nil {
		e.Progress(fmt.Sprintf("the cluster is kept; `chaos status %s` shows it, `chaos down %s` removes it", e.cluster, e.cluster))
		return h.Keep()
	}
	e.Progress("tearing down")
	return e.remove(ctx, h)
}

// remove removes a cluster, whether or not ctx has ended.
func (e *experiment) remove(ctx context.Context, h *housed) error {
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), teardownTimeout)
	defer cancel()
	return errors.Join(e.removed(h.Cluster.Down(clean)), forget(clean, h.runtime, e.cluster))
}

// conduct runs the scenario on the cluster, with everything recorded.
func (e *experiment) conduct(ctx context.Context, h *housed) (err error) {
	for _, spec := range e.scenario.Workloads {
		if err := workload.CheckServer(spec, record.Server(h.Server)); err != nil {
			return err
		}
	}
	out, err := e.files.CreateNow(recordName)
	if err != nil {
		return err
	}
	e.rec = record.New(record.NewClock(), out)
	defer func() {
		flushed := e.rec.Flush()
		e.unrecorded = cmp.Or(flushed, e.files.Keep(out, recordName))
		err = errors.Join(err, e.unrecorded)
	}()
	started := &record.RunStarted{
		ID: e.id, Scenario: e.scenario.Name, Started: e.rec.Wall(), Seed: e.seed, Runtime: e.runtime, Engine: h.Engine, Tool: e.Tool,
		Server: record.Server(h.Server), Masters: h.Layout.Shards(), Replicas: slices.Max(replicas(h.Cluster.Nodes(), h.Layout)), Config: h.Config,
		Shards: observe.Shards(h.Cluster.Nodes(), h.Layout),
	}
	for _, n := range h.Cluster.Nodes() {
		started.Nodes = append(started.Nodes, record.Node{Name: n.Name, ID: n.ID, Address: n.Announced, Zone: n.Zone})
	}
	e.rec.Add(started)
	if h.note != "" {
		e.rec.Add(&record.Note{Text: h.note})
	}
	if h.stands == nil {
		for _, line := range e.scenario.Cluster.ConfigFile.Overridden {
			e.rec.Add(&record.Note{Text: line.Error()})
		}
	}

	target := newTarget(h.Cluster, h.Layout)
	var workloads []*workload.Workload
	stage := &stages{duration: e.scenario.Duration.D(), now: e.rec.Now}
	conductor := &chaos.Conductor{
		Scenario: e.scenario, Cluster: h.Cluster, Layout: h.Layout, Record: e.rec, RunID: e.id, Seed: e.seed, Ledger: e.ledger, Stays: h.stands != nil,
		LogDir: filepath.Join(e.files.Dir, "logs"), Progress: e.Progress,
	}
	for _, spec := range e.scenario.Workloads {
		w, err := workload.New(spec, e.id, e.seed, target, e.rec)
		if err != nil {
			return err
		}
		w.LeaveFilesIn(e.files)
		workloads = append(workloads, w)
		conductor.Loads = append(conductor.Loads, stage.follow(w))
	}
	e.Progress(fmt.Sprintf("running %s for %s", e.scenario.Name, e.scenario.Duration))
	stop := everySecond(func() { e.Status(status(stage, workloads)) })
	err = conductor.Run(ctx)
	stop()
	return err
}

// everySecond calls f once a second until it is stopped.
func everySecond(f func()) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				f()
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// status is how far a run is.
func status(stage *stages, workloads []*workload.Workload) string {
	parts := []string{stage.String()}
	for _, w := range workloads {
		_, acked, failed, indeterminate := w.Progress()
		parts = append(parts, fmt.Sprintf("%s: %s acked, %s failed, %s indeterminate",
			w.Name(), words.Count(acked), words.Count(failed), words.Count(indeterminate)))
	}
	return strings.Join(parts, "; ")
}

// CheckOut says whether a folder of artifacts could be made in out.
func CheckOut(out string) error {
	info, err := os.Stat(out)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("--out %s is a file; name a folder (it is made if it is not there)", out)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("--out %s: %w", out, err)
	}
	return nil
}

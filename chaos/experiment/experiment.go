// Package experiment carries out one run from its scenario to its report: it
// gets the server image, deploys the cluster, has the conductor run the
// scenario on it, analyses the record, writes the artifacts and tears down.
package experiment

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/image"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload"
)

// Options are how a scenario is run, beside what it says itself.
type Options struct {
	// Out is the folder that receives the run's own folder.
	Out string
	// RedisServer is a local server binary to build the image from, in place of
	// the scenario's image.
	RedisServer string
	Ports       compose.PortPolicy
	// Keep leaves the cluster up at the end.
	Keep bool
	// Tool is this program's name and version, for the report.
	Tool string
	// Progress is told what happens, a line at a time; Status, once a second,
	// how far the run is.
	Progress func(string)
	Status   func(string)
}

// Outcome is what is left of a run.
type Outcome struct {
	Result *report.Result
	// Dir is the run's folder of artifacts.
	Dir string
}

// Catalog is every kind of fault and workload that can be run.
func Catalog() scenarios.Catalog {
	return scenarios.Catalog{Faults: chaos.Kinds(), Workloads: workload.Kinds()}
}

// teardownTimeout bounds tearing down after the run's own context has ended.
const teardownTimeout = 60 * time.Second

// Run carries a scenario out. The error tells why it could not be; the outcome
// then holds what is known all the same, if a folder for it could be made. When
// ctx ends, everything is undone, and the error is ctx's.
func Run(ctx context.Context, s *scenarios.Scenario, opts Options) (*Outcome, error) {
	started := time.Now()
	id := runID(s.Name, started)
	files, err := createArtifacts(opts.Out, id)
	if err != nil {
		return nil, err
	}
	e := &experiment{Options: opts, scenario: s, id: id, seed: s.Seed, files: files}
	if e.seed == 0 {
		e.seed = int64(rand.Uint32())
	}
	err = e.run(ctx)
	if e.rec == nil { // it ended before its clock started
		result := &report.Result{Schema: report.Schema, Verdict: report.Error, Error: fmt.Sprint(err),
			Run: report.Run{ID: id, Scenario: s.Name, Started: started, Seed: e.seed, Runtime: "docker", Tool: opts.Tool}}
		return &Outcome{Result: result, Dir: files.dir}, errors.Join(err, files.writeReports(result, nil))
	}
	events := e.rec.Events()
	result := report.Analyze(s, events)
	return &Outcome{Result: result, Dir: files.dir}, errors.Join(err, files.writeReports(result, events))
}

// experiment is a run under way.
type experiment struct {
	Options
	scenario *scenarios.Scenario
	id       string
	seed     int64
	files    *artifacts
	rec      *record.Record
}

// runID is unique, sorts by time, and is fit for names of containers and files.
func runID(scenario string, at time.Time) string {
	return fmt.Sprintf("%s-%s-%04x", scenario, at.UTC().Format("20060102-150405"), rand.Uint32N(1<<16))
}

func (e *experiment) run(ctx context.Context) (err error) {
	source, err := e.scenario.YAML()
	if err != nil {
		return err
	}
	if err := e.files.write("scenario.yaml", source); err != nil {
		return err
	}
	engine, command, err := connect(ctx)
	if err != nil {
		return err
	}
	defer engine.Close()
	img, err := e.image(ctx, engine)
	if err != nil {
		return err
	}
	d := e.deployment(img)
	cluster, err := engine.Deploy(ctx, command, d, filepath.Join(e.files.dir, "cluster"), e.Ports, e.Progress)
	if err != nil {
		return fmt.Errorf("deploying the cluster: %w", err)
	}
	defer func() {
		if e.Keep && ctx.Err() == nil {
			e.Progress(fmt.Sprintf("the cluster is kept; `chaos status %s` shows it, `chaos down %s` removes it", e.id, e.id))
			return
		}
		e.Progress("tearing down")
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), teardownTimeout)
		defer cancel()
		err = errors.Join(err, cluster.Down(clean))
	}()
	return e.conduct(ctx, cluster, d, img, fmt.Sprintf("Docker %s, %s", engine.Version, command))
}

// connect finds the engine and Compose at the same time: each takes a moment.
func connect(ctx context.Context) (*compose.Engine, compose.Command, error) {
	type found struct {
		command compose.Command
		err     error
	}
	commands := make(chan found, 1)
	go func() {
		c, err := compose.FindCommand(ctx)
		commands <- found{c, err}
	}()
	engine, err := compose.Connect(ctx)
	c := <-commands
	if err != nil {
		return nil, c.command, err
	}
	if c.err != nil {
		engine.Close()
		return nil, c.command, c.err
	}
	return engine, c.command, nil
}

func (e *experiment) image(ctx context.Context, engine *compose.Engine) (image.Image, error) {
	opts := image.Options{Run: e.id, Progress: e.Progress}
	if e.RedisServer != "" {
		return image.Build(ctx, engine, e.RedisServer, opts)
	}
	img, err := image.Ensure(ctx, engine, e.scenario.Cluster.Image, opts)
	if err == nil && img.Origin == image.Built {
		e.Progress(fmt.Sprintf("%s could not be pulled; using %s, built from this machine's %s", img.Asked, img.Ref, img.Binary))
	}
	return img, err
}

func (e *experiment) deployment(img image.Image) compose.Deployment {
	d := compose.DefaultDeployment(e.scenario.Cluster.Masters, e.scenario.Cluster.Replicas)
	d.RunID, d.Prefix = e.id, e.id+"-"
	d.Image = img.Ref
	d.Config = e.scenario.Cluster.Config
	d.AnnounceHostname = compose.AnnouncesHostname(img.Server.Version)
	return d
}

// conduct runs the scenario on the cluster, with everything recorded.
func (e *experiment) conduct(ctx context.Context, cluster *compose.Docker, d compose.Deployment, img image.Image, engine string) error {
	out, err := e.files.create("events.ndjson")
	if err != nil {
		return err
	}
	defer out.Close()
	masters := e.scenario.Cluster.Masters
	e.rec = record.New(record.NewClock(), out)
	started := &record.RunStarted{
		ID: e.id, Scenario: e.scenario.Name, Started: e.rec.Wall(), Seed: e.seed, Runtime: "docker", Engine: engine, Tool: e.Tool,
		Server: record.Server{
			Name: img.Server.Name, Version: img.Server.Version, Image: img.Ref, Asked: img.Asked, Built: img.Binary,
		},
		Masters: masters, Replicas: e.scenario.Cluster.Replicas, Config: d.EffectiveConfig(), Shards: chaos.Shards(cluster.Nodes(), masters),
	}
	for _, n := range cluster.Nodes() {
		started.Nodes = append(started.Nodes, record.Node{Name: n.Name, ID: n.ID, Address: n.Addr})
	}
	e.rec.Add(started)

	target := newTarget(cluster, masters)
	var workloads []*workload.Workload
	conductor := &chaos.Conductor{
		Scenario: e.scenario, Runtime: cluster, Record: e.rec, RunID: e.id, Seed: e.seed,
		LogDir: filepath.Join(e.files.dir, "logs"), Progress: e.Progress,
	}
	for _, spec := range e.scenario.Workloads {
		w, err := workload.New(spec, e.id, e.seed, target, e.rec)
		if err != nil {
			return err
		}
		workloads = append(workloads, w)
		conductor.Loads = append(conductor.Loads, w)
	}
	e.Progress(fmt.Sprintf("running %s for %s", e.scenario.Name, e.scenario.Duration))
	stop := e.reportStatus(workloads)
	err = conductor.Run(ctx)
	stop()
	return errors.Join(err, e.rec.Flush())
}

// reportStatus tells once a second how far the run is, until it is stopped.
func (e *experiment) reportStatus(workloads []*workload.Workload) (stop func()) {
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
				e.Status(e.status(workloads))
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

func (e *experiment) status(workloads []*workload.Workload) string {
	at := time.Duration(e.rec.Now() * float64(time.Millisecond)).Truncate(time.Second)
	parts := []string{fmt.Sprintf("%s of %s", at, e.scenario.Duration)}
	for _, w := range workloads {
		_, acked, failed, indeterminate := w.Progress()
		parts = append(parts, fmt.Sprintf("%s: %s acked, %s failed, %s indeterminate",
			w.Name(), report.Count(acked), report.Count(failed), report.Count(indeterminate)))
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

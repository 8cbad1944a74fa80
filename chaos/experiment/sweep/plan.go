package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/batch"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/tune"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// Options say what is swept, and how much is to be known of it.
type Options struct {
	// Scenario is a file or a name of the library, and Sets are overrides of it.
	Scenario string
	Sets     []string
	// Parameters make a grid; Points, if there are any, are the combinations instead.
	Parameters []tune.Parameter
	Points     [][]string
	// Hiccups are the kinds that are tried; none leaves them out.
	Hiccups []Hiccup
	// Failovers is how many runs are made of each point with the scenario's own failures,
	// Partitions with a master that is cut off, and Trials how many hiccups of each kind. Where a
	// sweep is resumed, AsBefore is as many as were wanted then.
	Failovers, Partitions, Trials int
	// Budget is how long the sweep may take; 0: as long as that takes.
	Budget      time.Duration
	Constraints tune.Constraints
	Seed        int64
	// Command makes the same sweep, for the report.
	Command string
}

// AsBefore has a sweep that is resumed want as much as before.
const AsBefore = -1

// as fills in what is to be as before.
func (o *Options) as(was tune.Wanted) error {
	for _, n := range []struct {
		now *int
		was int
	}{{&o.Failovers, was.Failovers}, {&o.Partitions, was.Partitions}, {&o.Trials, was.Trials}} {
		if *n.now == AsBefore {
			*n.now = n.was
		}
		if *n.now < 0 || *n.now > mostOfAPoint {
			return fmt.Errorf("%d runs of each value are wanted in %s; 0 to %d can be", *n.now, resultName, mostOfAPoint)
		}
	}
	if o.Hiccups != nil {
		return nil
	}
	for _, kind := range was.Hiccups {
		if !slices.Contains(Hiccups(), Hiccup(kind)) {
			return fmt.Errorf("unknown kind of hiccup %q in %s", kind, resultName)
		}
		o.Hiccups = append(o.Hiccups, Hiccup(kind))
	}
	return nil
}

// mostOfAPoint bounds how much can be wanted of each point.
const mostOfAPoint = 1000

// Plan is a sweep that can be made: everything in it has been checked.
type Plan struct {
	Options
	base   *base
	points []*point
	wanted wanted
	budget time.Duration
	// resumed is what an earlier part of the sweep found, in the folder dir.
	resumed *tune.Tune
	dir     string
}

// NewPlan checks all that can be without a server.
func NewPlan(ctx context.Context, o Options) (*Plan, error) {
	s, source, err := parse.Load(ctx, o.Scenario, experiment.Catalog(), o.Sets)
	if err != nil {
		return nil, err
	}
	b := &base{file: o.Scenario, source: source, sets: o.Sets, scenario: s, paced: s.Observe.Probes != scenarios.DefaultProbes}
	return newPlan(b, o)
}

func newPlan(b *base, o Options) (*Plan, error) {
	p := &Plan{Options: o, base: b, budget: o.Budget, wanted: wanted{failovers: o.Failovers, partitions: o.Partitions, trials: o.Trials}}
	if err := o.Constraints.Check(); err != nil {
		return nil, err
	}
	if len(b.scenario.Faults) == 0 {
		return nil, fmt.Errorf("scenario %s has no fault: there is no failover to measure; take one such as master-kill", b.scenario.Name)
	}
	for i, f := range b.scenario.Faults {
		if f.After != nil || f.When != nil || f.Every > 0 || f.Rolling != nil {
			return nil, fmt.Errorf("scenario %s: faults[%d] has an after, a when, an every or a rolling: a sweep has each fault last for as long as a failover may take, and needs faults with an at alone", b.scenario.Name, i)
		}
	}
	if b.scenario.Cluster.Replicas == 0 {
		return nil, fmt.Errorf("scenario %s has no replicas (cluster.replicas: 0), and so no failover to measure", b.scenario.Name)
	}
	if len(o.Parameters) == 0 {
		return nil, errors.New("nothing is swept; give --param NAME=VALUE,VALUE")
	}
	combinations := o.Points
	if len(combinations) == 0 {
		var err error
		if combinations, err = Grid(o.Parameters); err != nil {
			return nil, err
		}
	}
	var errs []error
	for _, values := range combinations {
		pt, err := p.point(values)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", strings.Join(values, ", "), err))
			continue
		}
		p.points = append(p.points, pt)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return p, nil
}

// point is a combination of values with the scenarios that it takes.
func (p *Plan) point(values []string) (*point, error) {
	overrides := overridesOf(paths(p.Parameters), values)
	failing, err := p.base.failing(overrides)
	if err != nil {
		return nil, err
	}
	pt := &point{values: values, overrides: overrides, timeout: timeout(failing), failures: []*failure{{kind: own, scenario: failing}}}
	if p.Partitions > 0 {
		cut, err := p.base.partitioned(overrides)
		if err != nil {
			return nil, err
		}
		pt.failures = append(pt.failures, &failure{kind: partition, scenario: cut})
	}
	for _, kind := range p.Hiccups {
		h := newHiccup(kind, pt.timeout)
		if _, err := p.base.hiccuping(overrides, kind, []time.Duration{time.Second}, 0); err != nil {
			return nil, err
		}
		pt.hiccups = append(pt.hiccups, h)
	}
	return pt, nil
}

// Resume makes a plan of a sweep that did not come to its end, from its folder. What o says of
// the scenario and the parameters must be what the sweep was of; empty, it is.
func Resume(ctx context.Context, dir string, o Options) (*Plan, error) {
	f, err := folder.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder of a sweep: %w", err)
	}
	defer f.Close()
	if !f.Has(resultName) {
		return nil, fmt.Errorf("%s is not the folder of a sweep: it has no %s", dir, resultName)
	}
	file, err := f.OpenFile(ctx, resultName, maxResult)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	was, err := tune.Read(file)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Path(resultName), err)
	}
	if err := same(ctx, dir, was, o); err != nil {
		return nil, err
	}
	source := []byte(was.Source) // scenario.yaml is without what --set had changed
	s, err := parse.Scenario(f.Path(resultName)+" (source)", source, experiment.Catalog(), nil)
	if err != nil {
		return nil, fmt.Errorf("reading the scenario of the sweep: %w", err)
	}
	if err := o.as(was.Wanted); err != nil {
		return nil, fmt.Errorf("reading %s: %w", dir, err)
	}
	o.Parameters, o.Points, o.Seed, o.Command = was.Parameters, pointsOf(was), was.Seed, cmp.Or(o.Command, was.Command)
	if o.Constraints == (tune.Constraints{}) {
		o.Constraints = was.Constraints
	}
	b := &base{file: f.Path(resultName) + " (source)", source: source, scenario: s, paced: s.Observe.Probes != scenarios.DefaultProbes}
	p, err := newPlan(b, o)
	if err != nil {
		return nil, err
	}
	p.resumed, p.dir = was, dir
	for i, pt := range p.points {
		pt.restore(was.Points[i])
	}
	return p, nil
}

// maxResult is the longest tune.json that is read, in bytes.
const maxResult = 256 << 20

// Adopt has a sweep that is resumed go on as it began: with the same runtime, and the same server.
// What opts say of these has to be the same, or nothing.
func (p *Plan) Adopt(opts *experiment.Options) error {
	if p.resumed == nil || p.resumed.Server.Version == "" {
		return nil
	}
	was := p.resumed
	switch opts.Runtime {
	case experiment.RuntimeAuto, "", was.Runtime:
		opts.Runtime = was.Runtime
	default:
		return fmt.Errorf("%s is a sweep with the %s runtime: leave --runtime %s out to go on with that, or leave --resume out", p.dir, was.Runtime, opts.Runtime)
	}
	if opts.RedisServer == "" && was.Server.Asked == "" { // that an image stood for could not be had
		opts.RedisServer = cmp.Or(was.Server.Binary, was.Server.Built)
	}
	return nil
}

// isOther tells whether a run was of another server than a sweep that is resumed.
func (p *Plan) isOther(server record.Server) bool {
	if p.resumed == nil || p.resumed.Server.Version == "" || server.Version == "" {
		return false
	}
	was := p.resumed.Server
	return was.Name != server.Name || was.Version != server.Version
}

func pointsOf(t *tune.Tune) (all [][]string) {
	for _, p := range t.Points {
		all = append(all, p.Values)
	}
	return all
}

// same wants a sweep to be of what is asked for.
func same(ctx context.Context, dir string, was *tune.Tune, o Options) error {
	if o.Scenario != "" {
		s, _, err := parse.Load(ctx, o.Scenario, experiment.Catalog(), o.Sets)
		if err != nil {
			return err
		}
		source, err := s.YAML()
		if err != nil {
			return err
		}
		if string(source) != was.Source {
			return fmt.Errorf("%s is a sweep of another scenario (%s): leave the scenario out to go on with that, or leave --resume out", dir, was.Scenario)
		}
	}
	equal := func(a, b tune.Parameter) bool { return a.Path == b.Path && slices.Equal(a.Values, b.Values) }
	if len(o.Parameters) > 0 && !slices.EqualFunc(o.Parameters, was.Parameters, equal) {
		return fmt.Errorf("%s is a sweep over %s, not over %s: leave --param out to go on with that, or leave --resume out", dir, written(was.Parameters), written(o.Parameters))
	}
	return nil
}

// written is parameters as on the command line.
func written(parameters []tune.Parameter) string {
	var all []string
	for _, p := range parameters {
		all = append(all, strings.TrimPrefix(p.Path, configPath)+"="+strings.Join(p.Values, ","))
	}
	return strings.Join(all, " ")
}

// header is what is known of the sweep before it begins.
func (p *Plan) header(opts batch.Options, started time.Time) tune.Tune {
	if p.resumed != nil {
		t := *p.resumed
		notes := slices.DeleteFunc(slices.Clone(t.Notes), func(note string) bool { return strings.HasPrefix(note, narrowing) })
		t.Points, t.Error, t.Notes = nil, "", append(notes, fmt.Sprintf("The sweep was interrupted, and went on at %s.", started.UTC().Format(time.DateTime+" MST")))
		t.Constraints = p.Constraints
		t.Budget, t.Wanted = nil, p.asked()
		t.Command, t.Tool = p.Command, opts.Tool
		return t
	}
	source, _ := p.base.scenario.YAML() // it was parsed from some
	t := tune.Tune{
		Schema: tune.Schema, ID: experiment.NewID(p.base.scenario.Name+"-tune", started), Scenario: p.base.scenario.Name, Started: started,
		Seed: cmp.Or(p.Seed, p.base.scenario.Seed), Runtime: opts.Runtime, Tool: opts.Tool, Source: string(source), Command: p.Command,
		Parameters: p.Parameters, Constraints: p.Constraints, Wanted: p.asked(),
	}
	if t.Seed == 0 {
		t.Seed = experiment.NewSeed()
	}
	return t
}

// asked is how much is to be found out of each point.
func (p *Plan) asked() tune.Wanted {
	w := tune.Wanted{Failovers: p.Failovers, Partitions: p.Partitions, Trials: p.Trials, Hiccups: []string{}}
	for _, kind := range p.Hiccups {
		w.Hiccups = append(w.Hiccups, string(kind))
	}
	return w
}

// folder is that of the sweep, which is in Out.
func (p *Plan) folder(id string, opts batch.Options) (folder.Folder, error) {
	if p.dir != "" {
		f, err := folder.Open(p.dir)
		if err != nil {
			return f, fmt.Errorf("opening the folder of the sweep: %w", err)
		}
		return f, nil
	}
	return folder.MakeNewest(opts.Out, id, opts.Warn)
}

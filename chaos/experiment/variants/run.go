package variants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/batch"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/matrix"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Options are how the runs are made. The folders of the runs are in that of the matrix, which
// is in Out.
type Options struct {
	batch.Options
	// Rounds is how many runs each variant gets.
	Rounds int
	// Command is what makes the same runs again, for the report; it is given the seed.
	Command func(seed int64) string
}

// Outcome is what is left of a matrix.
type Outcome struct {
	Matrix *matrix.Matrix
	// Dir is its folder.
	Dir string
	// Reports are the paths of the reports for people, as far as they could be written.
	Reports []string
}

// Run makes the runs of all variants of a scenario. The error tells why fewer were made than
// asked for, or why the reports could not be written; the outcome then holds what is known all
// the same. That a variant or a run could not be carried out is no error: it is told there.
func Run(ctx context.Context, s *scenarios.Scenario, all []Variant, opts Options) (*Outcome, error) {
	started := time.Now()
	m := &matrix.Matrix{
		Schema: matrix.Schema, ID: experiment.NewID("matrix-"+s.Name, started), Scenario: s.Name, Started: started,
		Seed: s.Seed, Tool: opts.Tool, Notes: []string{},
	}
	if m.Seed == 0 {
		m.Seed = experiment.NewSeed()
	}
	m.Command = opts.Command(m.Seed)
	source, err := s.YAML()
	if err != nil {
		return nil, err
	}
	m.Source = string(source)
	files, err := folder.MakeNewest(opts.Out, m.ID, opts.Warn)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	if err := files.Write("scenario.yaml", source); err != nil {
		return nil, err
	}
	r := newRounds(ctx, m, all, files.Dir, opts)
	opts.Options.Progress = nil // of single runs, several of which would tell at once
	opts.Options.Status = r.status(opts.Status)
	opts.Reuse = batch.ReuseNever
	opts.Chosen = r.chosen
	plan, err := batch.Run(ctx, r, opts.Options)
	m.DurationMS = float64(time.Since(started).Milliseconds())
	m.How = set.How{
		Asked: opts.Rounds * len(all), Parallel: plan.Parallel, Why: plan.Why, Clusters: plan.Clusters,
		ReuseWhy: "each run had a new one: the one before is of another variant",
	}
	switch {
	case ctx.Err() != nil:
		m.How.Until, m.Error = "interrupt", fmt.Sprintf("interrupted after %d of %d runs", r.ended, m.How.Asked)
		err = errors.Join(err, r.beside)
	case err != nil:
		m.Error = err.Error()
	}
	r.conclude()
	m.Sum()
	_, reports, unwritten := files.WriteTogether([]folder.File{
		{Name: "matrix.json", Render: func(w io.Writer) error { return matrix.WriteJSON(w, m) }},
		{Name: "matrix.md", Readable: true, Render: func(w io.Writer) error { return matrix.WriteMarkdown(w, m) }},
		{Name: "matrix.html", Readable: true, Render: func(w io.Writer) error { return matrix.WriteHTML(w, m) }},
	})
	return &Outcome{Matrix: m, Dir: files.Dir, Reports: reports}, errors.Join(err, unwritten)
}

// mostBroken is after how many runs that could not be carried out a variant is given up, if
// none could.
const mostBroken = 2

// rounds is the source of the runs: in each round, every variant gets one, in random order, so
// that what changes on the machine with time is no difference between them.
type rounds struct {
	ctx    context.Context
	matrix *matrix.Matrix
	all    []Variant
	out    string
	left   int   // rounds that are yet to be begun
	order  []int // of the round, by index, those yet to be begun
	rnd    *rand.Rand
	tell   func(string)
	asked  int
	beside error // errors of runs that were interrupted

	mu           sync.Mutex // held while what follows is used
	begun, ended int
	took         time.Duration // by all that have ended
	parallel     int
}

func newRounds(ctx context.Context, m *matrix.Matrix, all []Variant, out string, opts Options) *rounds {
	r := &rounds{
		ctx: ctx, matrix: m, all: all, out: out, left: opts.Rounds, asked: opts.Rounds * len(all), tell: opts.Progress,
		rnd: rand.New(rand.NewPCG(uint64(m.Seed), 1)),
	}
	if r.tell == nil {
		r.tell = func(string) {}
	}
	for i, name := range folderNames(all) {
		v := all[i]
		m.Variants = append(m.Variants, matrix.Variant{Name: v.Name, Image: v.Image, RedisServer: v.Server, Preset: v.Preset, Dir: name})
	}
	return r
}

func (r *rounds) chosen(parallel int, why string) {
	r.mu.Lock()
	r.parallel = parallel
	r.mu.Unlock()
	r.tell(fmt.Sprintf("runs at once: %d (%s)", parallel, why))
}

// Next implements batch.Source.
func (r *rounds) Next() (batch.Job, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if len(r.order) == 0 {
			if r.left == 0 {
				return batch.Job{}, false
			}
			r.left--
			r.order = r.rnd.Perm(len(r.all))
		}
		i := r.order[0]
		r.order = r.order[1:]
		v, told := r.all[i], r.matrix.Variants[i]
		if told.Unable != "" {
			continue
		}
		r.begun++
		return batch.Job{
			Scenario: v.Scenario, Seed: r.seed(), Out: filepath.Join(r.out, told.Dir), Image: v.Image, Server: v.Server,
			Label: v.Name, Tag: i,
		}, true
	}
}

// seed is that of the runs of this round; it is not 0. All variants have the same, so that what
// it decides is no difference between them.
func (r *rounds) seed() int64 {
	return 1 + rand.New(rand.NewPCG(uint64(r.matrix.Seed), uint64(2+r.left))).Int64N(1<<32-1)
}

// Done implements batch.Source.
func (r *rounds) Done(d batch.Done) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d.Outcome == nil {
		return d.Err // not even a folder could be made
	}
	result := d.Outcome.Result
	if r.ctx.Err() != nil && result.Verdict == report.Error {
		r.beside = errors.Join(r.beside, d.Err)
		return nil // it was interrupted, and tells nothing
	}
	r.ended++
	r.took += d.Took
	v := &r.matrix.Variants[d.Tag.(int)]
	run := runOf(result, d)
	v.Set.Runs = append(v.Set.Runs, run)
	if run.Error == "" && v.Set.Server.Version == "" {
		v.Set.Runtime, v.Set.Engine, v.Set.Server, v.Set.Topology, v.Set.Config = result.Run.Runtime, result.Run.Engine, result.Run.Server, result.Run.Topology, result.Run.Config
		r.note(*v, result)
	}
	if v.Set.Server.Version == "" && (result.Skipped || len(v.Set.Runs) >= mostBroken) {
		v.Unable = run.Error
		r.tell(fmt.Sprintf("%s cannot be run: %s", v.Name, firstLine(run.Error)))
	} else {
		r.tell(fmt.Sprintf("%d of %d: %s: %s", r.ended, r.asked, v.Name, matrix.Line(run)))
	}
	return nil
}

// runOf is a run as the set has it.
func runOf(result *report.Result, d batch.Done) set.Run {
	run := set.Run{
		ID: result.Run.ID, Dir: result.Run.ID, Seed: result.Run.Seed, Started: result.Run.Started, DurationMS: result.Run.DurationMS,
		Verdict: result.Verdict, Skipped: result.Skipped, Cluster: d.Cluster, Turn: d.Turn,
	}
	if result.Verdict == report.Error || d.Err != nil {
		run.Verdict = report.Error
		run.Error = cmp.Or(result.Error, fmt.Sprint(d.Err))
		return run
	}
	for _, e := range result.Expectations {
		if !e.OK {
			run.Failed = append(run.Failed, e.Name)
		}
	}
	matrix.Measure(&run, result)
	return run
}

// note tells what is to be known of a variant's server.
func (r *rounds) note(v matrix.Variant, result *report.Result) {
	if server := result.Run.Server; v.Image != "" && server.Image != v.Image {
		r.matrix.Notes = append(r.matrix.Notes, fmt.Sprintf("%s could not be pulled: what ran is %s %s, built from this machine's %s.", v.Image, server.Name, server.Version, server.Built))
	}
}

// conclude completes what is told of the variants once no more runs are made.
func (r *rounds) conclude() {
	m := r.matrix
	for i := range m.Variants {
		v := &m.Variants[i]
		s := &v.Set
		s.Schema, s.ID, s.Scenario, s.Seed, s.Tool, s.Command, s.Notes = set.Schema, m.ID+"/"+v.Dir, m.Scenario, m.Seed, m.Tool, m.Command, []string{}
		s.Started, s.DurationMS, s.How = m.Started, m.DurationMS, m.How
		s.How.Asked = m.How.Asked / len(m.Variants)
		s.Expectations = []set.Expectation{}
		if source, err := r.all[i].Scenario.YAML(); err == nil {
			s.Source = string(source)
		}
		if v.Unable == "" && s.Server.Version == "" && len(s.Runs) > 0 {
			v.Unable = s.Runs[len(s.Runs)-1].Error
		}
	}
}

// status tells how far the matrix is, whenever one of its runs tells how far that is.
func (r *rounds) status(tell func(string)) func(string) {
	if tell == nil {
		return nil
	}
	return func(string) {
		r.mu.Lock()
		text := fmt.Sprintf("%d of %d runs, %d under way", r.ended, r.asked, r.begun-r.ended)
		if r.ended > 0 {
			each := r.took / time.Duration(r.ended)
			left := (each*time.Duration(r.asked-r.ended) - each*time.Duration(r.begun-r.ended)/2) / time.Duration(max(1, r.parallel))
			text += fmt.Sprintf(", about %s left", left.Round(time.Second))
		}
		r.mu.Unlock()
		tell(text)
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

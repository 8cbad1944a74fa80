package variants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/batch"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/repeat"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/matrix"
	"github.com/redis-chaos/redis-chaos/report/record"
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
	m.Duration = record.Millis(time.Since(started).Milliseconds())
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
	unwritten := writeSets(files.Dir, m)
	_, reports, more := files.WriteTogether(folder.Rendered(matrix.Forms().Files, m))
	return &Outcome{Matrix: m, Dir: files.Dir, Reports: reports}, errors.Join(err, unwritten, more)
}

// writeSets leaves the set of each variant in its folder, with its reports for people, so that
// it can be looked at, and compared with another one, by itself.
func writeSets(dir string, m *matrix.Matrix) (errs error) {
	forms := slices.DeleteFunc(set.Forms().Files, func(f form.Form[*set.Set]) bool { return f.Name == "junit.xml" })
	for _, v := range m.Variants {
		if len(v.Set.Runs) == 0 {
			continue
		}
		files, err := folder.Open(filepath.Join(dir, v.Dir))
		if err == nil {
			_, _, err = files.WriteTogether(folder.Rendered(forms, &v.Set))
			files.Close()
		}
		errs = errors.Join(errs, err)
	}
	return errs
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
		m.Variants = append(m.Variants, matrix.Variant{Name: v.Name, Image: v.Image, RedisServer: v.Server, Values: v.Values, Preset: v.Preset, Dir: name})
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

// seed is that of the runs of this round. All variants have the same, so that what it decides is
// no difference between them.
func (r *rounds) seed() int64 { return repeat.SeedOf(r.matrix.Seed, r.left) }

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
	run := set.Of(result, d.Scenario, result.Run.ID)
	run.Cluster, run.Served = d.Cluster, d.Served
	if d.Err != nil { // also where the result is there, and could not be written
		run.Verdict, run.Error = report.Error, cmp.Or(run.Error, d.Err.Error())
	}
	if run.Verdict != report.Error {
		matrix.Measure(&run, result)
		if v.Set.Server.Version == "" {
			v.Set.Describe(result)
			r.note(*v, result)
		}
	}
	v.Set.Runs = append(v.Set.Runs, run)
	if v.Set.Server.Version == "" && (result.Skipped || len(v.Set.Runs) >= mostBroken) {
		v.Unable = run.Error
		r.tell(fmt.Sprintf("%s cannot be run: %s", v.Name, firstLine(run.Error)))
	} else {
		r.tell(fmt.Sprintf("%d of %d: %s: %s", r.ended, r.asked, v.Name, matrix.Line(run)))
	}
	return nil
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
		header := v.Set
		header.ID, header.Seed, header.Tool, header.Command, header.Error = m.ID+"-"+v.Dir, m.Seed, m.Tool, m.Command, m.Error
		header.Started, header.Duration, header.How = m.Started, m.Duration, m.How
		header.How.Asked = m.How.Asked / len(m.Variants)
		v.Set = *set.Aggregate(header, v.Set.Runs, r.all[i].Scenario)
		if runs := v.Set.Runs; v.Unable == "" && len(runs) > 0 && len(set.Carried(runs)) == 0 {
			v.Unable = runs[len(runs)-1].Error
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

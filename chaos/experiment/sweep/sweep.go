package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/batch"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/repeat"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/tune"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Outcome is what is left of a sweep.
type Outcome struct {
	Tune *tune.Tune
	// Dir is the sweep's folder.
	Dir string
	// Reports are the paths of the reports for people, as far as they could be written.
	Reports []string
}

// ErrNothing is in the chain of the error of a sweep that found nothing out.
var ErrNothing = errors.New("no value could be tried")

// Run makes the sweep, and decides. The error tells why it did not come to its end; the outcome
// then holds the answer so far.
func (p *Plan) Run(ctx context.Context, opts batch.Options) (*Outcome, error) {
	started := time.Now()
	header := p.header(opts, started)
	files, err := p.folder(header.ID, opts)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	s := &sweep{Plan: p, ctx: ctx, header: header, files: files, started: started, tell: opts.Progress, rnd: rand.New(rand.NewPCG(uint64(header.Seed), 2)), overhead: firstOverhead}
	if s.tell == nil {
		s.tell = func(string) {}
	}
	s.agenda = newAgenda(p.points, p.wanted, p.each(), s.rnd)
	if p.resumed == nil {
		if err := files.Write("scenario.yaml", p.base.source); err != nil {
			return nil, err
		}
	}
	opts.Progress = nil // of single runs, several of which would tell at once
	if opts.Status != nil {
		status := opts.Status
		opts.Status = nil
		stop := everySecond(func() { status(s.status()) })
		defer stop()
	}
	opts.Chosen = func(parallel int, why string) {
		s.mu.Lock()
		s.parallel = parallel
		s.mu.Unlock()
		s.tell(fmt.Sprintf("runs at once: %d (%s)", parallel, why))
	}
	made, err := batch.Run(ctx, s, opts)
	t := s.result(made)
	switch {
	case ctx.Err() != nil:
		t.Error = "interrupted: the answer is of what had been run by then; chaos tune --resume " + files.Dir + " goes on"
		t.How.Until = "interrupt"
	case err != nil:
		t.Error = err.Error()
	case s.total() == 0:
		err = s.nothing()
		t.Error = err.Error()
	}
	_, reports, unwritten := s.files.WriteTogether(folder.Rendered(tune.Forms().Files, t))
	return &Outcome{Tune: t, Dir: files.Dir, Reports: reports}, errors.Join(err, unwritten)
}

const (
	resultName = "tune.json"
	// firstOverhead is what a run takes beside its load, until one has shown it.
	firstOverhead = 4 * time.Second
)

// sweep is a plan under way. It is the source of its runs.
type sweep struct {
	*Plan
	ctx     context.Context
	header  tune.Tune
	files   folder.Folder
	started time.Time
	tell    func(string)
	rnd     *rand.Rand
	agenda  agenda
	begun   int
	// overhead is what runs took beside their load, lately.
	overhead time.Duration
	parallel int
	underWay map[int]underWay
	made     int
	until    string
	// mu is held while the sweep is asked for its status, and while it is changed.
	mu sync.Mutex
}

// underWay is a run that is being made.
type underWay struct {
	task
	began time.Time
	takes time.Duration
}

// each is how many hiccups are in a run: one of the master of each shard, of three at most.
func (p *Plan) each() int { return min(3, p.base.scenario.Cluster.Masters) }

// Next implements batch.Source.
func (s *sweep) Next() (batch.Job, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next()
}

func (s *sweep) next() (batch.Job, bool) {
	t, ok := s.pick()
	if !ok {
		return batch.Job{}, false
	}
	seed := repeat.SeedOf(s.header.Seed, s.header.How.Asked+s.begun)
	s.begun++
	job := batch.Job{Seed: seed, Out: s.files.Dir, Label: s.label(t)}
	if t.failure != nil {
		job.Scenario = t.failure.scenario
	} else {
		h := t.hiccup
		lengths := h.lengths(s.each(), s.rnd)
		var err error
		if job.Scenario, err = s.base.hiccuping(t.point.overrides, h.kind, lengths, h.shard); err != nil {
			h.unable = err.Error() // nothing of it was made by the user
			return s.next()
		}
		h.shard = (h.shard + len(lengths)) % s.base.scenario.Cluster.Masters
	}
	takes := job.Scenario.Duration.D() + s.overhead
	job.Tag = s.begun
	if s.underWay == nil {
		s.underWay = map[int]underWay{}
	}
	s.underWay[s.begun] = underWay{t, time.Now(), takes}
	return job, true
}

// pick is what is done next; false if nothing is left, or nothing that would end in time.
func (s *sweep) pick() (task, bool) {
	inTime := func(t task) bool {
		return s.budget == 0 || time.Since(s.started)+t.takes(s.each(), s.overhead) <= s.budget
	}
	for i, t := range s.agenda.tasks {
		if s.budget > 0 && s.begun >= s.agenda.survey && s.left(s.agenda.tasks) > s.budget-time.Since(s.started) {
			break // not all that is wanted can be had: what is needed most
		}
		if t.open() && inTime(t) {
			s.agenda.tasks = slices.Delete(s.agenda.tasks, i, i+1)
			return t, true
		}
	}
	if s.budget == 0 {
		return task{}, false
	}
	t, ok := s.neediest(inTime)
	if !ok {
		s.until = "budget"
	}
	return t, ok
}

// left is how long tasks take, as many at once as are made.
func (s *sweep) left(tasks []task) (sum time.Duration) {
	for _, t := range tasks {
		if t.open() {
			sum += t.takes(s.each(), s.overhead)
		}
	}
	return sum / time.Duration(max(1, s.parallel))
}

// neediest is the task that narrows the intervals of the points that the decision is between
// by the most, for the time that it takes.
func (s *sweep) neediest(inTime func(task) bool) (best task, found bool) {
	var most float64
	for _, p := range s.contenders() {
		var tasks []task
		for _, f := range p.failures {
			tasks = append(tasks, task{point: p, failure: f})
		}
		for _, h := range p.hiccups {
			tasks = append(tasks, task{point: p, hiccup: h})
		}
		for _, t := range tasks {
			if !t.open() || !inTime(t) {
				continue
			}
			if gain := t.gain(s.figure(), s.each(), s.overhead); !found || gain > most {
				best, most, found = t, gain, true
			}
		}
	}
	return best, found
}

// contenders are the points that the decision is between: the one that would be recommended
// now, its neighbours and the first runner-up; all, if none would be.
func (s *sweep) contenders() (some []*point) {
	t := s.result(batch.Plan{})
	at := t.Recommendation.Point
	if at == nil {
		return s.points
	}
	indexes := []int{*at, *at - 1, *at + 1}
	if len(t.Recommendation.RunnersUp) > 0 {
		indexes = append(indexes, t.Recommendation.RunnersUp[0])
	}
	for i, p := range s.points {
		if slices.Contains(indexes, i) {
			some = append(some, p)
		}
	}
	return some
}

// figure is what the length of a failover is judged by.
func (s *sweep) figure() string {
	if len(s.base.scenario.Workloads) == 0 {
		return "failover_time"
	}
	return "client_recovery"
}

// Done implements batch.Source.
func (s *sweep) Done(d batch.Done) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.underWay[d.Tag.(int)]
	delete(s.underWay, d.Tag.(int))
	if d.Outcome == nil {
		return d.Err
	}
	r := d.Outcome.Result
	if s.ctx.Err() != nil && r.Verdict == report.Error {
		return nil // interrupted: it tells nothing
	}
	if s.isOther(r.Run.Server) {
		return fmt.Errorf("the sweep is of %s %s, and this run was of %s %s: go on with the same server, or begin anew", s.resumed.Server.Name, s.resumed.Server.Version, r.Run.Server.Name, r.Run.Server.Version)
	}
	run := set.Of(r, d.Job.Scenario, r.Run.ID)
	run.Cluster, run.Served = d.Cluster, d.Served
	if r.Verdict == report.Error {
		run.Error = cmp.Or(run.Error, fmt.Sprint(d.Err))
	} else {
		s.overhead += (d.Took - d.Job.Scenario.Duration.D() - s.overhead) / 4
	}
	s.take(u.task, run, r, d.Job.Scenario)
	s.made++
	s.tell(fmt.Sprintf("%s %s: %s", s.count(), d.Label, s.came(u.task, run, r)))
	return s.save()
}

// take adds a run to what is known of its point.
func (s *sweep) take(t task, run set.Run, r *report.Result, asked *scenarios.Scenario) {
	p := t.point
	if t.failure != nil {
		t.failure.runs = append(t.failure.runs, run)
	} else {
		t.hiccup.runs = append(t.hiccup.runs, run)
	}
	if run.Verdict != report.Error {
		p.broken, p.made, p.example = 0, p.made+1, r
		if t.hiccup != nil {
			t.hiccup.learn(r, asked.Faults)
		}
		return
	}
	if run.Skipped {
		switch {
		case t.hiccup != nil:
			t.hiccup.unable = run.Error
		case t.failure.kind == partition:
			p.failures = slices.DeleteFunc(p.failures, func(f *failure) bool { return f == t.failure })
			s.note("Masters were not cut off: " + run.Error)
		default:
			p.rejected = run.Error
		}
		return
	}
	p.broken, p.why = p.broken+1, run.Error
	if p.broken >= mostBroken && p.rejected == "" {
		p.rejected = p.why
		return
	}
	s.agenda.tasks = append(s.agenda.tasks, t) // once more
}

func (s *sweep) note(text string) {
	if !slices.Contains(s.header.Notes, text) {
		s.header.Notes = append(s.header.Notes, text)
	}
}

// save keeps what is known so far, for a sweep that is ended from outside.
func (s *sweep) save() error {
	t := s.result(batch.Plan{Parallel: s.parallel})
	t.Error = "under way"
	var text strings.Builder
	if err := tune.Forms().JSON()(&text, t); err != nil {
		return err
	}
	return s.files.Write(resultName, []byte(text.String()))
}

// result is the sweep as it is reported, decided by what is known so far.
func (s *sweep) result(made batch.Plan) *tune.Tune {
	t := s.header
	t.Duration += record.InMillis(time.Since(s.started))
	t.How.Asked += s.begun
	t.How.Parallel, t.How.Why, t.How.ReuseWhy, t.How.Until = made.Parallel, made.Why, made.ReuseWhy, s.until
	t.How.Clusters += made.Clusters
	t.Points = []tune.Point{}
	for _, p := range s.points {
		if p.example != nil && t.Server.Version == "" {
			run := p.example.Run
			t.Runtime, t.Engine, t.Server = run.Runtime, run.Engine, run.Server
		}
		point := p.snapshot()
		point.Predict(t.Server, s.base.scenario.Cluster.Masters, record.InMillis(p.timeout), record.InMillis(s.pace()))
		t.Points = append(t.Points, point)
	}
	t.Notes = slices.Clone(t.Notes)
	t.Decide()
	if buys := s.buys(t.Recommendation); s.budget > 0 {
		t.Budget = &tune.Budget{Asked: record.InMillis(s.budget), Spent: t.Duration, Buys: buys}
	} else if buys != "" {
		t.Notes = append(t.Notes, buys)
	}
	if t.Notes == nil {
		t.Notes = []string{}
	}
	return &t
}

// pace is how often nodes are probed.
func (s *sweep) pace() time.Duration { return s.points[0].failures[0].scenario.Observe.Probes.D() }

// total is how many runs were carried out, of all points.
func (s *sweep) total() (n int) {
	for _, p := range s.points {
		n += p.made
	}
	return n
}

// nothing is the error of a sweep without a run.
func (s *sweep) nothing() error {
	var errs []error
	for _, p := range s.points {
		if why := cmp.Or(p.rejected, p.why); why != "" {
			errs = append(errs, fmt.Errorf("%s: %s", strings.Join(p.values, ", "), why))
		}
	}
	if len(errs) == 0 {
		return fmt.Errorf("%w within the budget of %s; the shortest run takes longer", ErrNothing, s.budget)
	}
	return fmt.Errorf("%w: %w", ErrNothing, errors.Join(errs...))
}

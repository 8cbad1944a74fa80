package sweep

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// task is a run that may be made next: of a failure, or of several hiccups.
type task struct {
	point   *point
	failure *failure // or else
	hiccup  *hiccup
}

// wanted is how much is to be known of each point before the sweep is done, or before its
// budget is spent where it is needed most.
type wanted struct {
	failovers  int // runs of the scenario's own failures
	partitions int // runs in which a master is cut off
	trials     int // of each kind of hiccup
}

// surveyRounds is after how many rounds a sweep whose budget is not enough for all that is
// wanted goes on where that is needed most.
const surveyRounds = 3

// agenda is what is to be run, in rounds: each makes some progress with every point, in random
// order, so that a machine that gets slower or faster does so for all of them.
type agenda struct {
	tasks []task
	// survey is how many tasks are in the first rounds.
	survey int
}

// newAgenda spreads what is wanted over as many rounds as there are failovers to be made.
func newAgenda(points []*point, w wanted, each int, rnd *rand.Rand) agenda {
	var a agenda
	rounds := max(1, w.failovers)
	for round := range rounds {
		var tasks []task
		for _, p := range points {
			for _, f := range p.failures {
				n := w.failovers
				if f.kind == partition {
					n = w.partitions
				}
				for range share(n-carriedOut(f.runs), round, rounds) {
					tasks = append(tasks, task{point: p, failure: f})
				}
			}
			for _, h := range p.hiccups {
				runs := int(math.Ceil(float64(w.trials-len(h.trials)) / float64(each)))
				for range share(runs, round, rounds) {
					tasks = append(tasks, task{point: p, hiccup: h})
				}
			}
		}
		rnd.Shuffle(len(tasks), func(i, j int) { tasks[i], tasks[j] = tasks[j], tasks[i] })
		a.tasks = append(a.tasks, tasks...)
		if round < surveyRounds {
			a.survey = len(a.tasks)
		}
	}
	return a
}

// share is how many of n things fall to a round, the first of them as early as can be.
func share(n, round, rounds int) int {
	if n <= 0 {
		return 0
	}
	upTo := func(round int) int { return (n*round + rounds - 1) / rounds }
	return upTo(round+1) - upTo(round)
}

// open tells whether the task is worth doing still.
func (t task) open() bool {
	return t.point.rejected == "" && (t.hiccup == nil || t.hiccup.unable == "")
}

// takes estimates for how long the task takes: its load, and what it takes to deploy, to read
// back and to remove.
func (t task) takes(each int, overhead time.Duration) time.Duration {
	if t.failure != nil {
		return t.failure.scenario.Duration.D() + overhead
	}
	h := t.hiccup
	length := time.Duration(1.25 * float64(t.point.timeout))
	if th := h.search.Threshold(); th.L50 != nil {
		length = record.Millis(*th.L50).D()
	}
	return warmUp + time.Duration(each)*(length+between) + overhead
}

// uncertainty is how wide the interval of what a task measures is, beside the figure, and of
// how many values it is.
func (t task) uncertainty(figure string) (width float64, n int) {
	const unknown = 2 // as wide as from nothing to twice the figure
	if t.hiccup != nil {
		th := t.hiccup.search.Threshold()
		if th.L05 == nil || th.L05CI[0] == nil || th.L05CI[1] == nil || *th.L05 <= 0 {
			return unknown, th.N
		}
		return min(unknown, (*th.L05CI[1]-*th.L05CI[0]) / *th.L05), th.N
	}
	var values []stats.Value
	for _, r := range set.Carried(t.failure.runs) {
		if v, ok := r.Values[figure]; ok {
			values = append(values, v)
		}
	}
	s := stats.Summarize(values)
	if s.Median == nil || s.Median.IsNever() || *s.Median <= 0 || s.MedianCI[0] == nil || s.MedianCI[1] == nil || s.MedianCI[1].IsNever() {
		return unknown, s.N
	}
	return min(unknown, float64((*s.MedianCI[1]-*s.MedianCI[0])/(*s.Median))), s.N
}

// gain is by how much a task narrows its interval, for each second that it takes: an interval of
// n values is as wide as one over the root of n.
func (t task) gain(figure string, each int, overhead time.Duration) float64 {
	width, n := t.uncertainty(figure)
	more := 1
	if t.hiccup != nil {
		more = each
	}
	narrower := width * (1 - math.Sqrt(float64(max(1, n))/float64(max(1, n)+more)))
	return narrower / t.takes(each, overhead).Seconds()
}

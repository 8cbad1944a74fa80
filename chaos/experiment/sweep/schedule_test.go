package sweep

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/batch"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
	"github.com/redis-chaos/redis-chaos/report/tune"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

const killing = "name: test\nduration: 30s\nworkloads: [{name: w, type: set}]\nfaults: [{at: 6s, for: 15s, kill: {role: master, shard: 0}}]\n"

// planOf is a plan over two timeouts.
func planOf(t *testing.T, change func(*Options)) *Plan {
	t.Helper()
	o := Options{
		Parameters: []tune.Parameter{{Path: configPath + NodeTimeout, Values: []string{"500ms", "5s"}}},
		Hiccups:    []Hiccup{Freeze}, Failovers: 4, Partitions: 1, Trials: 6, Seed: 1,
	}
	if change != nil {
		change(&o)
	}
	p, err := newPlan(baseOf(t, killing), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sweepOf is a plan under way that makes no runs.
func sweepOf(t *testing.T, p *Plan) *sweep {
	t.Helper()
	s := &sweep{Plan: p, ctx: t.Context(), header: p.header(batch.Options{}, time.Now()), started: time.Now(), tell: func(string) {}, rnd: rand.New(rand.NewPCG(1, 2)), overhead: firstOverhead}
	s.agenda = newAgenda(p.points, p.wanted, p.each(), s.rnd)
	return s
}

func kindOf(t task) string {
	if t.hiccup != nil {
		return strings.Join(t.point.values, ",") + " " + string(t.hiccup.kind)
	}
	return strings.Join(t.point.values, ",") + " " + t.failure.kind
}

// Each round makes some progress with every value, and the order within it is random.
func TestAnAgendaGoesInRounds(t *testing.T) {
	p := planOf(t, nil)
	counts := map[string]int{}
	orders := map[string]bool{}
	for seed := range 20 {
		a := newAgenda(p.points, p.wanted, p.each(), rand.New(rand.NewPCG(uint64(seed), 1)))
		// 4 failures, 1 partition and 2 runs of 3 hiccups, of each value
		if len(a.tasks) != 14 || a.survey != 12 {
			t.Fatalf("%d tasks, %d in the survey", len(a.tasks), a.survey)
		}
		first := map[string]int{}
		var order []string
		for i, task := range a.tasks {
			if seed == 0 {
				counts[kindOf(task)]++
			}
			if i < 6 {
				first[kindOf(task)]++
				order = append(order, kindOf(task))
			}
		}
		for _, value := range []string{"500ms", "5s"} {
			for _, kind := range []string{own, partition, "freeze"} {
				if first[value+" "+kind] != 1 {
					t.Errorf("the first round has %v", first)
				}
			}
		}
		orders[strings.Join(order, "; ")] = true
	}
	if counts["500ms "+own] != 4 || counts["5s "+partition] != 1 || counts["5s freeze"] != 2 {
		t.Errorf("%v", counts)
	}
	if len(orders) < 10 {
		t.Errorf("%d orders of 20 agendas", len(orders))
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct{ n, rounds int }{{0, 3}, {1, 4}, {2, 10}, {4, 10}, {10, 10}, {12, 5}, {-1, 3}} {
		sum := 0
		for round := range c.rounds {
			sum += share(c.n, round, c.rounds)
		}
		if sum != max(0, c.n) || c.n > 0 && share(c.n, 0, c.rounds) == 0 {
			t.Errorf("%d things in %d rounds: %d, first %d", c.n, c.rounds, sum, share(c.n, 0, c.rounds))
		}
	}
}

// made is a run with a failover, or one that could not be carried out.
func made(n int, ms record.Millis, broken string) (set.Run, *report.Result) {
	id := fmt.Sprintf("run-%d", n)
	r := &report.Result{Run: report.Run{ID: id, Server: record.Server{Name: "redis", Version: "7.0.15"}}, Verdict: report.Pass}
	run := set.Run{ID: id, Verdict: report.Pass, Values: map[string]stats.Value{"client_recovery": stats.Value(ms), "failover_time": stats.Value(ms)}}
	if broken != "" {
		r.Verdict, r.Error, run.Verdict, run.Error, run.Values = report.Error, broken, report.Error, broken, nil
	}
	return run, r
}

// With a budget that is not enough for all, what is left after a survey goes to where the
// decision is: here, the failures of the one value that is known least.
func TestABudgetIsSpentWhereItTells(t *testing.T) {
	p := planOf(t, func(o *Options) { o.Budget = 200 * time.Second; o.Trials = 1 })
	s := sweepOf(t, p)
	s.parallel = 1
	for range s.agenda.survey {
		if _, ok := s.pick(); !ok {
			t.Fatal("the survey is not made")
		}
		s.begun++
	}
	for i, f := range []*failure{p.points[0].failures[0], p.points[1].failures[0]} {
		for n := range 4 {
			ms := 1500 + record.Millis(50*float64(n)) // the intervals of the first are narrow
			if i == 1 {
				ms = 5000 + record.Millis(2500*float64(n))
			}
			run, _ := made(10*i+n, ms, "")
			f.runs = append(f.runs, run)
		}
	}
	task, ok := s.pick()
	if !ok || task.point.rejected != "" {
		t.Fatalf("%v", ok)
	}
	s.budget = time.Second
	if task, ok := s.pick(); ok || s.until != "budget" {
		t.Errorf("%s begins after the budget is spent", kindOf(task))
	}
}

// A value that the server does not take is marked, and the sweep goes on with the others. A
// single run that could not be carried out is made once more.
func TestRunsThatCouldNotBeCarriedOut(t *testing.T) {
	s := sweepOf(t, planOf(t, nil))
	before := len(s.agenda.tasks)
	first, ok := s.pick()
	if !ok {
		t.Fatal("nothing to do")
	}
	run, r := made(1, 0, "the server says: invalid argument")
	s.take(first, run, r, s.base.scenario)
	if len(s.agenda.tasks) != before || first.point.rejected != "" {
		t.Errorf("%d of %d tasks, rejected: %q", len(s.agenda.tasks), before, first.point.rejected)
	}
	s.take(first, run, r, s.base.scenario)
	if first.point.rejected != "the server says: invalid argument" {
		t.Errorf("rejected: %q", first.point.rejected)
	}
	for {
		task, ok := s.pick()
		if !ok {
			break
		}
		if task.point == first.point {
			t.Errorf("%s is made all the same", kindOf(task))
		}
		run, r := made(2, 2000, "")
		s.take(task, run, r, s.base.scenario)
	}
	result := s.result(batch.Plan{Parallel: 1})
	rejected := 0
	for _, p := range result.Points {
		if p.Rejected != "" {
			rejected++
		}
	}
	if rejected != 1 || len(result.Points) != 2 {
		t.Errorf("%d of %d rejected", rejected, len(result.Points))
	}
}

// What came of each hiccup is told by the failover that it caused, if it did. One that did not
// take hold shows nothing.
func TestHiccupsAreLearntFrom(t *testing.T) {
	at := func(ms record.Millis) *record.Millis { return &ms }
	index := 1
	r := &report.Result{
		Run: report.Run{ID: "run"},
		Faults: []report.Fault{
			{Effective: at(2000), Healed: at(2750)}, {Effective: at(6000), Healed: at(6990)},
			{Effective: at(10_000), Error: "no such node"}, {Effective: at(14_000)}, {Healed: at(20_000)},
		},
		Failovers: []report.Failover{{Shard: 1, Fault: &index}, {Shard: 2}},
	}
	h := newHiccup(Freeze, 500*time.Millisecond)
	h.learn(r, nil)
	if got := fmt.Sprint(h.trials); got != "[{750 false run} {990 true run}]" {
		t.Error(got)
	}
	b := newHiccup(Block, 500*time.Millisecond)
	if b.learn(r, make([]scenarios.Fault, 5)); len(b.trials) != 2 || b.trials[0].Length != 0 {
		t.Errorf("a block lasts as long as it was to: %v", b.trials)
	}
	r.Holes = []report.Hole{{}}
	h.learn(r, nil)
	if len(h.trials) != 2 || h.search.Threshold().N != 2 {
		t.Errorf("learnt of a run with a hole: %v", h.trials)
	}
}

func TestPlansThatCannotBe(t *testing.T) {
	for want, c := range map[string]struct {
		text   string
		change func(*Options)
	}{
		"has no fault":                  {strings.Replace(killing, "faults: [{at: 6s, for: 15s, kill: {role: master, shard: 0}}]\n", "", 1), nil},
		"has no replicas":               {strings.Replace(killing, "duration", "cluster: {replicas: 0}\nduration", 1), nil},
		"needs faults with an at alone": {strings.Replace(killing, "at: 6s,", "when: {cluster: whole},", 1), nil},
		"nothing is swept":              {killing, func(o *Options) { o.Parameters, o.Points = nil, [][]string{} }},
		"unknown directive": {killing, func(o *Options) {
			o.Parameters = []tune.Parameter{{Path: configPath + "cluster-nod-timeout", Values: []string{"1"}}}
		}},
		`unknown name in workloads "none"`: {killing, func(o *Options) {
			o.Parameters = []tune.Parameter{{Path: "workloads.none.rate", Values: []string{"1"}}}
		}},
	} {
		o := Options{Parameters: []tune.Parameter{{Path: configPath + NodeTimeout, Values: []string{"1s"}}}, Failovers: 1}
		if c.change != nil {
			c.change(&o)
		}
		s, err := parse.Scenario("test.yaml", []byte(c.text), experiment.Catalog(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newPlan(&base{file: "test.yaml", source: []byte(c.text), scenario: s}, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

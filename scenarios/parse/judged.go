package parse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
)

// checkExpect wants workloads that can judge what is expected of the run.
func (d *decoder) checkExpect(root *document.Node, s *scenarios.Scenario) {
	for _, e := range s.Expect {
		d.checkJudged(root, root.Field("expect"), e, s)
	}
}

// checkExpectSet wants workloads that can judge what is expected of the runs.
func (d *decoder) checkExpectSet(root *document.Node, s *scenarios.Scenario) {
	for _, e := range s.ExpectSet {
		if e.Statistic != expect.StatisticPassed {
			d.checkJudged(root, root.Field("expect_set"), e.Expectation, s)
		}
	}
}

// checkJudged wants workloads that can judge one expectation, which is in a mapping.
func (d *decoder) checkJudged(root, in *document.Node, e expect.Expectation, s *scenarios.Scenario) {
	if !d.Sound(root.Field("workloads")) {
		return
	}
	if e.Workload != "" {
		d.checkOfWorkload(in, e, s.Workloads)
	} else if lack := d.lacks(s, e.Metric); lack != "" {
		d.Blame(in.Field(e.Name()), "%s", lack)
	}
}

// lacks says what a scenario lacks for a figure to be known; "" if nothing.
func (d *decoder) lacks(s *scenarios.Scenario, m expect.Metric) string {
	switch {
	case m.Needs != "" && !slices.ContainsFunc(s.Workloads, func(w scenarios.Workload) bool { return w.Can(m.Needs) }):
		return fmt.Sprintf("no workload here %s; add one of %s", m.Needs, d.judges(m.Needs))
	case m.NeedsReads && !slices.ContainsFunc(s.Workloads, func(w scenarios.Workload) bool { return w.ReadRatio() > 0 }):
		return fmt.Sprintf("no workload here reads; give one of type %s a read_ratio", d.typesThat(trait.Reads))
	case m.NeedsWorkload && len(s.Workloads) == 0:
		return "only a workload can tell, and there is none; add one, of any type"
	default:
		return ""
	}
}

// measurable lists the figures that a run of a scenario can measure.
func (d *decoder) measurable(s *scenarios.Scenario) (all []expect.Metric) {
	for _, m := range expect.Metrics() {
		if m.Unit != expect.UnitCauses && d.lacks(s, m) == "" {
			all = append(all, m)
		}
	}
	return all
}

// checkOfWorkload wants what is expected of one workload to be what it can judge.
func (d *decoder) checkOfWorkload(in *document.Node, e expect.Expectation, workloads []scenarios.Workload) {
	n := in.Field(e.Name())
	i := slices.IndexFunc(workloads, func(w scenarios.Workload) bool { return w.Name == e.Workload })
	if i < 0 {
		var names []string
		for _, w := range workloads {
			names = append(names, w.Name)
		}
		if d.Mark(n) {
			d.At(in.KeyPosition(e.Name()), "%s", suggest.Unknown("workload", e.Workload, names))
		}
		return
	}
	w := workloads[i]
	switch needs := e.Metric.Needs; {
	case !w.Can(needs):
		d.Blame(n, "%s is of type %s; it takes a workload that %s, of %s", w.Name, w.Type, needs, d.judges(needs))
	case e.Metric.NeedsReads && w.ReadRatio() == 0:
		d.Blame(n, "%s does not read; it takes a workload of type %s with a read_ratio", w.Name, d.typesThat(trait.Reads))
	case e.Metric.Name == "client_recovery" && unrouted(w) != "":
		d.Blame(n, "%s %s", w.Name, unrouted(w))
	}
}

// unrouted says that the commands of a workload may go to any shard; empty if they do not.
func unrouted(w scenarios.Workload) string {
	if u, ok := w.Spec.(scenarios.Unrouted); ok {
		return u.Unrouted()
	}
	return ""
}

// judges says which types of workload can judge, and what they must be given for it.
func (d *decoder) judges(what trait.Trait) string {
	with := ""
	types := d.typesOf(what)
	for _, name := range types {
		if condition := conditionOf(d.catalog.Workloads[name](), what); condition != "" {
			with = " with " + condition
		}
	}
	return "type " + strings.Join(types, " or ") + with
}

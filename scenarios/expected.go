package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
)

// decodeExpect reads the mapping from figures to their bounds.
func (d *decoder) decodeExpect(n *document.Node, expect *Expectations) {
	if !d.Want(n, document.Mapping, "a mapping") {
		return
	}
	for _, f := range n.Fields {
		workload, metric, ok := d.decodeFigure(f)
		if !ok {
			continue
		}
		if metric.Unit == UnitCauses {
			if causes, ok := d.decodeCauses(f.Value, d.catalog.Causes[metric.Name]); ok {
				*expect = append(*expect, expectCauses(metric, workload, causes))
			}
			continue
		}
		if !d.Want(f.Value, document.Scalar, "a bound such as 0 or \"<= 8s\"") {
			continue
		}
		e, err := ParseExpectation(f.Name, f.Value.Text)
		if err != nil {
			d.Blame(f.Value, "%s", strings.TrimPrefix(err.Error(), f.Name+": "))
			continue
		}
		*expect = append(*expect, e)
	}
}

// decodeFigure reads the name of a figure, which may be one of a workload.
func (d *decoder) decodeFigure(f document.Field) (workload string, metric Metric, ok bool) {
	workload, name := SplitName(f.Name)
	metric, err := metricNamed(name)
	switch {
	case strings.HasPrefix(name+".", ofWorkload):
		d.At(f.Pos, "%q names no figure; write it like workloads.orders.lost_writes: 0", f.Name)
	case err != nil:
		d.At(f.Pos, "%v", err)
	case workload != "" && !metric.PerWorkload():
		d.At(f.Pos, "%s is a figure of the cluster, not of a workload; write %s alone, or one of %s", name, name, strings.Join(perWorkload(), ", "))
	default:
		return workload, metric, true
	}
	return "", Metric{}, false
}

// decodeCauses reads the causes that are to be found: a list, or a single one.
func (d *decoder) decodeCauses(n *document.Node, known []string) (causes []string, ok bool) {
	items := n.Items
	switch n.Kind {
	case document.Scalar:
		items = []*document.Node{n}
	case document.List:
	default:
		d.Blame(n, "%s where causes belong; write one, a list of them, or [] if none may be found", n.Describe())
		return nil, false
	}
	causes = []string{}
	for _, item := range items {
		switch {
		case !d.Want(item, document.Scalar, "a cause"):
		case !slices.Contains(known, item.Text):
			d.Blame(item, "%s", unknownCause(item.Text, known))
		default:
			causes = append(causes, item.Text)
		}
	}
	return causes, len(causes) == len(items)
}

func unknownCause(name string, known []string) string {
	suggestion := ""
	if near := suggest.Closest(name, known); near != "" {
		suggestion = fmt.Sprintf("did you mean %q? ", near)
	}
	return fmt.Sprintf("unknown cause %q; %sknown: %s; and [] says that none may be found", name, suggestion, strings.Join(known, ", "))
}

// perWorkload lists the figures that are known of each workload.
func perWorkload() (names []string) {
	for _, m := range Metrics() {
		if m.PerWorkload() {
			names = append(names, m.Name)
		}
	}
	return names
}

// checkExpect wants workloads that can judge what is expected of the run.
func (d *decoder) checkExpect(root *document.Node, s *Scenario) {
	for _, e := range s.Expect {
		d.checkJudged(root, root.Field("expect"), e, s)
	}
}

// checkJudged wants workloads that can judge one expectation, which is in a mapping.
func (d *decoder) checkJudged(root, in *document.Node, e Expectation, s *Scenario) {
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
func (d *decoder) lacks(s *Scenario, m Metric) string {
	switch {
	case m.Needs != "" && !slices.ContainsFunc(s.Workloads, func(w Workload) bool { return w.Can(m.Needs) }):
		return fmt.Sprintf("no workload here %s; add one of %s", m.Needs, d.judges(m.Needs))
	case m.NeedsReads && !slices.ContainsFunc(s.Workloads, func(w Workload) bool { return w.ReadRatio() > 0 }):
		return fmt.Sprintf("no workload here reads; give one of type %s a read_ratio", d.typesThat(trait.Reads))
	case m.NeedsWorkload && len(s.Workloads) == 0:
		return "only a workload can tell, and there is none; add one, of any type"
	default:
		return ""
	}
}

// measurable lists the figures that a run of a scenario can measure.
func (d *decoder) measurable(s *Scenario) (all []Metric) {
	for _, m := range Metrics() {
		if m.Unit != UnitCauses && d.lacks(s, m) == "" {
			all = append(all, m)
		}
	}
	return all
}

// checkOfWorkload wants what is expected of one workload to be what it can judge.
func (d *decoder) checkOfWorkload(in *document.Node, e Expectation, workloads []Workload) {
	n := in.Field(e.Name())
	i := slices.IndexFunc(workloads, func(w Workload) bool { return w.Name == e.Workload })
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
func unrouted(w Workload) string {
	if u, ok := w.Spec.(Unrouted); ok {
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

// Expectations are those of a run, in the order of the scenario.
type Expectations []Expectation

// MarshalNode implements codec.Marshaler.
func (all Expectations) MarshalNode() (*document.Node, error) {
	n := &document.Node{Kind: document.Mapping}
	for _, e := range all {
		if e.Metric.Unit == UnitCauses {
			causes := &document.Node{Kind: document.List}
			for _, c := range e.Causes {
				causes.Items = append(causes.Items, document.StringNode(c))
			}
			n.Add(e.Name(), causes)
			continue
		}
		n.Add(e.Name(), e.encodeBound(e.Metric.Unit == UnitCount))
	}
	return n, nil
}

// encodeBound writes the bound; a bare one is what is equal, or something else.
func (e Expectation) encodeBound(bareIsEqual bool) *document.Node {
	if e.Metric.Unit == UnitBool {
		return document.PlainNode(e.Want)
	}
	if bareIsEqual {
		return document.StringNode(strings.TrimPrefix(e.Want, "== "))
	}
	return document.StringNode(e.Want)
}

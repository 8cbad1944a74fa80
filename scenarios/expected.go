package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// decodeExpect reads the mapping from figures to their bounds.
func (d *decoder) decodeExpect(n *node, expect *[]Expectation) {
	if !d.want(n, mappingNode, "a mapping") {
		return
	}
	for _, f := range n.fields {
		workload, name := splitName(f.name)
		metric, err := metricNamed(name)
		switch {
		case strings.HasPrefix(name+".", ofWorkload):
			d.at(f.pos, "%q names no figure; write it like workloads.orders.lost_writes: 0", f.name)
			continue
		case err != nil:
			d.at(f.pos, "%v", err)
			continue
		case workload != "" && !metric.PerWorkload():
			d.at(f.pos, "%s is a figure of the cluster, not of a workload; write %s alone, or one of %s", name, name, strings.Join(perWorkload(), ", "))
			continue
		}
		if metric.Unit == UnitCauses {
			if causes, ok := d.decodeCauses(f.value, d.catalog.Causes[name]); ok {
				*expect = append(*expect, expectCauses(metric, workload, causes))
			}
			continue
		}
		if !d.want(f.value, scalarNode, "a bound such as 0 or \"<= 8s\"") {
			continue
		}
		e, err := ParseExpectation(f.name, f.value.text)
		if err != nil {
			d.blame(f.value, "%s", strings.TrimPrefix(err.Error(), f.name+": "))
			continue
		}
		*expect = append(*expect, e)
	}
}

// decodeCauses reads the causes that are to be found: a list, or a single one.
func (d *decoder) decodeCauses(n *node, known []string) (causes []string, ok bool) {
	items := n.items
	switch n.kind {
	case scalarNode:
		items = []*node{n}
	case listNode:
	default:
		d.blame(n, "%s where causes belong; write one, a list of them, or [] if none may be found", n.describe())
		return nil, false
	}
	causes = []string{}
	for _, item := range items {
		switch {
		case !d.want(item, scalarNode, "a cause"):
		case !slices.Contains(known, item.text):
			d.blame(item, "%s", unknownCause(item.text, known))
		default:
			causes = append(causes, item.text)
		}
	}
	return causes, len(causes) == len(items)
}

func unknownCause(name string, known []string) string {
	suggestion := ""
	if near := closest(name, known); near != "" {
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
func (d *decoder) checkExpect(root *node, s *Scenario) {
	if !d.sound(root.field("workloads")) {
		return
	}
	for _, e := range s.Expect {
		n := root.field("expect").field(e.Name())
		switch {
		case e.Workload != "":
			d.checkOfWorkload(root, n, e, s.Workloads)
		case e.Metric.Needs != NeedsNothing && !d.anyJudges(s, e.Metric.Needs):
			d.blame(n, "no workload here %s; add one of %s", e.Metric.Needs, d.judges(e.Metric.Needs))
		case e.Metric.NeedsReads && !anyReads(s):
			d.blame(n, "no workload here reads; give one of type %s a read_ratio", d.typesThat(reads))
		case e.Metric.NeedsWorkload && len(s.Workloads) == 0:
			d.blame(n, "only a workload can tell, and there is none; add one, of any type")
		}
	}
}

// checkOfWorkload wants what is expected of one workload to be what it can judge.
func (d *decoder) checkOfWorkload(root, n *node, e Expectation, workloads []Workload) {
	i := slices.IndexFunc(workloads, func(w Workload) bool { return w.Name == e.Workload })
	if i < 0 {
		var names []string
		for _, w := range workloads {
			names = append(names, w.Name)
		}
		d.mark(n)
		d.at(root.field("expect").keyPosition(e.Name()), "%s", unknown("workload", e.Workload, names))
		return
	}
	w := workloads[i]
	switch needs := e.Metric.Needs; {
	case needs != NeedsNothing && !d.canJudge(w, needs):
		d.blame(n, "%s is of type %s; it takes a workload that %s, of %s", w.Name, w.Type, needs, d.judges(needs))
	case e.Metric.NeedsReads && w.ReadRatio == 0:
		d.blame(n, "%s does not read; it takes a workload of type %s with a read_ratio", w.Name, d.typesThat(reads))
	case e.Metric.Name == "client_recovery" && w.Type == typePubsub && !w.Pubsub.Sharded:
		d.blame(n, "%s publishes to any master, and so to no shard that fails over; write it of another workload, or give this one pubsub: {sharded: true}", w.Name)
	}
}

// keyPosition is where a key of a mapping stands.
func (n *node) keyPosition(name string) position {
	i := slices.IndexFunc(n.fields, func(f field) bool { return f.name == name })
	return n.fields[i].pos
}

// reads tells whether the keys of a type of workload can be read and judged.
func reads(k WorkloadKind) bool { return k.Reads }

// anyJudges tells whether some workload of the scenario can judge.
func (d *decoder) anyJudges(s *Scenario, what Judgement) bool {
	return slices.ContainsFunc(s.Workloads, func(w Workload) bool { return d.canJudge(w, what) })
}

func (d *decoder) canJudge(w Workload, what Judgement) bool {
	return what.of(d.catalog.kindOf(w)) && what.isAsked(w)
}

// judges says which types of workload can judge, and what they must be given for it.
func (d *decoder) judges(what Judgement) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(d.catalog.Workloads)) {
		if what.of(d.catalog.Workloads[name]) {
			names = append(names, name)
		}
	}
	return "type " + strings.Join(names, " or ") + what.with()
}

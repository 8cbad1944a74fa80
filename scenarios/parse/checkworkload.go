package parse

import (
	"cmp"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func (d *decoder) checkWorkloads(list *document.Node, workloads []scenarios.Workload) {
	types := slices.Sorted(maps.Keys(d.catalog.Workloads))
	for i, w := range workloads {
		n := list.Item(i)
		if n.Kind != document.Mapping {
			if d.Sound(n) {
				d.Blame(n, "no workload; write at least its name")
			}
			continue
		}
		d.checkName(n, w.Name)
		for _, other := range workloads[:i] {
			if w.Name != "" && w.Name == other.Name {
				d.Blame(n.Field("name"), "a second workload named %q; names must be unique", w.Name)
			}
		}
		if kind := n.Field("type"); kind != nil && !slices.Contains(types, w.Type) {
			d.Blame(kind, "%s", suggest.Unknown("type of workload", w.Type, types))
		}
		d.checkLoad(n, w)
		d.checkDurability(n, w)
		d.checkClient(n.Field("client"), w.Client)
		d.checkLibrary(n, w)
	}
}

func (d *decoder) checkLoad(n *document.Node, w scenarios.Workload) {
	checkRange(d, n.Field("clients"), w.Clients, minClients, maxClients, "")
	checkRange(d, n.Field("keys"), w.Keys, minKeys, maxKeys, "")
	for _, size := range []units.Size{w.ValueSize.Least, w.ValueSize.Most} {
		checkRange(d, n.Field("value_size"), size, minValueSize, maxValueSize, "the id that tells one write from another must fit")
	}
	d.checkRate(n.Field("rate"), w.Rate)
	d.checkPipeline(n, w)
	if spread := n.Field("distribution"); spread != nil {
		switch all := scenarios.Distributions(); {
		case !slices.Contains(all, w.Distribution):
			d.Blame(spread, "%s", suggest.Unknown("distribution", w.Distribution, all))
		case w.Distribution != scenarios.DistributionUniform && w.Distribution != scenarios.DistributionTagged && d.Sound(n.Field("type")) && !w.Can(trait.Spreads):
			d.Blame(spread, "the keys of a %s each belong to one client, which takes turns at them; leave the key out, or write type: %s",
				w.Type, d.typesThat(trait.Spreads))
		}
	}
}

// checkPipeline wants writes that can travel together.
func (d *decoder) checkPipeline(n *document.Node, w scenarios.Workload) {
	pipeline, shared, library := n.Field("pipeline"), n.Field("client").Field("autopipeline"), n.Field("client").Field("library_autopipeline")
	checkRange(d, pipeline, w.Pipeline, minPipeline, maxPipeline, "")
	if library != nil && w.Client.LibraryAutopipeline && (w.Client.Autopipeline || w.Pipeline > 1) {
		d.Blame(library, "go-redis makes its pipelines of single commands; leave out this key, or pipeline and autopipeline")
	}
	for _, at := range []*document.Node{pipeline, shared, library} {
		switch {
		case at == nil || at == pipeline && w.Pipeline == 1 || at == shared && !w.Client.Autopipeline || at == library && !w.Client.LibraryAutopipeline || !d.Sound(n.Field("type")):
		case !w.Can(trait.Pipelines):
			d.Blame(at, "a %s sends one command at a time; leave the key out, or write type: %s", w.Type, d.typesThat(trait.Pipelines))
		case n.Field("wait") != nil:
			d.Blame(at, "WAIT goes with each write, one at a time; leave out this key, or wait")
		case n.Field("waitaof") != nil:
			d.Blame(at, "WAITAOF goes with each write, one at a time; leave out this key, or waitaof")
		case w.Transaction:
			d.Blame(at, "each write goes in a transaction of its own, one at a time; leave out this key, or transaction")
		case n.Field("read_ratio") != nil:
			d.Blame(at, "each read is judged by the writes that have ended before it, one at a time; leave out this key, or read_ratio")
		}
	}
}

// checkTimes wants a workload to write for some time within the run.
func (d *decoder) checkTimes(root, n *document.Node, w scenarios.Workload, run units.Duration) {
	start, stop, duration := n.Field("start"), n.Field("stop"), root.Field("duration")
	if start == nil && stop == nil || duration == nil || !d.Sound(duration) || !d.Sound(start) || !d.Sound(stop) {
		return
	}
	switch {
	case start != nil && w.Start >= run:
		d.At(culprit(start, duration), "%s starts at %v, but the run lasts only %v (duration); start it earlier or run longer", n.Name, w.Start, run)
	case stop != nil && w.Stop > run:
		d.At(culprit(stop, duration), "%s stops at %v, after the end of the run at %v (duration); leave the key out, or run longer", n.Name, w.Stop, run)
	case stop != nil && w.Stop <= w.Start:
		d.Blame(stop, "%v is not after the start at %v; stop it later", w.Stop, w.Start)
	}
}

// checkBulk wants values that the servers take. They would hang up on a larger
// one, often before the client has read why.
func (d *decoder) checkBulk(root *document.Node, s *scenarios.Scenario) {
	n := root.Field("cluster").Field("config").Field("proto-max-bulk-len")
	limit, err := units.ParseMemory(s.Cluster.Config.Value("proto-max-bulk-len"))
	if n == nil || err != nil {
		return // without one, it is maxValueSize; and a server says what is wrong with it
	}
	for i, w := range s.Workloads {
		if of := root.Field("workloads").Item(i); w.ValueSize.Most > limit && d.Sound(of) {
			d.At(culprit(cmp.Or(of.Field("value_size"), n), n), "%s has a value_size of %s, and the servers take at most %s (proto-max-bulk-len)", of.Name, w.ValueSize, limit)
		}
	}
}

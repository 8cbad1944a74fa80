package scenarios

import (
	"cmp"
	"slices"
)

// What Workload.ReadFrom can be.
const (
	// ReadFromMaster is where writes go, too.
	ReadFromMaster = "master"
	// ReadFromReplica is a replica, or the master where the client knows of none that works.
	ReadFromReplica = "replica"
	// ReadFromAny is the master or a replica, picked at random for each read.
	ReadFromAny = "any"
)

// readsFrom lists what Workload.ReadFrom can be.
func readsFrom() []string { return []string{ReadFromMaster, ReadFromReplica, ReadFromAny} }

// ReadsFrom is where the workload's reads go.
func (w Workload) ReadsFrom() string { return cmp.Or(w.ReadFrom, ReadFromMaster) }

// checkReads wants reads that can be judged, of nodes that there are.
func (d *decoder) checkReads(root, n *node, w Workload, replicas int) {
	ratio, from := n.field("read_ratio"), n.field("read_from")
	_, known := d.catalog.Workloads[w.Type]
	kind := d.catalog.kindOf(w)
	if ratio != nil && d.sound(ratio) {
		switch {
		case !(w.ReadRatio > 0 && w.ReadRatio < 1):
			d.blame(ratio, "%v is out of range; write more than 0 and less than 1, such as 0.8 for four reads to each write, or leave the key out", w.ReadRatio)
		case known && !kind.Can(Reads) && d.sound(n.field("type")):
			d.blame(ratio, "what a %s holds cannot be judged while it is written to; leave the key out, or write type: %s",
				w.Type, d.typesThat(Reads))
		}
	}
	if from == nil || !d.sound(from) {
		return
	}
	has := root.field("cluster").field("replicas")
	switch {
	case !slices.Contains(readsFrom(), w.ReadFrom):
		d.blame(from, "%s", unknown("place to read from", w.ReadFrom, readsFrom()))
	case ratio == nil:
		d.blame(from, "nothing is read; write read_ratio: 0.8, too, or leave the key out")
	case w.ReadFrom != ReadFromMaster && replicas == 0 && has != nil && d.sound(has):
		d.at(culprit(from, has), "%s reads from replicas, and there are none (cluster.replicas); read from the master or deploy some", n.name)
	}
}

// anyReads tells whether some workload of the scenario reads.
func anyReads(s *Scenario) bool {
	return slices.ContainsFunc(s.Workloads, func(w Workload) bool { return w.ReadRatio > 0 })
}

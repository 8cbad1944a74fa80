package parse

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// decodeAfter reads a moment after another step; the step's name alone is its healing.
func (d *decoder) decodeAfter(n *document.Node, after *scenarios.After) {
	type fields scenarios.After
	if d.decodeEither(n, &after.Step, (*fields)(after)) && d.Sound(n) {
		d.wantFields(n, "step")
	}
}

// decodeRolling reads how a step rolls over its nodes; a number alone is the batch.
func (d *decoder) decodeRolling(n *document.Node, rolling *scenarios.Rolling) {
	type fields scenarios.Rolling
	d.decodeEither(n, &rolling.Batch, (*fields)(rolling))
}

// decodeEither reads one field where it stands alone, or else all of them, which it tells.
func (d *decoder) decodeEither(n *document.Node, alone, fields any) (whole bool) {
	if n.Kind == document.Scalar {
		d.Decode(n, alone)
		return false
	}
	d.Decode(n, fields)
	return true
}

// checkStep judges the moments of a step by themselves.
func (d *decoder) checkStep(n *document.Node, f scenarios.Fault, s *scenarios.Scenario) {
	if n.Field("name") != nil {
		d.checkName(n, f.Name)
	}
	checkRange(d, n.Field("after").Field("delay"), delayOf(f), 0, maxDuration, "")
	d.checkWhen(n.Field("when"), f.When, s)
	d.checkRepeats(n, f)
	d.checkRolling(n, f)
	switch optional := n.Field("optional"); {
	case n.Field("after") != nil && n.Field("at") != nil:
		d.Blame(n.Field("after"), "%s has its moment by at: already; leave one of the two out", n.Name)
	case f.Optional && f.After == nil && f.When == nil && f.Rolling == nil:
		d.Blame(optional, "%s comes at a moment that is known; leave the key out, or give it an after, a when or a rolling", n.Name)
	}
}

func delayOf(f scenarios.Fault) (delay units.Duration) {
	if f.After != nil {
		delay = f.After.Delay
	}
	return delay
}

// lasts tells whether a step lasts: one that does not is over once it is done.
func lasts(f scenarios.Fault) bool {
	_, momentary := f.Spec.(scenarios.Momentary)
	return !momentary
}

// checkRepeats judges every, jitter and count.
func (d *decoder) checkRepeats(n *document.Node, f scenarios.Fault) {
	every, jitter, count := n.Field("every"), n.Field("jitter"), n.Field("count")
	if every == nil {
		for _, lone := range []*document.Node{jitter, count} {
			if lone != nil {
				d.Blame(lone, "it is of repetitions, and there are none; write every: 10s, or leave the key out")
			}
		}
		return
	}
	checkRange(d, every, f.Every, minRepeat, maxDuration, "")
	if count != nil {
		checkRange(d, count, f.Count, 1, maxCount, "")
	}
	switch {
	case !d.Sound(every) || jitter != nil && !d.Sound(jitter):
	case f.Jitter > f.Every/2:
		d.At(culprit(jitter, every), "jitter: %v is more than half of every: %v; write at most %v", f.Jitter, f.Every, f.Every/2)
	case f.Kind == "" || !lasts(f):
	case f.For == 0:
		d.Blame(every, "a %s lasts until the end of the run, and so is not repeated; write how long each one lasts, as for: %v", f.Kind, (f.Every-2*f.Jitter)/2)
	case f.For > f.Every-2*f.Jitter:
		d.At(culprit(every, n.Field("for")), "%s lasts %v, and the next one may begin %v later; write every: %v or more, or for: %v or less",
			n.Name, f.For, f.Every-2*f.Jitter, f.For+2*f.Jitter, f.Every-2*f.Jitter)
	}
}

// checkRolling judges rolling.
func (d *decoder) checkRolling(n *document.Node, f scenarios.Fault) {
	rolling := n.Field("rolling")
	if rolling == nil || f.Rolling == nil {
		return
	}
	at := func(name string) *document.Node { return rolling.Field(name) }
	checkRange(d, batchNode(rolling), f.Rolling.Batch, 1, maxNodes, "")
	checkRange(d, at("timeout"), f.Rolling.Timeout, minDuration, maxDuration, "")
	checkRange(d, at("steady"), f.Rolling.Steady, 0, f.Rolling.Timeout, "the timeout")
	switch {
	case n.Field("every") != nil:
		d.Blame(n.Field("every"), "a rolling step goes on when the cluster is whole, and not at fixed times; leave out every or rolling")
	case f.Kind != "" && lasts(f) && f.For == 0:
		d.Blame(rolling, "a %s lasts until the end of the run, and the next node waits for its end; write how long each one lasts, as for: 2s", f.Kind)
	}
}

// batchNode is where the batch is written: as the whole, or in it.
func batchNode(rolling *document.Node) *document.Node {
	if rolling.Kind == document.Scalar {
		return rolling
	}
	return rolling.Field("batch")
}

// checkWhen judges a condition.
func (d *decoder) checkWhen(n *document.Node, w *scenarios.When, s *scenarios.Scenario) {
	if n == nil || w == nil || !d.Sound(n) {
		return
	}
	conditions := []string{"cluster", "steady", "failover", "replicas", "behind", "writes"}
	var given []string
	for _, name := range conditions {
		if n.Field(name) != nil {
			given = append(given, name)
		}
	}
	if len(given) != 1 {
		what := "no condition"
		if len(given) > 1 {
			what = fmt.Sprintf("%d conditions (%s)", len(given), strings.Join(given, ", "))
		}
		d.Blame(n, "%s; write one of %s", what, strings.Join(conditions, ", "))
		return
	}
	checkRange(d, n.Field("steady"), w.Steady, minSteady, maxDuration, "")
	checkRange(d, n.Field("timeout"), w.Timeout, minSteady, maxDuration, "")
	checkRange(d, n.Field("delay"), w.Delay, 0, maxDuration, "")
	checkRange(d, n.Field("writes"), w.Writes, 1, maxWrites, "")
	ofShard := w.Failover != "" || w.Replicas != "" || w.Behind != nil
	switch shard, workload := n.Field("shard"), n.Field("workload"); {
	case shard != nil && !ofShard:
		d.Blame(shard, "%s is not of a shard; leave the key out", given[0])
	case shard != nil && d.Sound(n.Field("cluster")) && s.Cluster.LacksShard(*w.Shard):
		d.Blame(shard, "no shard %d in a cluster of %d masters; shards are numbered 0 to %d", *w.Shard, s.Cluster.Masters, s.Cluster.Masters-1)
	case ofShard && s.Cluster.LacksReplicas():
		d.Blame(n.Field(given[0]), "this cluster has no replicas (cluster.replicas: 0)")
	case workload != nil && w.Writes == 0:
		d.Blame(workload, "%s is not of a workload; leave the key out", given[0])
	case w.Writes > 0:
		d.checkWritten(n, w, s.Workloads)
	}
}

// checkWritten wants workloads that write what a condition waits for.
func (d *decoder) checkWritten(n *document.Node, w *scenarios.When, workloads []scenarios.Workload) {
	var names []string
	for _, of := range workloads {
		if of.Name == w.Workload {
			return
		}
		names = append(names, of.Name)
	}
	switch {
	case w.Workload != "":
		d.Blame(n.Field("workload"), "%s", suggest.Unknown("workload", w.Workload, names))
	case len(workloads) == 0:
		d.Blame(n.Field("writes"), "only a workload writes, and there is none; add one, of any type")
	}
}

// checkSteady judges what is to hold before the first fault.
func (d *decoder) checkSteady(root *document.Node, s *scenarios.Scenario) {
	n := root.Field("steady")
	if n == nil || s.Steady == nil {
		return
	}
	checkRange(d, n.Field("timeout"), s.Steady.Timeout, minSteady, maxDuration, "")
	checkRange(d, n.Field("for"), s.Steady.For, minSteady, s.Steady.Timeout, "the timeout")
	checkRange(d, n.Field("success"), s.Steady.Success, 0, 100, "")
	for _, name := range []string{"success", "latency"} {
		if of := n.Field(name); of != nil && len(s.Workloads) == 0 {
			d.Blame(of, "only a workload can tell, and there is none; add one, of any type")
		}
	}
	if latency := n.Field("latency"); latency != nil && s.Steady.Latency > 0 && s.Steady.For < minMeasured {
		d.At(culprit(latency, n), "latencies are known of whole seconds, and %v (for) may hold none; write for: %v or more", s.Steady.For, minMeasured)
	}
}

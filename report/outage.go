package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Outage is a gap in which no node acked the probes of a shard.
type Outage struct {
	Shard  int     `json:"shard"`
	FromMS float64 `json:"from_ms"` // on the run's clock
	ToMS   float64 `json:"to_ms"`
	Cause  Why     `json:"cause"`
	// Answers is for how long, in ms, the shard's masters gave which answer to their
	// probes meanwhile; "silent" is none.
	Answers  map[string]float64 `json:"answers"`
	Evidence []Evidence         `json:"evidence,omitempty"`
}

func (o Outage) length() float64 { return o.ToMS - o.FromMS }

// longestAnswers lists the answers, the longest first, and by name where two lasted as
// long.
func (o Outage) longestAnswers() []string {
	return slices.SortedFunc(maps.Keys(o.Answers), func(a, b string) int {
		return cmp.Or(cmp.Compare(o.Answers[b], o.Answers[a]), cmp.Compare(a, b))
	})
}

// Why is why a shard took no writes.
type Why string

// The causes of outages. docs/causes.md says what each rests on.
const (
	OutageMasterDown    Why = "master_down"     // a fault kept its master away
	OutageCoverage      Why = "full_coverage"   // another shard had no master, and cluster-require-full-coverage is yes
	OutageNoMajority    Why = "no_majority"     // its master did not reach a majority of masters
	OutageRejoining     Why = "rejoining"       // its master was back, and not serving yet
	OutageMinReplicas   Why = "min_replicas"    // min-replicas-to-write was not met
	OutageOutOfMemory   Why = "out_of_memory"   // maxmemory was reached, and nothing could be evicted
	OutageDisk          Why = "disk"            // the server could not persist, and stop-writes-on-bgsave-error or the AOF stops it
	OutageReadOnly      Why = "read_only"       // a replica answered in its place
	OutageLoading       Why = "loading"         // its master was loading its data
	OutageNoPermission  Why = "no_permission"   // the probes were not allowed
	OutageClusterDown   Why = "cluster_down"    // its master said so, and nothing shows why
	OutageManual        Why = "manual_failover" // its master held writes back for a replica that was told to take over
	OutageResolver      Why = "resolver"        // its master announces names, and waited for a name server
	OutageNotResponding Why = "not_responding"  // its master did not answer, and no fault had hit it
	OutageUnknown       Why = "unknown"
)

// Whys lists all of them.
func Whys() []Why {
	return []Why{OutageMasterDown, OutageCoverage, OutageNoMajority, OutageRejoining, OutageMinReplicas, OutageOutOfMemory, OutageDisk,
		OutageReadOnly, OutageLoading, OutageNoPermission, OutageClusterDown, OutageManual, OutageResolver, OutageNotResponding, OutageUnknown}
}

// refused maps what servers answer to the causes that it is itself.
func refused(answer string) (Why, bool) {
	why, ok := map[string]Why{
		"noreplicas": OutageMinReplicas, "oom": OutageOutOfMemory, "misconf": OutageDisk, "readonly": OutageReadOnly, "loading": OutageLoading,
		"noauth": OutageNoPermission, "noperm": OutageNoPermission, "wrongpass": OutageNoPermission,
	}[answer]
	return why, ok
}

// outagesOf finds the outages of every shard that are worth a word, with their causes.
func outagesOf(h *history, faults []Fault) []Outage {
	outages := []Outage{}
	for _, s := range h.started.Shards {
		for _, g := range h.gaps[s.Shard] {
			if g.to-g.from < noticeable {
				continue
			}
			o := Outage{Shard: s.Shard, FromMS: g.from, ToMS: g.to, Answers: h.answersIn(s.Shard, g)}
			h.explain(&o, faults)
			outages = append(outages, o)
		}
	}
	slices.SortStableFunc(outages, func(a, b Outage) int { return cmp.Compare(a.FromMS, b.FromMS) })
	return outages
}

// mastersIn lists who was master of a shard in a gap, in order.
func (h *history) mastersIn(shard int, gap silence) []string {
	masters := []string{h.masterAt(shard, gap.from)}
	for _, c := range h.changes {
		if c.shard == shard && c.seen > gap.from && c.seen <= gap.to {
			masters = append(masters, c.to)
		}
	}
	return masters
}

// answersIn is for how long the masters of a shard gave which answer in a gap.
func (h *history) answersIn(shard int, gap silence) map[string]float64 {
	answers := map[string]float64{}
	for i, master := range h.mastersIn(shard, gap) {
		from, to := gap.from, gap.to
		for _, c := range h.changes {
			switch {
			case c.shard != shard || c.seen < gap.from || c.seen > gap.to:
			case c.from == master:
				to = min(to, c.seen)
			case c.to == master && i > 0:
				from = max(from, c.seen)
			}
		}
		heard := 0.0
		for _, r := range h.rowsOf[master] {
			if r.from > to {
				break
			}
			if lasted := min(r.till, to) - max(r.from, from); lasted > 0 && stateOf(r.answer) != "silent" {
				answers[r.answer] += lasted
				heard += lasted
			}
		}
		if silent := to - from - heard; silent > 0 {
			answers["silent"] += silent
		}
	}
	return answers
}

// explain finds the cause of an outage: what its masters answered for most of it, or
// what had silenced them.
func (h *history) explain(o *Outage, faults []Fault) {
	o.Cause = OutageUnknown
	if len(o.Answers) == 0 {
		return
	}
	most := o.longestAnswers()[0]
	o.Evidence = append(o.Evidence, Evidence{Kind: "probes", MS: &o.FromMS, Node: h.masterAt(o.Shard, o.FromMS), Name: most, Value: fmt.Sprintf("%.0f ms", o.Answers[most])})
	if why, ok := refused(most); ok {
		o.Cause = why
		if name := map[Why]string{OutageMinReplicas: "min-replicas-to-write", OutageOutOfMemory: "maxmemory"}[why]; name != "" && h.started.Config[name] != "" {
			o.Evidence = append(o.Evidence, directive(name, h.started.Config[name]))
		}
		return
	}
	master, fault, hit := h.silencedBy(*o, faults)
	asked, manual := askedIn(*o, faults)
	switch {
	case most == "clusterdown":
		h.explainClusterDown(o, faults)
	case hit:
		o.Cause = OutageMasterDown
		o.Evidence = append(o.Evidence, faultEvidence(faults, fault, master))
	case most == "silent" && manual:
		o.Cause = OutageManual
		o.Evidence = append(o.Evidence, faultEvidence(faults, asked, strings.Join(faults[asked].Targets, ", ")))
	case most == "silent" && h.announcesNames:
		o.Cause = OutageResolver
	case most == "silent":
		o.Cause = OutageNotResponding
	}
}

// askedIn is the planned failover of the shard that was asked for in an outage, or right
// before it.
func askedIn(o Outage, faults []Fault) (index int, ok bool) {
	for i, f := range faults {
		if f.Kind == failoverKind && f.RequestedMS != nil && slices.Contains(f.shards, o.Shard) && *f.RequestedMS >= o.FromMS-noticeable && *f.RequestedMS <= o.ToMS {
			return i, true
		}
	}
	return 0, false
}

// silencedBy is the fault that was in force on a master of the shard in an outage, or
// shortly before: one that is killed has to start and to load.
func (h *history) silencedBy(o Outage, faults []Fault) (master string, fault int, ok bool) {
	for _, m := range h.mastersIn(o.Shard, silence{o.FromMS, o.ToMS}) {
		for i, f := range faults {
			from, to, took := inForce(f, h.end)
			if took && f.Kind != failoverKind && slices.Contains(f.Targets, m) && from <= o.ToMS && to+h.nodeTimeout() >= o.FromMS {
				return m, i, true
			}
		}
	}
	return "", 0, false
}

// explainClusterDown finds why masters answered CLUSTERDOWN.
func (h *history) explainClusterDown(o *Outage, faults []Fault) {
	o.Cause = OutageClusterDown
	away, evidence := h.mastersAway(faults, (o.FromMS+o.ToMS)/2)
	if master := h.masterAt(o.Shard, o.FromMS); !slices.Contains(away, master) && h.started.Masters-len(away) < h.started.Masters/2+1 {
		o.Cause, o.Evidence = OutageNoMajority, append(o.Evidence, evidence...)
		return
	}
	master, fault, hit := h.silencedBy(*o, faults)
	if hit {
		from, to, _ := inForce(faults[fault], h.end)
		if from <= o.FromMS+h.nodeTimeout() && to > (o.FromMS+o.ToMS)/2 {
			o.Cause = OutageNoMajority // it was cut off, and knew it
			o.Evidence = append(o.Evidence, faultEvidence(faults, fault, master))
			return
		}
	}
	if other, ok := h.uncovered(*o); ok {
		o.Cause = OutageCoverage
		o.Evidence = append(o.Evidence, directive("cluster-require-full-coverage", cmp.Or(h.started.Config["cluster-require-full-coverage"], "yes")), other)
		return
	}
	if hit {
		o.Cause = OutageRejoining
		o.Evidence = append(o.Evidence, faultEvidence(faults, fault, master))
	}
}

// uncovered is another shard whose master had failed in the middle of an outage, if
// that stops all shards.
func (h *history) uncovered(o Outage) (other Evidence, ok bool) {
	if h.started.Config["cluster-require-full-coverage"] == "no" {
		return other, false
	}
	middle := (o.FromMS + o.ToMS) / 2
	for _, s := range h.started.Shards {
		for _, g := range h.gaps[s.Shard] {
			if s.Shard != o.Shard && g.from <= middle && g.to >= middle && h.downIn(s.Shard, g) {
				return Evidence{Kind: "outage", MS: &g.from, Name: fmt.Sprintf("shard %d", s.Shard), Value: fmt.Sprintf("%.0f ms", g.to-g.from)}, true
			}
		}
	}
	return other, false
}

// downIn tells whether a master of a shard was marked as failed in a gap.
func (h *history) downIn(shard int, gap silence) bool {
	return slices.ContainsFunc(h.mastersIn(shard, gap), func(m string) bool {
		at, ok := h.first(gap.from-h.nodeTimeout(), markedFailed(m))
		return ok && at <= gap.to
	})
}

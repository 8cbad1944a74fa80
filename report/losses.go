package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Loss is lost writes of a workload to one shard that one node acked.
type Loss struct {
	Shard int `json:"shard"`
	// Node acked them; empty if that is not known.
	Node    string  `json:"node,omitempty"`
	FirstMS float64 `json:"first_ms"` // by time of ack, on the run's clock
	LastMS  float64 `json:"last_ms"`
	Count   int64   `json:"count"`
	// Clients is how many clients lost some.
	Clients int `json:"clients"`
	// Fault is the index of the fault that they come of; nil where none does.
	Fault *int `json:"fault"`
}

// lossesOf sums up the losses of all clients, by shard, node and fault.
func lossesOf(v *record.Verified, failovers []Failover, faults []Fault) []Loss {
	type group struct {
		shard int
		node  string
		fault int
	}
	groups := map[group]*Loss{}
	clients := map[group]map[int]bool{}
	for _, l := range v.Losses {
		g := group{l.Shard, l.Node, -1}
		fault := lossFault(l, failovers, faults)
		if fault != nil {
			g.fault = *fault
		}
		sum := groups[g]
		if sum == nil {
			sum = &Loss{Shard: l.Shard, Node: l.Node, FirstMS: l.FirstMS, LastMS: l.LastMS, Fault: fault}
			groups[g], clients[g] = sum, map[int]bool{}
		}
		sum.FirstMS, sum.LastMS = min(sum.FirstMS, l.FirstMS), max(sum.LastMS, l.LastMS)
		sum.Count += l.Count
		clients[g][l.Client] = true
		sum.Clients = len(clients[g])
	}
	var all []Loss
	for _, sum := range groups {
		all = append(all, *sum)
	}
	slices.SortFunc(all, func(a, b Loss) int {
		return cmp.Or(cmp.Compare(a.FirstMS, b.FirstMS), cmp.Compare(a.Shard, b.Shard), cmp.Compare(a.Node, b.Node))
	})
	return all
}

// lossFault is the fault that a loss comes of. What a master acked is lost when
// another one takes over: so it is the fault of the first failover of the shard away
// from that node that was not over before the loss, or of the last one before. Where
// there is none, it is that of the last fault to hit the node before the loss ended,
// or of the first one after.
func lossFault(l record.Loss, failovers []Failover, faults []Fault) *int {
	var before *Failover
	for i := range failovers {
		f := &failovers[i]
		if f.Shard != l.Shard || f.OldMaster != l.Node || f.AtMS == nil {
			continue
		}
		if over := *f.AtMS + milliseconds(f.SplitBrainMS); over >= l.FirstMS {
			return f.Fault
		}
		before = f
	}
	if before != nil {
		return before.Fault
	}
	var found *int
	for i, f := range faults {
		if f.EffectiveMS == nil || !slices.Contains(f.Targets, l.Node) {
			continue
		}
		if found == nil || *f.EffectiveMS <= l.LastMS {
			found = &i
		}
	}
	return found
}

func milliseconds(ms *float64) float64 {
	if ms == nil {
		return 0
	}
	return *ms
}

// attribute sums up for each fault the lost writes that come of it; nil where it is
// not known of all lost writes which ones they are.
func attribute(faults []Fault, workloads []Workload) {
	for _, w := range workloads {
		var known int64
		for _, l := range w.Writes.Losses {
			known += l.Count
		}
		if w.Writes.Lost == nil || known != *w.Writes.Lost {
			return
		}
	}
	for i := range faults {
		if len(workloads) > 0 && faults[i].EffectiveMS != nil {
			faults[i].LostWrites = new(int64)
		}
	}
	for _, w := range workloads {
		for _, l := range w.Writes.Losses {
			if l.Fault != nil && faults[*l.Fault].LostWrites != nil {
				*faults[*l.Fault].LostWrites += l.Count
			}
		}
	}
}

// losses tells whose acked writes were lost.
func losses(r *Result) section {
	s := section{
		Title:   "Lost writes",
		Columns: columns("workload", ">shard", "acked by", "acked from", "to", ">lost", ">clients", "because of"),
	}
	for _, w := range r.Workloads {
		for _, l := range w.Writes.Losses {
			node, because := l.Node, "no fault"
			if node == "" {
				node = "–"
			}
			if l.Fault != nil {
				f := r.Faults[*l.Fault]
				because = fmt.Sprintf("%s at %s", f.Kind, optional(f.EffectiveMS))
			}
			s.Rows = append(s.Rows, []string{w.Name, fmt.Sprint(l.Shard), node, Duration(l.FirstMS), Duration(l.LastMS), Count(l.Count), fmt.Sprint(l.Clients), because})
		}
	}
	return s
}

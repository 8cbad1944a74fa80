package report

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Writes accounts for writes: Attempted = Acked + Failed + Indeterminate.
type Writes struct {
	Attempted     int64 `json:"attempted"`
	Acked         int64 `json:"acked"`
	Failed        int64 `json:"failed"`
	Indeterminate int64 `json:"indeterminate"`
	// Lost: acked, and absent after recovery, unless the servers removed them themselves.
	// Nil if not all of them were read back, as are the figures that follow from it.
	Lost *int64 `json:"lost"`
	// LostAtLeast is those of the writes that were read back; only where Lost is nil for the
	// others.
	LostAtLeast *int64   `json:"lost_at_least,omitempty"`
	LostRatio   *float64 `json:"lost_ratio"`
	// LossWindow is the time of ack of the first and the last lost write. Nil if
	// none was lost, or if that is not known of all of them.
	LossWindow     *[2]record.Millis `json:"loss_window_ms"`
	UnackedApplied *int64            `json:"unacked_applied"`
	// Duplicated: applied more often than issued. Nil where the workloads' data
	// cannot tell.
	Duplicated *int64 `json:"duplicated"`
	// OutOfOrder: applied after a later write of the same client to the same key.
	// Nil where the workloads' data cannot tell.
	OutOfOrder *int64 `json:"out_of_order,omitempty"`
	// Unverified counts acked writes on keys that could not be read back.
	Unverified int64 `json:"unverified,omitempty"`
	// FailedApplied counts writes that were refused and are there all the same.
	FailedApplied int64 `json:"failed_applied,omitempty"`
	// Unsent counts open-loop arrivals that no client was free to send.
	Unsent int64 `json:"unsent,omitempty"`
	// LostByShard counts lost writes by shard number.
	LostByShard map[int]int64 `json:"lost_by_shard,omitempty"`
	// Evicted and Expired count acked writes that the servers removed themselves, which are
	// not in Lost. Nil if nothing was read back, or if the servers' counters are not known.
	Evicted *int64 `json:"evicted"`
	Expired *int64 `json:"expired"`
	// Removed is those by shard and node.
	Removed []Loss `json:"removed,omitempty"`
	// Losses is the lost writes of a workload by shard, node and fault, as far as it is
	// known which ones are lost.
	Losses []Loss `json:"losses,omitempty"`
	// Judged is how many acked writes are of workloads whose losses are counted.
	Judged int64 `json:"judged"`
}

// Unread is why it is not known of all acked writes what became of them.
func (w *Writes) Unread() Reason {
	if w.Unverified == 0 {
		return Reason{Why: WhyUnread}
	}
	return Reason{Why: WhyUnread, Count: w.Unverified, Of: w.Judged}
}

// LostUndated tells whether writes were lost of which nobody knows when they
// were acked.
func (w *Writes) LostUndated() bool {
	return w.Lost != nil && *w.Lost > 0 && w.LossWindow == nil
}

// LossWindowOf is when the first and the last lost write of a shard were acked: of the
// whole workload, where that is not known by shard.
func (w Writes) LossWindowOf(shard int) *[2]record.Millis {
	onIt := slices.DeleteFunc(slices.Clone(w.Losses), func(l Loss) bool { return l.Shard != shard || l.Undated })
	return cmp.Or(WindowOf(onIt), w.LossWindow)
}

// Loss is lost writes of a workload to one shard that one node acked.
type Loss struct {
	Shard int `json:"shard"`
	// Finding is how they were lost; its node acked them, if that is known.
	Finding
	First record.Millis `json:"first_ms"` // by time of ack, on the run's clock
	Last  record.Millis `json:"last_ms"`
	// Undated: it is known how many were lost, and not which; First and Last are the
	// workload's start and end.
	Undated bool  `json:"undated,omitempty"`
	Count   int64 `json:"count"`
	// Clients is how many clients lost some.
	Clients int `json:"clients"`
	// Fault is the index of the fault that they come of; nil where none does.
	Fault *int `json:"fault"`
}

// Part is what was found of one type of a mixed workload.
type Part struct {
	Type string `json:"type"`
	// Checked is how many acked writes were looked for.
	Checked int64 `json:"checked"`
	// Unverified is how many could not be: the figures are those of the others.
	Unverified     int64  `json:"unverified,omitempty"`
	Lost           int64  `json:"lost"`
	UnackedApplied int64  `json:"unacked_applied"`
	Duplicated     *int64 `json:"duplicated"`   // nil where the type cannot tell
	OutOfOrder     *int64 `json:"out_of_order"` // nil where the type cannot tell
}

// Sum is the sum of those that are known; nil if none is.
func Sum(a, b *int64) *int64 {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	n := *a + *b
	return &n
}

// WindowOf is from the first to the last ack of losses; nil without any.
func WindowOf(losses []Loss) *[2]record.Millis {
	var window *[2]record.Millis
	for _, l := range losses {
		if window == nil {
			window = &[2]record.Millis{l.First, l.Last}
		}
		window[0], window[1] = min(window[0], l.First), max(window[1], l.Last)
	}
	return window
}

package workload

import (
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// throughout tells whether the subscription was held all the time from the
// millisecond in which a message was sent to the end of that in which it was acked.
func throughout(h holds, sent, acked uint32) bool {
	return slices.ContainsFunc(h, func(s hold) bool { return s.from <= float64(sent) && float64(acked)+1 <= s.to })
}

// longestOff is the longest time between two moments for which it was not held.
func longestOff(h holds, from, to float64) (longest float64) {
	until := from
	for _, s := range h {
		longest = max(longest, min(s.from, to)-until)
		until = max(until, min(s.to, to))
	}
	return max(longest, to-until)
}

// published is what a workload's clients published.
type published struct {
	clients   []history
	sent      []stamps
	channelOf func(client int, n uint32) int
}

// judge compares what was published with what a subscriber heard.
func (p published) judge(h *received) record.Subscriber {
	r := record.Subscriber{
		Duplicated: h.duplicated, Foreign: h.foreign,
		Breaks: h.breaks, Unsubscribed: h.unsubscribes, Refused: h.refused,
	}
	arrived, missed := make([][]uint32, len(h.held)), make([][]uint32, len(h.held)) // by channel, in ms
	first, last := math.Inf(1), 0.0                                                 // of all publishing
	for client := range p.clients {
		for n, write := range p.clients[client].all() {
			acked, channel := write.ms, p.channelOf(client, n)
			sent, _ := p.sent[client].at(n) // as all of them were
			first, last = min(first, float64(sent)), max(last, float64(acked))
			at, heard := h.arrivals[client].at(n)
			if heard {
				arrived[channel] = append(arrived[channel], at)
			}
			switch {
			case !write.outcome.isAcked():
				if heard {
					r.UnackedReceived++
				}
				continue
			case heard:
				r.Received++
			default:
				missed[channel] = append(missed[channel], acked)
				widen(&r.MissedWindowMS, float64(acked))
				if throughout(h.held[channel], sent, acked) {
					r.MissedConnected++
					widen(&r.ConnectedWindowMS, float64(acked))
				} else {
					r.MissedDisconnected++
				}
			}
			r.Acked++
		}
		h.arrivals[client].from(p.clients[client].len(), func(uint32) { r.Foreign++ })
	}
	for channel, held := range h.held {
		r.DeafMS = longestDeaf(r.DeafMS, arrived[channel], missed[channel], first, last)
		if last > 0 {
			// When in its millisecond the first was sent is not known: a subscription that
			// was confirmed in the same one, before that, was held all the time.
			r.OffMS = max(r.OffMS, longestOff(held, min(first+1, last), last))
		}
		if offAt(held, last) {
			r.OffAtEnd++
		}
	}
	return r
}

// offAt tells whether it was not held at a moment.
func offAt(h holds, ms float64) bool {
	return !slices.ContainsFunc(h, func(s hold) bool { return s.from <= ms && ms < s.to })
}

// widen has a window reach to a moment.
func widen(window **[2]float64, ms float64) {
	if *window == nil {
		*window = &[2]float64{ms, ms}
		return
	}
	(*window)[0], (*window)[1] = min((*window)[0], ms), max((*window)[1], ms)
}

// longestDeaf is the longest time between two arrivals on a channel in which a
// message was missed, or more if more was known. Publishing began and ended at
// first and last, which bound the time before the first arrival and after the last.
func longestDeaf(known *float64, arrived, missed []uint32, first, last float64) *float64 {
	slices.Sort(arrived)
	for _, acked := range missed {
		next, _ := slices.BinarySearch(arrived, acked)
		from, to := first, last
		if next > 0 {
			from = float64(arrived[next-1])
		}
		if next < len(arrived) {
			to = float64(arrived[next])
		}
		if deaf := max(0, to-from); known == nil || deaf > *known {
			known = &deaf
		}
	}
	return known
}

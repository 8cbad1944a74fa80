package workload

import (
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// received is what one subscriber heard, and when it was subscribed to what.
type received struct {
	arrivals []stamps // by client, of messages
	// held is when it held a confirmed subscription, by channel, in order.
	held []holds

	duplicated, foreign           int64
	breaks, unsubscribes, refused int64
	errors                        errorTally
}

// holds are the times for which a subscription was held.
type holds []hold

// hold is from the confirmation to when the subscription was known to be over;
// to is infinite if it is not.
type hold struct{ from, to float64 }

func newReceived(clients, channels int) received {
	return received{arrivals: make([]stamps, clients), held: make([]holds, channels)}
}

func (h holds) holding() bool { return len(h) > 0 && math.IsInf(h[len(h)-1].to, 1) }

// message takes in message n of a client.
func (h *received) message(client int, n uint32, ms float64) {
	if !h.arrivals[client].set(n, ms) {
		h.duplicated++
	}
}

// subscribed: a server confirmed the subscription to a channel.
func (h *received) subscribed(channel int, ms float64) {
	if !h.held[channel].holding() {
		h.held[channel] = append(h.held[channel], hold{ms, math.Inf(1)})
	}
}

// over ends the subscription to a channel; false if there is none.
func (h *received) over(channel int, ms float64) bool {
	held := h.held[channel]
	if !held.holding() {
		return false
	}
	held[len(held)-1].to = ms
	return true
}

// unsubscribed: a server took the subscriber off a channel.
func (h *received) unsubscribed(channel int, ms float64) {
	if h.over(channel, ms) {
		h.unsubscribes++
	}
}

// broke: the connection with the subscriptions to some channels ended.
func (h *received) broke(channels []int, ms float64) {
	any := false
	for _, channel := range channels {
		any = h.over(channel, ms) || any
	}
	if any {
		h.breaks++
	}
}

// off is how many channels there is no subscription to.
func (h *received) off() (n int) {
	for _, held := range h.held {
		if !held.holding() {
			n++
		}
	}
	return n
}

// throughout tells whether the subscription was held all the time from the
// millisecond in which a message was sent to the end of that in which it was acked.
func (h holds) throughout(sent, acked uint32) bool {
	return slices.ContainsFunc(h, func(s hold) bool { return s.from <= float64(sent) && float64(acked)+1 <= s.to })
}

// longestOff is the longest time between two moments for which it was not held.
func (h holds) longestOff(from, to float64) (longest float64) {
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
		Breaks: h.breaks, Unsubscribed: h.unsubscribes, Refused: h.refused, Errors: h.errors.list(),
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
				if h.held[channel].throughout(sent, acked) {
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
			r.OffMS = max(r.OffMS, held.longestOff(min(first+1, last), last))
		}
		if held.offAt(last) {
			r.OffAtEnd++
		}
	}
	return r
}

// offAt tells whether it was not held at a moment.
func (h holds) offAt(ms float64) bool {
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

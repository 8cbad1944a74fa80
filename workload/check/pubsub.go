package check

import (
	"context"
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// throughout tells whether the subscription was held all the time from the
// millisecond in which a message was sent to the end of that in which it was acked.
func throughout(h history.Holds, sent, acked uint32) bool {
	return slices.ContainsFunc(h, func(s history.Hold) bool {
		return s.From <= record.Millis(sent) && record.Millis(acked)+1 <= s.To
	})
}

// longestOff is the longest time between two moments for which it was not held.
func longestOff(h history.Holds, from, to record.Millis) (longest record.Millis) {
	until := from
	for _, s := range h {
		longest = max(longest, min(s.From, to)-until)
		until = max(until, min(s.To, to))
	}
	return max(longest, to-until)
}

// Published is what a workload's clients published.
type Published struct {
	Clients   []history.History
	Sent      []history.Stamps
	ChannelOf func(client int, n uint32) int
}

// Verdict compares what was published with what each subscriber heard. The only error is
// that of a cancelled ctx.
func (p Published) Verdict(ctx context.Context, subscribers []history.Received) (*record.Heard, error) {
	v := &record.Heard{}
	for i := range subscribers {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := p.judge(&subscribers[i])
		r.Subscriber = i
		v.Subscribers = append(v.Subscribers, r)
	}
	return v, nil
}

// judge compares what was published with what a subscriber heard.
func (p Published) judge(h *history.Received) record.Subscriber {
	r := record.Subscriber{
		Duplicated: h.Duplicated, Foreign: h.Foreign,
		Breaks: h.Breaks, Unsubscribed: h.Unsubscribes, Refused: h.Refused, Errors: h.Errors,
	}
	arrived, missed := make([][]uint32, len(h.Held)), make([][]uint32, len(h.Held)) // by channel, in ms
	first, last := record.Millis(math.Inf(1)), record.Millis(0)                     // of all publishing
	for client := range p.Clients {
		for n, write := range p.Clients[client].All() {
			acked, channel := write.At, p.ChannelOf(client, n)
			sent, _ := p.Sent[client].At(n) // as all of them were
			first, last = min(first, record.Millis(sent)), max(last, record.Millis(acked))
			at, heard := h.Arrivals[client].At(n)
			if heard {
				arrived[channel] = append(arrived[channel], at)
			}
			switch {
			case !write.Outcome.IsAcked():
				if heard {
					r.UnackedReceived++
				}
				continue
			case heard:
				r.Received++
			default:
				missed[channel] = append(missed[channel], acked)
				widen(&r.MissedWindow, record.Millis(acked))
				if throughout(h.Held[channel], sent, acked) {
					r.MissedConnected++
					widen(&r.ConnectedWindow, record.Millis(acked))
				} else {
					r.MissedDisconnected++
				}
			}
			r.Acked++
		}
		h.Arrivals[client].From(p.Clients[client].Len(), func(uint32) { r.Foreign++ })
	}
	for channel, held := range h.Held {
		r.Deaf = longestDeaf(r.Deaf, arrived[channel], missed[channel], first, last)
		if last > 0 {
			// When in its millisecond the first was sent is not known: a subscription that
			// was confirmed in the same one, before that, was held all the time.
			r.Off = max(r.Off, longestOff(held, min(first+1, last), last))
		}
		if offAt(held, last) {
			r.OffAtEnd++
		}
	}
	return r
}

// offAt tells whether it was not held at a moment.
func offAt(h history.Holds, ms record.Millis) bool {
	return !slices.ContainsFunc(h, func(s history.Hold) bool { return s.From <= ms && ms < s.To })
}

// widen has a window reach to a moment.
func widen(window **[2]record.Millis, ms record.Millis) {
	if *window == nil {
		*window = &[2]record.Millis{ms, ms}
		return
	}
	(*window)[0], (*window)[1] = min((*window)[0], ms), max((*window)[1], ms)
}

// longestDeaf is the longest time between two arrivals on a channel in which a
// message was missed, or more if more was known. Publishing began and ended at
// first and last, which bound the time before the first arrival and after the last.
func longestDeaf(known *record.Millis, arrived, missed []uint32, first, last record.Millis) *record.Millis {
	slices.Sort(arrived)
	for _, acked := range missed {
		next, _ := slices.BinarySearch(arrived, acked)
		from, to := first, last
		if next > 0 {
			from = record.Millis(arrived[next-1])
		}
		if next < len(arrived) {
			to = record.Millis(arrived[next])
		}
		if deaf := max(0, to-from); known == nil || deaf > *known {
			known = &deaf
		}
	}
	return known
}

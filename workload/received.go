package workload

import "math"

// received is what one subscriber heard, and when it was subscribed to what.
type received struct {
	arrivals []stamps // by client, of messages
	// held is when it held a confirmed subscription, by channel, in order.
	held []holds

	duplicated, foreign           int64
	breaks, unsubscribes, refused int64
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

package history

import (
	"math"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Received is what one subscriber heard, and when it was subscribed to what.
type Received struct {
	Arrivals []Stamps // by client, of messages
	// Held is when it held a confirmed subscription, by channel, in order.
	Held []Holds

	Duplicated, Foreign           int64
	Breaks, Unsubscribes, Refused int64
	// Errors are those that it met.
	Errors []record.ErrorCount
}

// Holds are the times for which a subscription was held.
type Holds []Hold

// Hold is from the confirmation to when the subscription was known to be over;
// to is infinite if it is not.
type Hold struct{ From, To record.Millis }

func NewReceived(clients, channels int) Received {
	return Received{Arrivals: make([]Stamps, clients), Held: make([]Holds, channels)}
}

func (h Holds) holding() bool { return len(h) > 0 && math.IsInf(float64(h[len(h)-1].To), 1) }

// Message takes in message n of a client.
func (h *Received) Message(client int, n uint32, ms record.Millis) {
	if !h.Arrivals[client].Set(n, ms) {
		h.Duplicated++
	}
}

// Subscribed: a server confirmed the subscription to a channel.
func (h *Received) Subscribed(channel int, ms record.Millis) {
	if !h.Held[channel].holding() {
		h.Held[channel] = append(h.Held[channel], Hold{ms, record.Millis(math.Inf(1))})
	}
}

// over ends the subscription to a channel; false if there is none.
func (h *Received) over(channel int, ms record.Millis) bool {
	held := h.Held[channel]
	if !held.holding() {
		return false
	}
	held[len(held)-1].To = ms
	return true
}

// Unsubscribed: a server took the subscriber off a channel.
func (h *Received) Unsubscribed(channel int, ms record.Millis) {
	if h.over(channel, ms) {
		h.Unsubscribes++
	}
}

// Broke: the connection with the subscriptions to some channels ended.
func (h *Received) Broke(channels []int, ms record.Millis) {
	any := false
	for _, channel := range channels {
		any = h.over(channel, ms) || any
	}
	if any {
		h.Breaks++
	}
}

// Off is how many channels there is no subscription to.
func (h *Received) Off() (n int) {
	for _, held := range h.Held {
		if !held.holding() {
			n++
		}
	}
	return n
}

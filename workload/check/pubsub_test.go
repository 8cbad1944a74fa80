package check

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// TestReceivedIsExact has messages that arrive, arrive again, or do not, while
// subscriptions come and go. The times of each message are tried millisecond by
// millisecond.
func TestReceivedIsExact(t *testing.T) {
	for seed := range uint64(worlds) {
		r := rand.New(rand.NewPCG(seed, 2))
		clients, channels := 1+r.IntN(4), 1+r.IntN(4)
		channelOf := func(client int, n uint32) int {
			return int(keyspace.Mix(seed+uint64(client)<<32+uint64(n)) % uint64(channels))
		}
		const end = 400
		var want record.Subscriber
		heard := history.NewReceived(clients, channels)
		subscribed := make([][end + 100]bool, channels) // all of a millisecond
		for channel := range channels {
			for ms := r.IntN(50); ms < end; {
				till := ms + r.IntN(150)
				heard.Subscribed(channel, record.Millis(ms))
				last := r.IntN(8) == 0
				if !last {
					switch r.IntN(2) {
					case 0:
						heard.Unsubscribed(channel, record.Millis(till))
						want.Unsubscribed++
					default:
						heard.Broke([]int{channel}, record.Millis(till))
						want.Breaks++
					}
				} else {
					till = end + 100
				}
				for at := ms; at < till && at < end+100; at++ {
					subscribed[channel][at] = true
				}
				if last {
					break
				}
				ms = till + 1 + r.IntN(40)
			}
		}
		p := Published{Clients: make([]history.History, clients), Sent: make([]history.Stamps, clients), ChannelOf: channelOf}
		first, last := record.Millis(math.Inf(1)), record.Millis(0)
		type heardAt struct{ channel, ms int }
		var arrivals, misses []heardAt
		for client := range clients {
			for n, at := uint32(0), r.IntN(30); at < end-80; n++ {
				sent, acked := at+r.IntN(10), at+10+r.IntN(30)
				at = acked + r.IntN(10)
				o := acked3(r)
				p.Sent[client].Set(n, record.Millis(sent)+record.Millis(r.Float64()))
				p.Clients[client].Add(o, record.Millis(acked)+record.Millis(r.Float64()))
				first, last = min(first, record.Millis(sent)), max(last, record.Millis(acked))
				channel := channelOf(client, n)
				if r.IntN(3) > 0 {
					arrived := sent + r.IntN(40)
					arrivals = append(arrivals, heardAt{channel, arrived})
					for again := range 1 + r.IntN(6)/4 {
						heard.Message(client, n, record.Millis(arrived+again))
						want.Duplicated += count(again > 0)
					}
					if _, set := heard.Arrivals[client].At(n); !set {
						t.Fatal("a message was not taken in")
					}
					continue
				}
				if !o.IsAcked() {
					continue
				}
				misses = append(misses, heardAt{channel, acked})
				widen(&want.MissedWindow, record.Millis(acked))
				all := true
				for ms := sent; ms <= acked; ms++ {
					all = all && subscribed[channel][ms]
				}
				if all {
					want.MissedConnected++
					widen(&want.ConnectedWindow, record.Millis(acked))
				} else {
					want.MissedDisconnected++
				}
			}
			for n := range p.Clients[client].Len() {
				o, _ := p.Clients[client].At(n)
				_, got := heard.Arrivals[client].At(n)
				want.Acked += count(o.IsAcked())
				want.Received += count(o.IsAcked() && got)
				want.UnackedReceived += count(!o.IsAcked() && got)
			}
			if r.IntN(4) == 0 {
				heard.Message(client, p.Clients[client].Len()+uint32(r.IntN(50_000)), 5)
				want.Foreign++
			}
		}
		for _, m := range misses { // of all arrivals on the channel, the nearest two
			before, after := first, last
			for _, a := range arrivals {
				if a.channel == m.channel && a.ms < m.ms {
					before = max(before, record.Millis(a.ms))
				}
			}
			nearest := record.Millis(math.Inf(1))
			for _, a := range arrivals {
				if a.channel == m.channel && a.ms >= m.ms {
					nearest = min(nearest, record.Millis(a.ms))
				}
			}
			if !math.IsInf(float64(nearest), 1) {
				after = nearest
			}
			if deaf := max(0, after-before); want.Deaf == nil || deaf > *want.Deaf {
				want.Deaf = &deaf
			}
		}
		got := p.judge(&heard)
		got.Off, got.OffAtEnd = 0, 0 // TestOff
		if describe(got) != describe(want) {
			t.Fatalf("world %d\ngot  %s\nwant %s", seed, describe(got), describe(want))
		}
		if got.Acked != got.Received+got.MissedConnected+got.MissedDisconnected {
			t.Errorf("world %d: %s", seed, describe(got))
		}
	}
}

// acked3 is an outcome: acked twice in three.
func acked3(r *rand.Rand) history.Outcome {
	if r.IntN(3) > 0 {
		return history.Acked
	}
	return history.Outcome(r.IntN(4))
}

func TestOff(t *testing.T) {
	inf := record.Millis(math.Inf(1))
	for _, test := range []struct {
		held  history.Holds
		want  record.Millis
		atEnd bool
	}{
		{nil, 100, true},
		{history.Holds{{From: 0, To: inf}}, 0, false},
		{history.Holds{{From: 50, To: 150}, {From: 160, To: inf}}, 10, false},
		{history.Holds{{From: 50, To: 120}, {From: 160, To: 180}}, 40, true},
		{history.Holds{{From: 130, To: 140}, {From: 145, To: 190}}, 30, true},
		{history.Holds{{From: 0, To: 50}, {From: 250, To: inf}}, 100, true},
	} {
		if got := longestOff(test.held, 100, 200); got != test.want || offAt(test.held, 200) != test.atEnd {
			t.Errorf("%v: off for %v, in the end %v", test.held, got, offAt(test.held, 200))
		}
	}
}

// Times of messages are whole milliseconds, those of subscriptions are not: one that
// was confirmed right before the first message was sent was held throughout.
func TestOffSinceTheFirstMessage(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*history.Received)
		want   record.Millis
	}{
		"not at all":            {func(*history.Received) {}, 0},
		"later":                 {func(h *history.Received) { h.Broke([]int{0}, 7.5); h.Subscribed(0, 9.75) }, 2.25},
		"until the end":         {func(h *history.Received) { h.Broke([]int{0}, 7.5) }, 12.5},
		"right after the first": {func(h *history.Received) { h.Broke([]int{0}, 5.25); h.Subscribed(0, 6.75) }, 0.75},
	} {
		p := Published{Clients: make([]history.History, 1), Sent: make([]history.Stamps, 1), ChannelOf: func(int, uint32) int { return 0 }}
		p.Sent[0].Set(0, 5.5)
		p.Clients[0].Add(history.Acked, 5.75)
		p.Sent[0].Set(1, 19)
		p.Clients[0].Add(history.Acked, 20)
		heard := history.NewReceived(1, 1)
		heard.Subscribed(0, 5.2)
		test.change(&heard)
		if got := p.judge(&heard).Off; got != test.want {
			t.Errorf("%s: off for %v ms, want %v", name, got, test.want)
		}
	}
}

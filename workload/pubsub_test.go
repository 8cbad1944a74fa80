package workload

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func pubsubSpec(sharded bool) scenarios.Workload {
	return scenarios.Workload{Name: "news", Type: "pubsub", Clients: 4, Keys: 6, Rate: scenarios.ConstantRate(800),
		ValueSize: scenarios.FixedSize(32), Pubsub: &scenarios.Pubsub{Sharded: sharded, Subscribers: 3}}
}

// TestReceivedIsExact has messages that arrive, arrive again, or do not, while
// subscriptions come and go. The times of each message are tried millisecond by
// millisecond.
func TestReceivedIsExact(t *testing.T) {
	for seed := range uint64(worlds) {
		r := rand.New(rand.NewPCG(seed, 2))
		clients, channels := 1+r.IntN(4), 1+r.IntN(4)
		channelOf := func(client int, n uint32) int { return int(mix(seed+uint64(client)<<32+uint64(n)) % uint64(channels)) }
		const end = 400
		var want record.Subscriber
		heard := newReceived(clients, channels)
		subscribed := make([][end + 100]bool, channels) // all of a millisecond
		for channel := range channels {
			for ms := r.IntN(50); ms < end; {
				till := ms + r.IntN(150)
				heard.subscribed(channel, float64(ms))
				last := r.IntN(8) == 0
				if !last {
					switch r.IntN(2) {
					case 0:
						heard.unsubscribed(channel, float64(till))
						want.Unsubscribed++
					default:
						heard.broke([]int{channel}, float64(till))
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
		p := published{clients: make([]history, clients), sent: make([]stamps, clients), channelOf: channelOf}
		first, last := math.Inf(1), 0.0
		type heardAt struct{ channel, ms int }
		var arrivals, misses []heardAt
		for client := range clients {
			for n, at := uint32(0), r.IntN(30); at < end-80; n++ {
				sent, acked := at+r.IntN(10), at+10+r.IntN(30)
				at = acked + r.IntN(10)
				o := acked3(r)
				p.sent[client].set(n, float64(sent)+r.Float64())
				p.clients[client].add(o, float64(acked)+r.Float64())
				first, last = min(first, float64(sent)), max(last, float64(acked))
				channel := channelOf(client, n)
				if r.IntN(3) > 0 {
					arrived := sent + r.IntN(40)
					arrivals = append(arrivals, heardAt{channel, arrived})
					for again := range 1 + r.IntN(6)/4 {
						heard.message(client, n, float64(arrived+again))
						want.Duplicated += count(again > 0)
					}
					if _, set := heard.arrivals[client].at(n); !set {
						t.Fatal("a message was not taken in")
					}
					continue
				}
				if !o.isAcked() {
					continue
				}
				misses = append(misses, heardAt{channel, acked})
				widen(&want.MissedWindowMS, float64(acked))
				all := true
				for ms := sent; ms <= acked; ms++ {
					all = all && subscribed[channel][ms]
				}
				if all {
					want.MissedConnected++
					widen(&want.ConnectedWindowMS, float64(acked))
				} else {
					want.MissedDisconnected++
				}
			}
			for n := range p.clients[client].len() {
				o, _ := p.clients[client].at(n)
				_, got := heard.arrivals[client].at(n)
				want.Acked += count(o.isAcked())
				want.Received += count(o.isAcked() && got)
				want.UnackedReceived += count(!o.isAcked() && got)
			}
			if r.IntN(4) == 0 {
				heard.message(client, p.clients[client].len()+uint32(r.IntN(50_000)), 5)
				want.Foreign++
			}
		}
		for _, m := range misses { // of all arrivals on the channel, the nearest two
			before, after := first, last
			for _, a := range arrivals {
				if a.channel == m.channel && a.ms < m.ms {
					before = max(before, float64(a.ms))
				}
			}
			nearest := math.Inf(1)
			for _, a := range arrivals {
				if a.channel == m.channel && a.ms >= m.ms {
					nearest = min(nearest, float64(a.ms))
				}
			}
			if !math.IsInf(nearest, 1) {
				after = nearest
			}
			if deaf := max(0, after-before); want.DeafMS == nil || deaf > *want.DeafMS {
				want.DeafMS = &deaf
			}
		}
		got := p.judge(&heard)
		got.OffMS, got.OffAtEnd = 0, 0 // TestOff
		if describe(got) != describe(want) {
			t.Fatalf("world %d\ngot  %s\nwant %s", seed, describe(got), describe(want))
		}
		if got.Acked != got.Received+got.MissedConnected+got.MissedDisconnected {
			t.Errorf("world %d: %s", seed, describe(got))
		}
	}
}

// acked3 is an outcome: acked twice in three.
func acked3(r *rand.Rand) outcome {
	if r.IntN(3) > 0 {
		return acked
	}
	return outcome(r.IntN(4))
}

func TestOff(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct {
		held  holds
		want  float64
		atEnd bool
	}{
		{nil, 100, true},
		{holds{{0, inf}}, 0, false},
		{holds{{50, 150}, {160, inf}}, 10, false},
		{holds{{50, 120}, {160, 180}}, 40, true},
		{holds{{130, 140}, {145, 190}}, 30, true},
		{holds{{0, 50}, {250, inf}}, 100, true},
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
		change func(*received)
		want   float64
	}{
		"not at all":            {func(*received) {}, 0},
		"later":                 {func(h *received) { h.broke([]int{0}, 7.5); h.subscribed(0, 9.75) }, 2.25},
		"until the end":         {func(h *received) { h.broke([]int{0}, 7.5) }, 12.5},
		"right after the first": {func(h *received) { h.broke([]int{0}, 5.25); h.subscribed(0, 6.75) }, 0.75},
	} {
		p := published{clients: make([]history, 1), sent: make([]stamps, 1), channelOf: func(int, uint32) int { return 0 }}
		p.sent[0].set(0, 5.5)
		p.clients[0].add(acked, 5.75)
		p.sent[0].set(1, 19)
		p.clients[0].add(acked, 20)
		heard := newReceived(1, 1)
		heard.subscribed(0, 5.2)
		test.change(&heard)
		if got := p.judge(&heard).OffMS; got != test.want {
			t.Errorf("%s: off for %v ms, want %v", name, got, test.want)
		}
	}
}

func TestStamps(t *testing.T) {
	var s stamps
	for _, n := range []uint32{3 * stampChunk, 0, 7} {
		if !s.set(n, float64(n)) || s.set(n, 1) {
			t.Errorf("%d was not new, or new again", n)
		}
	}
	var found []uint32
	s.from(1, func(n uint32) { found = append(found, n) })
	if len(found) != 2 || found[0] != 7 || found[1] != 3*stampChunk {
		t.Errorf("from 1 on: %v", found)
	}
	if ms, ok := s.at(0); ms != 0 || !ok {
		t.Errorf("0 at %d, %v", ms, ok)
	}
	for _, n := range []uint32{1, stampChunk, 9 * stampChunk} {
		if _, ok := s.at(n); ok {
			t.Errorf("%d has a time", n)
		}
	}
}

// A healthy cluster delivers everything to everybody, once.
func TestHealthyPubsub(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	for _, sharded := range []bool{false, true} {
		w, rec := cluster.runUntil(t, pubsubSpec(sharded), 500)
		must(t, w.Verify(t.Context()))
		done, heard := only[*record.WorkloadDone](t, rec), only[*record.Heard](t, rec)
		checkSum(t, done)
		if done.Acked != done.Attempted || done.Acked == 0 || heard.Sharded != sharded || len(heard.Subscribers) != 3 || heard.Channels != 6 {
			t.Errorf("sharded %v: got %s and %s", sharded, describe(done), describe(heard))
		}
		for _, s := range heard.Subscribers {
			if s.Acked != done.Acked || s.Received != done.Acked || s.MissedConnected+s.MissedDisconnected != 0 || s.DeafMS != nil ||
				s.Duplicated+s.Foreign+s.Breaks+s.Refused+s.Unsubscribed != 0 || s.OffMS != 0 || s.OffAtEnd != 0 {
				t.Errorf("sharded %v, of %d: %s", sharded, done.Acked, describe(s))
			}
		}
		on := map[bool]int{false: 1, true: 3}[sharded] // a PUBLISH is on no shard
		if len(done.Shards) != on {
			t.Errorf("sharded %v: on %d shards", sharded, len(done.Shards))
		}
	}
}

// TestDrainOutlastsAStall has an hour pass at every look at the clock, as if this
// process had stood still: a message that came meanwhile is waited for all the same.
func TestDrainOutlastsAStall(t *testing.T) {
	var hours atomic.Int64
	now := func() float64 { return float64(hours.Add(1)) * 3.6e6 }
	s := &subscriber{now: now}
	p := &pubsub{subscribers: []*subscriber{s}, now: now}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		p.drain()
	}()
	time.Sleep(10 * drainPace) // a fifth of what the drain takes at least
	select {
	case <-drained:
		t.Error("it was over after a few looks")
	default:
	}
	<-drained
}

// gated is a cluster that takes no further connections while its gate is shut.
type gated struct {
	*testCluster
	shut atomic.Bool
}

func (g *gated) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if g.shut.Load() {
		return nil, errors.New("the gate is shut")
	}
	return g.testCluster.Dial(ctx, network, addr)
}

// TestKilledSubscribers ends the connections of subscribers, and has them wait for
// new ones: they know of what they miss meanwhile.
func TestKilledSubscribers(t *testing.T) {
	t.Parallel()
	cluster := &gated{testCluster: newTestCluster(t, 3)}
	for _, sharded := range []bool{false, true} {
		w, rec, end := cluster.beginAt(t, cluster, pubsubSpec(sharded))
		acks := func(n int64) func() bool {
			_, before, _, _ := w.Progress()
			return func() bool { _, now, _, _ := w.Progress(); return now >= before+n }
		}
		eventually(t, "messages are acked", acks(200))
		cluster.shut.Store(true)
		for _, node := range cluster.direct {
			must(t, node.ClientKillByFilter(t.Context(), "TYPE", "pubsub").Err())
		}
		eventually(t, "messages are acked behind their backs", acks(200))
		cluster.shut.Store(false)
		k := w.kind.(*pubsub)
		eventually(t, "all are subscribed again", func() bool {
			off := 0
			for _, s := range k.subscribers {
				n, _ := s.missing()
				off += n
			}
			return off == 0
		})
		eventually(t, "messages are acked again", acks(200))
		end()
		must(t, w.Verify(t.Context()))
		done, heard := only[*record.WorkloadDone](t, rec), only[*record.Heard](t, rec)
		feeds := map[bool]int64{false: 1, true: 6}[sharded]
		for _, s := range heard.Subscribers {
			// What was acked in the moment before the subscriber was told is missed by
			// one that was connected, as far as it knew.
			if s.MissedDisconnected < 100 || s.MissedConnected > s.MissedDisconnected || s.Acked != done.Acked ||
				s.Acked != s.Received+s.MissedConnected+s.MissedDisconnected || s.Breaks != feeds || s.OffMS == 0 || s.DeafMS == nil || *s.DeafMS == 0 || s.OffAtEnd != 0 {
				t.Errorf("sharded %v: %s", sharded, describe(s))
			}
		}
	}
}

// TestSilentLoss has a node stand still whose subscribers are connected, as
// far as they know: the servers' answers to PUBLISH do not tell.
func TestSilentLoss(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := pubsubSpec(false)
	w, rec, end := cluster.begin(t, spec)
	eventually(t, "messages are acked", func() bool { _, n, _, _ := w.Progress(); return n > 200 })
	// The other nodes forget the one that the first subscriber listens to.
	var listened int
	for i, node := range cluster.direct {
		clients := node.ClientList(t.Context()).Val()
		if strings.Contains(clients, "sub=6") {
			listened = i
		}
	}
	id := cluster.direct[listened].ClusterMyID(t.Context()).Val()
	for i, node := range cluster.direct {
		if i != listened {
			must(t, node.ClusterForget(t.Context(), id).Err())
		}
	}
	_, before, _, _ := w.Progress()
	eventually(t, "messages are acked elsewhere", func() bool { _, n, _, _ := w.Progress(); return n > before+400 })
	end()
	must(t, w.Verify(t.Context()))
	silent := 0
	for _, s := range only[*record.Heard](t, rec).Subscribers {
		if s.MissedConnected > 0 && s.Breaks == 0 && s.MissedDisconnected == 0 {
			silent++
		}
	}
	if silent == 0 {
		t.Errorf("nobody missed anything: %s", describe(only[*record.Heard](t, rec)))
	}
}

// A server without sharded pub/sub is told of by name, before anything is sent.
func TestOldServer(t *testing.T) {
	t.Parallel()
	w, err := New(pubsubSpec(true), "run", 1, newFakeServer(t, ":1"), newRecord())
	must(t, err)
	if err := w.Run(t.Context(), time.Second); err == nil || !strings.Contains(err.Error(), "no sharded pub/sub, which came with Redis 7.0") {
		t.Errorf("got %v", err)
	}
}

// TestTakenOff moves the slot of one channel to another node, as a failover does
// with all of a shard: who had subscribed is told, keeps the connection, and hears
// no more of the channel, though its messages are acked.
func TestTakenOff(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	w, rec, end := cluster.begin(t, pubsubSpec(true))
	eventually(t, "messages are acked", func() bool { _, n, _, _ := w.Progress(); return n > 200 })
	const moved = 0 // of the channels
	to := cluster.direct[(w.shardOf[moved]+1)%3].ClusterMyID(t.Context()).Val()
	for i := range cluster.direct { // the new owner first, so that it has no doubt of it
		node := cluster.direct[(w.shardOf[moved]+1+i)%3]
		must(t, node.Do(t.Context(), "cluster", "setslot", slots.Of(w.keys[moved]), "node", to).Err())
	}
	k := w.kind.(*pubsub)
	eventually(t, "all are taken off", func() bool {
		off := 0
		for _, s := range k.subscribers {
			n, _ := s.missing()
			off += n
		}
		return off == len(k.subscribers)
	})
	_, before, _, _ := w.Progress()
	eventually(t, "messages are acked behind their backs", func() bool { _, n, _, _ := w.Progress(); return n > before+400 })
	end()
	must(t, w.Verify(t.Context()))
	for _, s := range only[*record.Heard](t, rec).Subscribers {
		if s.Unsubscribed != 1 || s.OffAtEnd != 1 || s.Breaks+s.Refused != 0 || s.MissedDisconnected == 0 || s.MissedConnected > s.MissedDisconnected ||
			s.Acked != s.Received+s.MissedConnected+s.MissedDisconnected || s.OffMS == 0 {
			t.Errorf("got %s", describe(s))
		}
	}
}

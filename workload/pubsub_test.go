package workload

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func pubsubSpec(sharded bool) scenarios.Workload {
	return scenarios.Workload{Name: "news", Type: "pubsub", Clients: 4, Keys: 6, Rate: scenarios.ConstantRate(800),
		ValueSize: units.FixedSize(32), Spec: &pubsubSettings{subscriptions{Sharded: sharded, Subscribers: 3}}}
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
			if s.Acked != done.Acked || s.Received != done.Acked || s.MissedConnected+s.MissedDisconnected != 0 || s.Deaf != nil ||
				s.Duplicated+s.Foreign+s.Breaks+s.Refused+s.Unsubscribed != 0 || s.Off != 0 || s.OffAtEnd != 0 {
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
	now := func() record.Millis { return record.Millis(hours.Add(1)) * 3.6e6 }
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
				s.Acked != s.Received+s.MissedConnected+s.MissedDisconnected || s.Breaks != feeds || s.Off == 0 || s.Deaf == nil || *s.Deaf == 0 || s.OffAtEnd != 0 {
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
	to := cluster.direct[(w.ShardOf[moved]+1)%3].ClusterMyID(t.Context()).Val()
	for i := range cluster.direct { // the new owner first, so that it has no doubt of it
		node := cluster.direct[(w.ShardOf[moved]+1+i)%3]
		must(t, node.Do(t.Context(), "cluster", "setslot", slots.Of(w.Keys[moved]), "node", to).Err())
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
			s.Acked != s.Received+s.MissedConnected+s.MissedDisconnected || s.Off == 0 {
			t.Errorf("got %s", describe(s))
		}
	}
}

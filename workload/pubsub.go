package workload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

const (
	// subscribeTime bounds the wait for the first confirmation of all subscriptions.
	subscribeTime = 20 * time.Second
	// drainPace is how often subscribers are looked at after the last message was
	// published, and quietLooks how often in a row nothing new must have been heard to
	// have heard all that is on its way.
	drainPace  = 10 * time.Millisecond
	quietLooks = 50
)

// pubsubSettings are those of a workload of type pubsub.
//
// Writes: `PUBLISH` (or `SPUBLISH`) of a message to a channel. Lost: nothing: see
// [messages](#messages) for what subscribers missed.
type pubsubSettings struct {
	Pubsub subscriptions `yaml:"pubsub" elsewhere:"options of type pubsub on a workload of type {type}"`
}

func (kinds) Pubsub() settings { return newPubsubSettings() }

// subscriptions is what is published to, and who listens.
type subscriptions struct {
	// Sharded has it use SPUBLISH and SSUBSCRIBE, whose messages stay within the
	// shard of their channel; else every node passes them on to all others.
	Sharded bool `yaml:"sharded"`
	// Subscribers is how many subscribers there are, each to every channel.
	Subscribers int `yaml:"subscribers"`
}

const (
	minSubscribers, maxSubscribers = 1, 1000
	// maxConnections is how many connections subscribers may take: a client library needs
	// one for each sharded channel.
	maxConnections = 2000
	// notedMessage is the bytes that are noted of a message when it is sent, and when
	// somebody received it.
	notedMessage = 24
)

func newPubsubSettings() *pubsubSettings { return &pubsubSettings{subscriptions{Subscribers: 2}} }

// Traits implements scenarios.WorkloadSpec.
func (*pubsubSettings) Traits() []trait.Trait {
	return []trait.Trait{trait.Spreads, trait.CountsMissed}
}

// DefaultKeys implements scenarios.FewKeys.
func (*pubsubSettings) DefaultKeys() int { return fewKeys }

// Commands implements scenarios.Commander.
func (s *pubsubSettings) Commands() []string {
	if s.Pubsub.Sharded {
		return []string{"SPUBLISH", "SSUBSCRIBE"}
	}
	return []string{"PUBLISH", "SUBSCRIBE"}
}

// Unrouted implements scenarios.Unrouted.
func (s *pubsubSettings) Unrouted() string {
	if s.Pubsub.Sharded {
		return ""
	}
	return "publishes to any master, and so to no shard that fails over; write it of another workload, or give this one pubsub: {sharded: true}"
}

// Check implements scenarios.Checked.
func (s *pubsubSettings) Check(c scenarios.WorkloadContext) error {
	if err := scenarios.InRange("pubsub.subscribers", s.Pubsub.Subscribers, minSubscribers, maxSubscribers, ""); err != nil {
		return err
	}
	if need := c.Workload.Keys * s.Pubsub.Subscribers; s.Pubsub.Sharded && need > maxConnections {
		return &scenarios.FieldError{Field: "pubsub", Msg: fmt.Sprintf("%d subscribers to %d sharded channels take %d connections, one each; write at most %d of keys × subscribers",
			s.Pubsub.Subscribers, c.Workload.Keys, need, maxConnections)}
	}
	return nil
}

// Footprint implements scenarios.Sized: messages stay nowhere.
func (s *pubsubSettings) Footprint(_ scenarios.Workload, writes float64) scenarios.Footprint {
	return scenarios.Footprint{Noted: notedMessage * writes * float64(1+s.Pubsub.Subscribers)}
}

func (s *pubsubSettings) plan(w *Workload, seed int64) (kind, error) {
	return newPubsub(w.Spec, s.Pubsub, seed), nil
}

// pubsub publishes messages to channels, each of them its own, to which every
// subscriber has subscribed. What a subscriber missed is exact.
type pubsub struct {
	keyspace.Spread
	keyspace.Sizes // of a message, in bytes
	options        subscriptions

	// sent is when each message was about to be sent, by client: each is of the
	// goroutine that runs the client.
	sent        []history.Stamps
	subscribers []*subscriber
	channels    int
	// received is what each subscriber did, once all is over.
	received []history.Received
	now      func() record.Millis
}

var (
	_ kind            = (*pubsub)(nil)
	_ drive.Sender    = (*pubsub)(nil)
	_ drive.Receiving = (*pubsub)(nil)
)

func newPubsub(spec scenarios.Workload, options subscriptions, seed int64) *pubsub {
	return &pubsub{
		Spread: keyspace.NewSpread(spec, seed), Sizes: keyspace.SizesOf(spec), options: options,
		sent: make([]history.Stamps, spec.Clients), channels: spec.Keys,
	}
}

// Drive implements kind.
func (p *pubsub) Drive(ctx, sending context.Context, load *drive.Load, s *drive.Session, c *drive.Client) {
	load.Send(ctx, sending, s, c, p)
}

// Command publishes. PUBLISH has no key, and so go-redis sends it to any master,
// in turn; SPUBLISH goes to the master of its channel's slot.
func (p *pubsub) Command(args []any, channel any, v *drive.Write) []any {
	name := "publish"
	if p.options.Sharded {
		name = "spublish"
	}
	return append(args, name, channel, v)
}

// AppendValue implements sender. It is called just before the message is sent.
func (p *pubsub) AppendValue(b []byte, client int, n uint32) []byte {
	p.sent[client].Set(n, p.now())
	return p.Sizes.AppendValue(b, client, n)
}

// StartReceivers has the subscribers subscribe, and waits until all of it is confirmed.
func (p *pubsub) StartReceivers(ctx context.Context, load *drive.Load) (leave func(), err error) {
	p.now = load.Rec.Now
	// Messages on their way are heard even if ctx is cancelled, as writes are acked.
	listening, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var feeds sync.WaitGroup
	end := func() {
		cancel()
		for _, s := range p.subscribers {
			s.close()
		}
		feeds.Wait()
	}
	for range p.options.Subscribers {
		s, err := newSubscriber(load, p.Sizes, p.KeyOf, p.now)
		if err != nil {
			end()
			return nil, err
		}
		p.subscribers = append(p.subscribers, s)
		for _, f := range s.subscribe(listening, p.options.Sharded) {
			feeds.Go(func() { f.listen(listening) })
			feeds.Go(func() { f.check(listening) })
		}
	}
	if err := p.await(ctx); err != nil {
		end()
		return nil, err
	}
	return func() {
		p.drain()
		end()
	}, nil
}

// await waits until every subscription is confirmed.
func (p *pubsub) await(ctx context.Context) error {
	for began := time.Now(); ; {
		missing := 0
		var cause error
		for _, s := range p.subscribers {
			off, err := s.missing()
			missing += off
			cause = errors.Join(cause, err)
		}
		switch {
		case missing == 0:
			return nil
		case cause != nil && failure.IsReply(cause) && strings.Contains(cause.Error(), "unknown command"):
			return fmt.Errorf("this server has no sharded pub/sub, which came with Redis 7.0 and is in every Valkey (%w); leave pubsub.sharded out, or take a newer server", cause)
		case time.Since(began) > subscribeTime:
			return fmt.Errorf("%d subscriptions were not confirmed within %s: %w", missing, subscribeTime, cause)
		}
		if !alarm.Sleep(ctx, 5*time.Millisecond) {
			return nil // Run ends without an error, too
		}
	}
}

// drain waits until messages on their way have arrived. It counts its looks and not
// the time: if this process stood still, what came meanwhile has yet to be read.
func (p *pubsub) drain() {
	latest := record.Millis(0)
	for looks, quiet := 0, 0; quiet < quietLooks && looks < int(drive.DrainTime/drainPace); looks++ {
		time.Sleep(drainPace)
		quiet++
		for _, s := range p.subscribers {
			if heard := s.latest(); heard > latest {
				latest, quiet = heard, 0
			}
		}
	}
}

// verify implements kind. Nothing is left to be read: it judges what was heard.
func (p *pubsub) verify(ctx context.Context, w *Workload) error {
	for _, s := range p.subscribers {
		s.received.Errors = s.errors.List()
		p.received = append(p.received, s.received)
	}
	return w.judgeWitnessed(ctx, p)
}

// verdict implements witnessed.
func (p *pubsub) verdict(ctx context.Context, of evidence) (record.Data, error) {
	heard, err := check.Published{Clients: of.clients, Sent: p.sent, ChannelOf: p.KeyOf}.Verdict(ctx, p.received)
	if err != nil {
		return nil, err
	}
	heard.Name, heard.Sharded, heard.Channels = of.name, p.options.Sharded, len(of.keys)
	return heard, nil
}

// writeSection implements sectioned: when each message was sent, and what each subscriber
// received.
func (p *pubsub) writeSection(w io.Writer, clients []history.History) error {
	for client := range clients {
		if err := p.sent[client].Encode(w, clients[client].Len()); err != nil {
			return err
		}
	}
	for i := range p.received {
		if err := p.received[i].Encode(w, clients); err != nil {
			return err
		}
	}
	return nil
}

// readSection implements sectioned.
func (p *pubsub) readSection(r *bufio.Reader, clients []history.History) (err error) {
	for client := range clients {
		if p.sent[client], err = history.DecodeStamps(r, clients[client].Len()); err != nil {
			return fmt.Errorf("what client %d sent: %w", client, err)
		}
	}
	for i := range p.options.Subscribers {
		received, err := history.DecodeReceived(r, clients, p.channels)
		if err != nil {
			return fmt.Errorf("what subscriber %d received: %w", i, err)
		}
		p.received = append(p.received, received)
	}
	return nil
}

// anywhere is a cluster to a workload whose commands have no key: they go to any
// node, and so count to none of its shards, but to one that is not there.
type anywhere struct{ drive.Target }

func (a anywhere) Shards() int     { return a.Target.Shards() + 1 }
func (a anywhere) ShardOf(int) int { return a.Target.Shards() }

// routed is the cluster as a workload's commands are routed in it.
func routed(spec scenarios.Workload, target Target) Target {
	if u, ok := spec.Spec.(scenarios.Unrouted); ok && u.Unrouted() != "" {
		return anywhere{target}
	}
	return target
}

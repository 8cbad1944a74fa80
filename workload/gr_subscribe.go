package workload

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// Subscribe implements drive.Subscribing.
func (c *grClient) Subscribe(ctx context.Context, sharded bool, channels ...string) Subscription {
	if sharded {
		return grSubscription{c.redis.SSubscribe(ctx, channels...)}
	}
	return grSubscription{c.redis.Subscribe(ctx, channels...)}
}

// grSubscription is the library's PubSub. Its Channel, which applications use, is not used
// because it keeps to itself when a connection breaks and when a server refuses a
// subscription.
type grSubscription struct{ redis *redis.PubSub }

// Receive implements drive.Subscription.
func (s grSubscription) Receive(ctx context.Context) (Received, error) {
	got, err := s.redis.Receive(ctx)
	switch m := got.(type) {
	case *redis.Message:
		return Received{Kind: MessageReceived, Channel: m.Channel, Payload: m.Payload}, named(err)
	case *redis.Subscription:
		return Received{Kind: m.Kind, Channel: m.Channel}, named(err)
	default:
		return Received{}, named(err)
	}
}

// Ping implements drive.Subscription.
func (s grSubscription) Ping(ctx context.Context) error { return named(s.redis.Ping(ctx)) }

// Close implements drive.Subscription.
func (s grSubscription) Close() error { return s.redis.Close() }

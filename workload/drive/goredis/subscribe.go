package goredis

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/workload/drive"
)

// Subscribe implements drive.Subscribing.
func (c *Client) Subscribe(ctx context.Context, sharded bool, channels ...string) drive.Subscription {
	if sharded {
		return subscription{c.redis.SSubscribe(ctx, channels...)}
	}
	return subscription{c.redis.Subscribe(ctx, channels...)}
}

// subscription is the library's PubSub. Its Channel, which applications use, is not used
// because it keeps to itself when a connection breaks and when a server refuses a
// subscription.
type subscription struct{ redis *redis.PubSub }

// Receive implements drive.Subscription.
func (s subscription) Receive(ctx context.Context) (drive.Received, error) {
	got, err := s.redis.Receive(ctx)
	switch m := got.(type) {
	case *redis.Message:
		return drive.Received{Kind: drive.MessageReceived, Channel: m.Channel, Payload: m.Payload}, named(err)
	case *redis.Subscription:
		return drive.Received{Kind: m.Kind, Channel: m.Channel}, named(err)
	default:
		return drive.Received{}, named(err)
	}
}

// Ping implements drive.Subscription.
func (s subscription) Ping(ctx context.Context) error { return named(s.redis.Ping(ctx)) }

// Close implements drive.Subscription.
func (s subscription) Close() error { return s.redis.Close() }

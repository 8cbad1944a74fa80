package workload

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// Get implements drive.Getter.
func (c *grClient) Get(ctx context.Context, key string) (value string, found bool, node string, err error) {
	var by answerer
	value, err = c.redis.Get(by.within(ctx), key).Result()
	if errors.Is(err, redis.Nil) {
		return "", false, by.node, nil
	}
	return value, true, by.node, named(err)
}

// MasterOf implements drive.Getter.
func (c *grClient) MasterOf(ctx context.Context, key string) (addr string, err error) {
	master, err := c.redis.MasterForKey(ctx, key)
	if err != nil {
		return "", err
	}
	return master.Options().Addr, nil
}

// Master implements drive.ReadBack.
func (c *grClient) Master(ctx context.Context, key string) (Node, error) {
	master, err := c.redis.MasterForKey(ctx, key)
	if err != nil {
		return nil, err
	}
	return grNode{master}, nil
}

// Reload implements drive.ReadBack.
func (c *grClient) Reload(ctx context.Context) { c.redis.ReloadState(ctx) }

// ReadGroup implements drive.GroupReading. The library waits for the answer of one that
// blocks for longer than for others.
func (c *grClient) ReadGroup(ctx context.Context, r GroupRead) ([]GroupEntry, error) {
	streams, err := c.redis.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: r.Group, Consumer: r.Consumer, Streams: []string{r.Stream, r.From}, Count: int64(r.Count), Block: r.Block,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	var entries []GroupEntry
	for _, s := range streams {
		for _, m := range s.Messages {
			entries = append(entries, GroupEntry{ID: m.ID, Fields: m.Values})
		}
	}
	return entries, named(err)
}

package goredis

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/workload/drive"
)

// Get implements drive.Getter.
func (c *Client) Get(ctx context.Context, key string) (value string, found bool, node string, err error) {
	var by answerer
	value, err = c.redis.Get(by.within(ctx), key).Result()
	if errors.Is(err, redis.Nil) {
		return "", false, by.node, nil
	}
	return value, true, by.node, named(err)
}

// MasterOf implements drive.Getter.
func (c *Client) MasterOf(ctx context.Context, key string) (addr string, err error) {
	master, err := c.redis.MasterForKey(ctx, key)
	if err != nil {
		return "", err
	}
	return master.Options().Addr, nil
}

// Master implements drive.ReadBack.
func (c *Client) Master(ctx context.Context, key string) (drive.Node, error) {
	master, err := c.redis.MasterForKey(ctx, key)
	if err != nil {
		return nil, err
	}
	return node{master}, nil
}

// Reload implements drive.ReadBack.
func (c *Client) Reload(ctx context.Context) { c.redis.ReloadState(ctx) }

// ReadGroup implements drive.GroupReading. The library waits for the answer of one that
// blocks for longer than for others.
func (c *Client) ReadGroup(ctx context.Context, r drive.GroupRead) ([]drive.GroupEntry, error) {
	streams, err := c.redis.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: r.Group, Consumer: r.Consumer, Streams: []string{r.Stream, r.From}, Count: int64(r.Count), Block: r.Block,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	var entries []drive.GroupEntry
	for _, s := range streams {
		for _, m := range s.Messages {
			entries = append(entries, drive.GroupEntry{ID: m.ID, Fields: m.Values})
		}
	}
	return entries, named(err)
}

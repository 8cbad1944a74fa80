package goredis

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
)

// Do implements drive.ClusterClient.
func (c *Client) Do(ctx context.Context, cmd *drive.Command) {
	sent := fresh(ctx, cmd)
	if c.auto != nil {
		settle(cmd, sent, c.auto.Process(ctx, sent))
		return
	}
	settle(cmd, sent, c.redis.Process(ctx, sent))
}

// DoAll implements drive.Pipeliner.
func (c *Client) DoAll(ctx context.Context, cmds []*drive.Command) {
	pipe := c.redis.Pipeline()
	sent := make([]*redis.Cmd, len(cmds))
	for i, cmd := range cmds {
		sent[i] = fresh(ctx, cmd)
		_ = pipe.Process(ctx, sent[i]) // it is only queued
	}
	_, _ = pipe.Exec(ctx)
	for i, cmd := range cmds {
		settle(cmd, sent[i], sent[i].Err())
	}
}

// DoShard implements drive.Pipeliner. Commands that the library would try again it is given
// to try again, by its own rules.
func (c *Client) DoShard(ctx context.Context, key string, cmds []*drive.Command) {
	master, err := c.redis.MasterForKey(ctx, key)
	if err != nil {
		c.doAgain(ctx, cmds)
		return
	}
	node{master}.DoAll(ctx, cmds)
	if c.redis.Options().MaxRedirects == 0 {
		return
	}
	var again []*drive.Command
	for _, cmd := range cmds {
		if cmd.Err != nil && triedAgain(cmd.Err) {
			again = append(again, cmd)
		}
	}
	if len(again) > 0 {
		c.doAgain(ctx, again)
	}
}

// doAgain sends commands to wherever their keys are.
func (c *Client) doAgain(ctx context.Context, cmds []*drive.Command) {
	if len(cmds) == 1 {
		c.Do(ctx, cmds[0])
	} else {
		c.DoAll(ctx, cmds)
	}
}

// node is the library's client of one node.
type node struct{ redis *redis.Client }

// DoAll implements drive.Node. No commands are made anew if they can be used again.
func (n node) DoAll(ctx context.Context, cmds []*drive.Command) {
	if len(cmds) == 1 {
		sent := kept(ctx, cmds[0])
		settle(cmds[0], sent, n.redis.Process(ctx, sent))
		return
	}
	pipe := n.redis.Pipeline()
	for _, cmd := range cmds {
		_ = pipe.Process(ctx, kept(ctx, cmd)) // it is only queued
	}
	_, _ = pipe.Exec(ctx)
	for _, cmd := range cmds {
		sent := cmd.Kept.(*redis.Cmd)
		settle(cmd, sent, sent.Err())
	}
}

// triedAgain tells whether the client library tries again after an error: if nothing
// was answered, if another node is to be asked, or the same one later.
func triedAgain(err error) bool {
	_, moved := redis.IsMovedError(err)
	_, ask := redis.IsAskError(err)
	return !failure.IsReply(err) && !errors.Is(err, context.Canceled) || moved || ask ||
		redis.IsLoadingError(err) || redis.IsReadOnlyError(err) || redis.IsMasterDownError(err) ||
		redis.IsClusterDownError(err) || redis.IsTryAgainError(err) || redis.IsMaxClientsError(err)
}

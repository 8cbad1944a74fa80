package goredis

import (
	"context"
	"net"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/books"
)

// attempts is the hook on the client of one node that tells writes of the
// attempts made there.
type attempts struct {
	node   *books.NodeAcks
	client *redis.Client // of that node
}

var _ redis.Hook = attempts{}

// DialHook changes nothing.
func (attempts) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		return next(ctx, network, addr)
	}
}

// ProcessHook observes commands sent alone. The handshake of a new connection
// passes here too, from within the command that needed the connection; it
// carries no write.
func (a attempts) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		w := writeOf(cmd)
		if w == nil {
			return next(ctx, cmd)
		}
		if w.Wait != nil || w.Transaction {
			return a.send(ctx, cmd) // comes by ProcessPipelineHook
		}
		w.Attempt()
		err := next(ctx, cmd)
		var all books.AckedOnes
		w.Ended(a.node, answered(err), &all)
		all.Enter()
		return err
	}
}

// ProcessPipelineHook observes commands sent after ASKING, before WAIT, or in a
// transaction.
func (a attempts) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		var waiting *drive.Wait
		var inTransaction bool
		for _, cmd := range cmds {
			if w := writeOf(cmd); w != nil {
				w.Attempt()
				waiting, inTransaction = w.Wait, w.Transaction
			}
		}
		next := next
		if inTransaction {
			next = transact(next)
		}
		var err error
		if waiting != nil {
			err = follow(ctx, waiting, next, cmds)
		} else {
			err = next(ctx, cmds)
		}
		var all books.AckedOnes
		for _, cmd := range cmds {
			if w := writeOf(cmd); w != nil {
				w.Ended(a.node, answered(cmd.Err()), &all)
				if err != nil && cmd.Err() == nil {
					// ASKING itself was refused: the client will report an
					// error for a command that was answered.
					w.Doubted(err)
				}
			}
		}
		all.Enter()
		return err
	}
}

// send sends a write to the node in a pipeline, which WAIT can follow.
func (a attempts) send(ctx context.Context, write redis.Cmder) error {
	pipe := a.client.Pipeline()
	_ = pipe.Process(ctx, write) // it is only queued
	_, err := pipe.Exec(ctx)
	return err
}

// follow sends commands, the last of which is the write, and WAIT after them. Too
// few replicas are no error of the write's: the client library would send it again.
func follow(ctx context.Context, w *drive.Wait, next redis.ProcessPipelineHook, cmds []redis.Cmder) error {
	question := redis.NewCmd(ctx, w.Question()...)
	err := next(ctx, append(slices.Clip(cmds), question))
	for _, c := range cmds {
		if c.Err() != nil {
			return err
		}
	}
	reply, err := question.Result()
	w.Answered(reply, named(err))
	return nil
}

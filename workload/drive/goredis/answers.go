package goredis

import (
	"context"
	"net"

	"github.com/redis/go-redis/v9"
)

// answerer is the node that answered a read. The read carries it in its context,
// and the clients of the single nodes enter themselves.
type answerer struct{ node string }

type answererKey struct{}

func (a *answerer) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, answererKey{}, a)
}

// answers is the hook on the client of one node that names it to reads.
type answers struct{ node string }

var _ redis.Hook = answers{}

// DialHook changes nothing.
func (answers) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook observes reads.
func (a answers) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		a.sign(ctx)
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook observes reads after ASKING.
func (a answers) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		a.sign(ctx)
		return next(ctx, cmds)
	}
}

// sign enters the node. That of the last attempt stays.
func (a answers) sign(ctx context.Context) {
	if read, ok := ctx.Value(answererKey{}).(*answerer); ok {
		read.node = a.node
	}
}

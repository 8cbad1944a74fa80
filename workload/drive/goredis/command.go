package goredis

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
)

// fresh is a command as the library has it. When its cluster client has sent that, it
// remembers the slot in it, and so it is good for no other key.
func fresh(ctx context.Context, cmd *drive.Command) *redis.Cmd {
	cmd.Kept = nil
	sent := redis.NewCmd(ctx, cmd.Args...)
	if cmd.KeyAt > 0 {
		sent.SetFirstKeyPos(int8(cmd.KeyAt))
	}
	return sent
}

// kept is a command as the library has it, which shares its arguments, and so is good for
// whatever they become.
func kept(ctx context.Context, cmd *drive.Command) *redis.Cmd {
	sent, ok := cmd.Kept.(*redis.Cmd)
	if !ok {
		sent = fresh(ctx, cmd)
		cmd.Kept = sent
	}
	sent.SetErr(nil)
	return sent
}

// settle enters what came of a command.
func settle(cmd *drive.Command, sent *redis.Cmd, err error) {
	cmd.Reply, cmd.Err = nil, answered(err)
	if err == nil {
		cmd.Reply = sent.Val()
	}
}

// writeOf is the write that a command carries, or nil.
func writeOf(cmd redis.Cmder) *drive.Write {
	args := cmd.Args()
	w, _ := args[len(args)-1].(*drive.Write)
	return w
}

// answered is the error of an attempt; a nil is an answer, too.
func answered(err error) error {
	if errors.Is(err, redis.Nil) {
		return nil
	}
	return named(err)
}

// named names an error of the library's own, and is any other as it is.
func named(err error) error {
	switch {
	case err == nil, failure.IsReply(err):
		return err
	case errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted):
		return libraryError{err, "pool_timeout"}
	case errors.Is(err, redis.ErrAutoPipelineTimeout):
		return libraryError{err, "autopipeline_timeout"}
	case errors.Is(err, redis.ErrClosed):
		return libraryError{err, "closed"}
	default:
		return err
	}
}

// libraryError is an error of the library's own, with its name among the kinds of errors.
type libraryError struct {
	error
	kind string
}

func (e libraryError) ErrorKind() string { return e.kind }
func (e libraryError) Unwrap() error     { return e.error }

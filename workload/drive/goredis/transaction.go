package goredis

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
)

// transaction is a write on its way as MULTI, the write, EXEC, all in one
// pipeline. It is applied by EXEC, or not at all.
type transaction struct {
	write  redis.Cmder // the caller's, which is told what came of it
	multi  *redis.StatusCmd
	queued *redis.Cmd
	exec   *redis.SliceCmd
}

// transact has each write of a pipeline go in a transaction of its own. All other
// commands go as they are.
func transact(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		var pipe []redis.Cmder
		var all []transaction
		for _, cmd := range cmds {
			if writeOf(cmd) == nil {
				pipe = append(pipe, cmd)
				continue
			}
			t := transaction{cmd, redis.NewStatusCmd(ctx, "multi"), redis.NewCmd(ctx, cmd.Args()...), redis.NewSliceCmd(ctx, "exec")}
			all = append(all, t)
			pipe = append(pipe, t.multi, t.queued, t.exec)
		}
		_ = next(ctx, pipe) // each command has its own error
		for _, t := range all {
			t.write.SetErr(t.outcome())
		}
		for _, cmd := range cmds {
			if err := cmd.Err(); err != nil {
				return err
			}
		}
		return nil
	}
}

// outcome is the error of the write; nil if it was applied and answered. A reply
// of the server's says for sure that the write was not applied, any other error
// that nobody knows.
func (t transaction) outcome() error {
	multi, queued, exec := t.multi.Err(), t.queued.Err(), t.exec.Err()
	switch {
	case queued != nil && failure.IsReply(queued):
		// Refused before it was queued: MOVED, OOM… EXEC then aborts, whether its
		// answer arrives or not.
		return queued
	case multi != nil && failure.IsReply(multi):
		// Nothing was queued, and so the write was carried out at once.
		writeOf(t.write).Doubted(multi)
		return multi
	case exec != nil:
		// EXECABORT, or MOVED if the slot has moved since: nothing was applied.
		return exec
	}
	results := t.exec.Val()
	if len(results) != 1 {
		return fmt.Errorf("EXEC of one write answered %d results", len(results))
	}
	err, _ := results[0].(error)
	return err
}

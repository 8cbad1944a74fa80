package workload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// The server said OK, and when WAIT or WAITAOF was over, not as many had the
// write as were asked for.
var (
	errWaitShort    = errors.New("fewer replicas than asked for had the write within the timeout of WAIT")
	errWaitAOFShort = errors.New("fewer servers than asked for had the write on disk within the timeout of WAITAOF")
)

// wait has each write followed by WAIT or WAITAOF on the same connection. Its
// write is acked only if enough servers have it.
type wait struct {
	onDisk  bool // WAITAOF
	asked   copies
	timeout time.Duration
	// replies counts writes by what they were told to have.
	replies map[copies]int64
	// short is why the write that was answered last is not acked.
	short error
}

// copies is how many replicas have a write. With WAITAOF, those that have it on
// disk, and whether the master itself does: 1 or 0.
type copies struct{ local, replicas int }

// newWait is nil if the workload does not wait.
func newWait(spec scenarios.Workload) *wait {
	switch {
	case spec.Wait != nil:
		return &wait{asked: copies{replicas: spec.Wait.Replicas}, timeout: spec.Wait.Timeout.D(), replies: map[copies]int64{}}
	case spec.WaitAOF != nil:
		return &wait{onDisk: true, asked: copies{spec.WaitAOF.Local, spec.WaitAOF.Replicas}, timeout: spec.WaitAOF.Timeout.D(), replies: map[copies]int64{}}
	default:
		return nil
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
func (w *wait) follow(ctx context.Context, next redis.ProcessPipelineHook, cmds []redis.Cmder) error {
	question, answer := w.question(ctx)
	err := next(ctx, append(slices.Clip(cmds), question))
	for _, c := range cmds {
		if c.Err() != nil {
			return err
		}
	}
	got, err := answer()
	switch {
	case err != nil:
		w.short = err
		return nil
	case got.local >= w.asked.local && got.replicas >= w.asked.replicas:
	case w.onDisk:
		w.short = errWaitAOFShort
	default:
		w.short = errWaitShort
	}
	w.replies[got]++
	return nil
}

// question is the command to follow a write, and how to read its answer.
func (w *wait) question(ctx context.Context) (redis.Cmder, func() (copies, error)) {
	ms := w.timeout.Milliseconds()
	if !w.onDisk {
		cmd := redis.NewIntCmd(ctx, "wait", w.asked.replicas, ms)
		return cmd, func() (copies, error) {
			replicas, err := cmd.Result()
			return copies{replicas: int(replicas)}, err
		}
	}
	cmd := redis.NewIntSliceCmd(ctx, "waitaof", w.asked.local, w.asked.replicas, ms)
	return cmd, func() (copies, error) {
		counts, err := cmd.Result()
		if err != nil || len(counts) != 2 {
			return copies{}, cmp.Or(err, fmt.Errorf("WAITAOF answered %v, not two numbers", counts))
		}
		return copies{int(counts[0]), int(counts[1])}, nil
	}
}

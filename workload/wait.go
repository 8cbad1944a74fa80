package workload

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// errWaitShort: the server said OK, and fewer replicas than asked for had the
// write when WAIT was over.
var errWaitShort = errors.New("fewer replicas than asked for had the write within the timeout of WAIT")

// wait has each write followed by WAIT on the same connection. Its write is acked
// only if enough replicas have it.
type wait struct {
	replicas int
	timeout  time.Duration
	// replies counts writes by the number of replicas that WAIT told.
	replies map[int]int64
	// short is why the write that was answered last is not acked.
	short error
}

// newWait is nil if the workload does not wait.
func newWait(spec scenarios.Workload) *wait {
	if spec.Wait == nil {
		return nil
	}
	return &wait{replicas: spec.Wait.Replicas, timeout: spec.Wait.Timeout.D(), replies: map[int]int64{}}
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
	cmd := redis.NewIntCmd(ctx, "wait", w.replicas, w.timeout.Milliseconds())
	err := next(ctx, append(slices.Clip(cmds), cmd))
	for _, c := range cmds {
		if c.Err() != nil {
			return err
		}
	}
	replicas, err := cmd.Result()
	switch {
	case err != nil:
		w.short = err
	case int(replicas) < w.replicas:
		w.short = errWaitShort
	}
	if err == nil {
		w.replies[int(replicas)]++
	}
	return nil
}

// waits sums up what WAIT told all clients; nil if they did not ask.
func (w *Workload) waits() *record.Waits {
	if w.spec.Wait == nil {
		return nil
	}
	sum := &record.Waits{
		Replicas: w.spec.Wait.Replicas, TimeoutMS: float64(w.spec.Wait.Timeout.D().Microseconds()) / 1000,
		Replies: map[int]int64{},
	}
	for i := range w.clients {
		for replicas, n := range w.clients[i].waited {
			sum.Replies[replicas] += n
		}
	}
	return sum
}

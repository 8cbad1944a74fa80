package drive

import (
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// The server said OK, and when WAIT or WAITAOF was over, not as many had the
// write as were asked for.
var (
	errWaitShort    = shortError{"wait_short", "fewer replicas than asked for had the write within the timeout of WAIT"}
	errWaitAOFShort = shortError{"waitaof_short", "fewer servers than asked for had the write on disk within the timeout of WAITAOF"}
)

// shortError names itself among the kinds of errors.
type shortError struct{ kind, text string }

func (e shortError) Error() string     { return e.text }
func (e shortError) ErrorKind() string { return e.kind }

// Wait has each write followed by WAIT or WAITAOF on the same connection. Its
// write is acked only if enough servers have it.
type Wait struct {
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

// NewWait is nil if the workload does not wait.
func NewWait(spec scenarios.Workload) *Wait {
	switch {
	case spec.Wait != nil:
		return &Wait{asked: copies{replicas: spec.Wait.Replicas}, timeout: spec.Wait.Timeout.D(), replies: map[copies]int64{}}
	case spec.WaitAOF != nil:
		return &Wait{onDisk: true, asked: copies{spec.WaitAOF.Local, spec.WaitAOF.Replicas}, timeout: spec.WaitAOF.Timeout.D(), replies: map[copies]int64{}}
	default:
		return nil
	}
}

// Question is the command that follows each attempt at the write, on the same connection.
func (w *Wait) Question() []any {
	ms := w.timeout.Milliseconds()
	if w.onDisk {
		return []any{"waitaof", w.asked.local, w.asked.replicas, ms}
	}
	return []any{"wait", w.asked.replicas, ms}
}

// Answered takes in what came of the question, after a write that was acked.
func (w *Wait) Answered(reply any, err error) {
	got, err := w.read(reply, err)
	switch {
	case err != nil:
		w.short = err
		return
	case got.local >= w.asked.local && got.replicas >= w.asked.replicas:
	case w.onDisk:
		w.short = errWaitAOFShort
	default:
		w.short = errWaitShort
	}
	w.replies[got]++
}

// read is how many copies an answer tells of.
func (w *Wait) read(reply any, err error) (copies, error) {
	if err != nil {
		return copies{}, err
	}
	if !w.onDisk {
		replicas, ok := reply.(int64)
		if !ok {
			return copies{}, fmt.Errorf("WAIT answered %v, not a number", reply)
		}
		return copies{replicas: int(replicas)}, nil
	}
	if counts, ok := reply.([]any); ok && len(counts) == 2 {
		local, isNumber := counts[0].(int64)
		replicas, areNumbers := counts[1].(int64)
		if isNumber && areNumbers {
			return copies{int(local), int(replicas)}, nil
		}
	}
	return copies{}, fmt.Errorf("WAITAOF answered %v, not two numbers", reply)
}

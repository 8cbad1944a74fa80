// Package program runs programs of this machine that are foreign to this one, and keeps
// to bounds whatever they do: print without an end, hang, or leave children behind.
package program

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// mostOutput is how many bytes of an answer are taken.
const mostOutput = 64 << 10

// ErrTooMuch is in the chain of the error of a program that printed too much.
var ErrTooMuch = fmt.Errorf("it prints more than %d bytes", mostOutput)

// Question is a call of a program that prints something short and ends.
type Question struct {
	Path string
	// Name is what the program sees itself called by; "" is Path.
	Name string
	Args []string
	// Stderr has what it prints there be part of the answer.
	Stderr bool
	// Patience is how long it may take.
	Patience time.Duration
}

// Ask runs the program and returns what it printed, also where there is an error. When it
// takes too long, prints too much or ctx ends, it is killed. What is left of its process group
// when it has ended is, too.
func (q Question) Ask(ctx context.Context) (answer string, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	tooLate := time.AfterFunc(q.Patience, func() { cancel(fmt.Errorf("it did not end within %v", q.Patience)) })
	defer tooLate.Stop()

	cmd := exec.CommandContext(ctx, q.Path, q.Args...)
	if q.Name != "" {
		cmd.Args[0] = q.Name
	}
	cmd.SysProcAttr = ChildAttributes()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // for what left the group and holds its output open
	output := &head{full: func() { cancel(ErrTooMuch) }}
	cmd.Stdout = output
	if q.Stderr {
		cmd.Stderr = output
	}
	runtime.LockOSThread() // it ends with the thread that started it
	defer runtime.UnlockOSThread()
	err = cmd.Run()
	if cmd.Process != nil { // what it left behind in its group, if anything
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return string(output.kept), err
}

// head keeps the beginning of what is written.
type head struct {
	kept []byte
	full func() // called when there is more
}

// Write implements io.Writer.
func (h *head) Write(p []byte) (int, error) {
	room := mostOutput - len(h.kept)
	h.kept = append(h.kept, p[:min(len(p), room)]...)
	if len(p) > room {
		h.full()
	}
	return len(p), nil
}

// Tail keeps the end of what is written, where a program says what went wrong.
type Tail struct{ kept []byte }

var _ io.Writer = (*Tail)(nil)

// mostTail is how many bytes a Tail keeps.
const mostTail = 256 << 10

// Write implements io.Writer.
func (t *Tail) Write(p []byte) (int, error) {
	if len(t.kept)+len(p) > 2*mostTail { // now and then, so that little is moved
		t.kept = append(t.kept[:0], last(t.kept, mostTail)...)
	}
	t.kept = append(t.kept, last(p, mostTail)...)
	return len(p), nil
}

func (t *Tail) String() string { return string(last(t.kept, mostTail)) }

func last(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

// Package program runs programs of this machine that are foreign to this one, and keeps
// to bounds whatever they do: print without an end, hang, or leave children behind.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
	var output head
	err = bounded(ctx, q.Patience, true, func(ctx context.Context, stop context.CancelCauseFunc) *exec.Cmd {
		cmd := exec.CommandContext(ctx, q.Path, q.Args...)
		if q.Name != "" {
			cmd.Args[0] = q.Name
		}
		output.full = func() { stop(ErrTooMuch) }
		cmd.Stdout = &output
		if q.Stderr {
			cmd.Stderr = &output
		}
		return cmd
	})
	return string(output.kept), err
}

// Task is a call of a program that does something.
type Task struct {
	Path string
	Args []string
	// Env is what its environment has beside that of this program: "NAME=value".
	Env []string
	// Dir is the folder that it runs in.
	Dir string
	// Patience is how long it may take.
	Patience time.Duration
}

// Run runs the program, and returns the end of what it printed, also where there is an error. When it takes too long or
// ctx ends, its process group is killed. What it leaves running when it ends by itself goes on.
func (t Task) Run(ctx context.Context) (output string, err error) {
	var printed Tail
	err = bounded(ctx, t.Patience, false, func(ctx context.Context, _ context.CancelCauseFunc) *exec.Cmd {
		cmd := exec.CommandContext(ctx, t.Path, t.Args...)
		cmd.Dir, cmd.Env = t.Dir, append(os.Environ(), t.Env...)
		cmd.Stdout, cmd.Stderr = &printed, &printed
		return cmd
	})
	if errors.Is(err, exec.ErrWaitDelay) { // it ended well, and something that it left running holds its output open
		err = nil
	}
	return printed.String(), err
}

// bounded runs a program that is told how to stop itself. When that is done, when it takes longer than patience or when
// ctx ends, its process group is killed. alone: what is left of that when it has ended is, too.
func bounded(ctx context.Context, patience time.Duration, alone bool, command func(ctx context.Context, stop context.CancelCauseFunc) *exec.Cmd) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	tooLate := time.AfterFunc(patience, func() { cancel(fmt.Errorf("it did not end within %v", patience)) })
	defer tooLate.Stop()

	cmd := command(ctx, cancel)
	cmd.SysProcAttr = ChildAttributes()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // for what left the group and holds its output open
	runtime.LockOSThread()      // it ends with the thread that started it
	defer runtime.UnlockOSThread()
	err := cmd.Run()
	if alone && cmd.Process != nil { // what it left behind in its group, if anything
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return err
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

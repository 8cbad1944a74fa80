// Package process runs the servers of nodes as processes of this machine: it starts, signals, freezes and
// throttles them, tells what happens to them, and finds those that a program which was killed has left.
package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/thread"
	"github.com/redis-chaos/redis-chaos/compose/program"
)

// ErrEnded is the error of signalling a process that is not there any more.
var ErrEnded = errors.New("it is not running")

// originEnv names its folder to a process and all that it starts, so that these
// can be found whatever becomes of them.
const originEnv = "REDIS_CHAOS_NODE"

// Mark is what the environment of a process has that belongs to the node with a folder, so that Running and
// EndAll find it.
func Mark(dir string) string { return originEnv + "=" + dir }

// Spec is a process that is wanted.
type Spec struct {
	// File is what is run, with Argv, in the folder Dir.
	File string
	Argv []string
	Dir  string
	// Enter puts the thread that it is called on, which no other code runs on, to where the
	// process is to be, such as a namespace; nil leaves it where this process is.
	Enter func() error
	// Log reads all that it prints, until the end.
	Log func(io.Reader)
	// Tell is called with all that happens to it, in the order in which it happens.
	Tell func(compose.Happening)
}

// Process is one process, from its start to its end. It leads a
// process group of its own, which the children that Redis forks to write its
// files are in as well.
type Process struct {
	cmd  *exec.Cmd
	tell func(compose.Happening)
	done chan struct{} // closed when it has ended and all that it logged has been read

	mu     sync.Mutex
	ended  bool
	exit   string
	frozen bool // by Freeze
	halted bool // by SIGSTOP
	held   bool // by a throttle
}

// Start starts a process, and returns when it runs.
func Start(spec Spec) (*Process, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(spec.File)
	cmd.Args = spec.Argv
	cmd.Dir = spec.Dir
	cmd.Env = append(os.Environ(), Mark(spec.Dir))
	cmd.Stdout, cmd.Stderr = in, in
	cmd.SysProcAttr = program.ChildAttributes()
	p := &Process{cmd: cmd, tell: spec.Tell, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		defer close(p.done)
		logged := make(chan struct{})
		go func() {
			defer close(logged)
			spec.Log(out)
		}()
		// The kernel kills the process when the thread that started it ends, so
		// that thread stays until it has been waited for.
		err := thread.Run(func() (err error) {
			if spec.Enter != nil {
				err = spec.Enter()
			}
			if err == nil {
				err = cmd.Start()
			}
			in.Close() // the process has its own
			if err == nil {
				p.tell(compose.Happening{Action: compose.Started, Time: time.Now()})
			}
			started <- err
			if err != nil {
				return err
			}
			p.await()
			return nil
		})
		if err == nil {
			// A process that left the group could hold the pipe open for ever. Otherwise
			// what is left in it is read at once, unless this process is held up.
			const patience = 5 * time.Second
			_ = out.SetReadDeadline(time.Now().Add(patience))
		}
		<-logged
		out.Close()
	}()
	if err := <-started; err != nil {
		<-p.done
		return nil, err
	}
	return p, nil
}

// Done is closed when the process has ended and all that it logged has been read.
func (p *Process) Done() <-chan struct{} { return p.done }

// await waits for the process to end, and ends what it has forked.
func (p *Process) await() {
	awaitExit(p.cmd)
	at := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // before its id can be anybody else's
	_ = p.cmd.Wait()                                      // its exit status is not an error of ours
	p.ended, p.exit = true, exitStatus(p.cmd.ProcessState)
	p.tell(compose.Happening{Action: compose.Died, Exit: p.exit, Time: at})
}

// exitStatus is as a shell has it: 128 and the signal's number for a process
// that a signal has ended.
func exitStatus(state *os.ProcessState) string {
	if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return strconv.Itoa(128 + int(w.Signal()))
	}
	return strconv.Itoa(state.ExitCode())
}

// Alive tells whether the process has not ended yet.
func (p *Process) Alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.ended
}

// Status is the exit status of a process that has ended.
func (p *Process) Status() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exit
}

// Signal sends a signal. SIGCONT does not thaw a frozen process, as it would not
// thaw a container, nor give one that is held more CPU time.
func (p *Process) Signal(number syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return ErrEnded
	}
	at := time.Now() // before the process can end of it
	switch number {
	case syscall.SIGSTOP:
		p.halted = true
	case syscall.SIGCONT:
		p.halted = false
	}
	if number != syscall.SIGCONT || !p.frozen && !p.held {
		if err := syscall.Kill(p.cmd.Process.Pid, number); err != nil {
			return err
		}
	}
	p.tell(compose.Happening{Action: compose.Signalled, Time: at})
	return nil
}

// Freeze stops the process and what it has forked.
func (p *Process) Freeze() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.ended:
		return ErrEnded
	case p.frozen:
		return errors.New("it is paused already")
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGSTOP); err != nil {
		return err
	}
	p.frozen = true
	p.tell(compose.Happening{Action: compose.Paused, Time: time.Now()})
	return nil
}

// Thaw undoes Freeze; a process that is not frozen is left alone.
func (p *Process) Thaw() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || !p.frozen {
		return nil
	}
	at := time.Now()
	if !p.halted && !p.held {
		if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGCONT); err != nil {
			return err
		}
	}
	p.frozen = false
	p.tell(compose.Happening{Action: compose.Unpaused, Time: at})
	return nil
}

// Frozen tells whether Freeze has stopped it.
func (p *Process) Frozen() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.frozen && !p.ended
}

// hold stops the process and what it has forked, without a word to the watchers; release
// lets it go on, unless something else has stopped it. An error is that it ends.
func (p *Process) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended && !p.held {
		p.held = syscall.Kill(-p.PID(), syscall.SIGSTOP) == nil
	}
}

func (p *Process) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || !p.held {
		return
	}
	p.held = false
	if !p.frozen && !p.halted {
		_ = syscall.Kill(-p.PID(), syscall.SIGCONT)
	}
}

// PID is the id of the process, which is that of its group as well.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Kill ends the process and what it has forked, without a word to the watchers,
// and waits for the end.
func (p *Process) Kill() error {
	p.mu.Lock()
	var err error
	if !p.ended {
		err = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
	p.mu.Unlock()
	if err != nil {
		return fmt.Errorf("killing process %d: %w", p.cmd.Process.Pid, err)
	}
	<-p.done
	return nil
}

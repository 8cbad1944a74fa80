package local

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// errEnded is the error of signalling a server that is not there any more.
var errEnded = errors.New("it is not running")

// server is one process of a node, from its start to its end. It leads a
// process group of its own, which the children that Redis forks to write its
// files are in as well.
type server struct {
	cmd *exec.Cmd
	// tell is called with all that happens to it, in the order in which it happens.
	tell func(compose.Happening)
	done chan struct{} // closed when it has ended and all that it logged is in the logbook

	mu     sync.Mutex
	ended  bool
	exit   string
	frozen bool // by pause
	halted bool // by SIGSTOP
	held   bool // by a throttle
}

// startServer starts a program with a folder as its current one, in a network
// namespace ("" is this process's own), and returns when it runs.
func startServer(cmd *exec.Cmd, namespace string, log *logbook, tell func(compose.Happening)) (*server, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = in, in
	cmd.SysProcAttr = processAttributes()
	s := &server{cmd: cmd, tell: tell, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		defer close(s.done)
		logged := make(chan struct{})
		go func() {
			defer close(logged)
			log.take(out)
		}()
		// The kernel kills the process when the thread that started it ends, so
		// that thread stays until it has been waited for.
		err := onThread(func() error {
			err := enterNamespace(namespace)
			if err == nil {
				err = cmd.Start()
			}
			in.Close() // the process has its own
			if err == nil {
				tell(compose.Happening{Action: compose.Started, Time: time.Now()})
			}
			started <- err
			if err != nil {
				return err
			}
			s.await()
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
		<-s.done
		return nil, err
	}
	return s, nil
}

// await waits for the process to end, and ends what it has forked.
func (s *server) await() {
	awaitExit(s.cmd)
	at := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) // before its id can be anybody else's
	_ = s.cmd.Wait()                                      // its exit status is not an error of ours
	s.ended, s.exit = true, exitStatus(s.cmd.ProcessState)
	s.tell(compose.Happening{Action: compose.Died, Exit: s.exit, Time: at})
}

// exitStatus is as a shell has it: 128 and the signal's number for a process
// that a signal has ended.
func exitStatus(p *os.ProcessState) string {
	if w, ok := p.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return strconv.Itoa(128 + int(w.Signal()))
	}
	return strconv.Itoa(p.ExitCode())
}

// alive tells whether the process has not ended yet.
func (s *server) alive() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.ended
}

// status is the exit status of a server that has ended.
func (s *server) status() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.exit
}

// signal sends a signal. SIGCONT does not thaw a frozen process, as it would not
// thaw a container, nor give one that is held more CPU time.
func (s *server) signal(number syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return errEnded
	}
	at := time.Now() // before the process can end of it
	switch number {
	case syscall.SIGSTOP:
		s.halted = true
	case syscall.SIGCONT:
		s.halted = false
	}
	if number != syscall.SIGCONT || !s.frozen && !s.held {
		if err := syscall.Kill(s.cmd.Process.Pid, number); err != nil {
			return err
		}
	}
	s.tell(compose.Happening{Action: compose.Signalled, Time: at})
	return nil
}

// freeze stops the process and what it has forked.
func (s *server) freeze() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended:
		return errEnded
	case s.frozen:
		return errors.New("it is paused already")
	}
	if err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGSTOP); err != nil {
		return err
	}
	s.frozen = true
	s.tell(compose.Happening{Action: compose.Paused, Time: time.Now()})
	return nil
}

// thaw undoes freeze; a process that is not frozen is left alone.
func (s *server) thaw() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || !s.frozen {
		return nil
	}
	at := time.Now()
	if !s.halted && !s.held {
		if err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGCONT); err != nil {
			return err
		}
	}
	s.frozen = false
	s.tell(compose.Happening{Action: compose.Unpaused, Time: at})
	return nil
}

// hold stops the process and what it has forked, without a word to the watchers; release
// lets it go on, unless something else has stopped it. An error is that it ends.
func (s *server) hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended && !s.held {
		s.held = syscall.Kill(-s.pid(), syscall.SIGSTOP) == nil
	}
}

func (s *server) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || !s.held {
		return
	}
	s.held = false
	if !s.frozen && !s.halted {
		_ = syscall.Kill(-s.pid(), syscall.SIGCONT)
	}
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// kill ends the process and what it has forked, without a word to the watchers,
// and waits for the end.
func (s *server) kill() error {
	s.mu.Lock()
	var err error
	if !s.ended {
		err = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	}
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("killing process %d: %w", s.cmd.Process.Pid, err)
	}
	<-s.done
	return nil
}

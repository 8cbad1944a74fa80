package userns

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/term"
)

// Run runs this program in namespaces, with the arguments of a command, and gives its exit code. A folder is at
// the place of root's journals there. The error says why the namespaces cannot be; then nothing has run.
func Run(folder string, args []string) (code int, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return 0, err
	}
	said, saying, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer said.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = append([]string{os.Args[0], Command, folder}, args...)
	if !term.IsTerminal(int(os.Stdin.Fd())) { // it is not in the foreground, and could not read from one
		cmd.Stdin = os.Stdin
	}
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{saying}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		// What a terminal sends comes here alone, and is passed on once.
		Setpgid:   true,
		Pdeathsig: syscall.SIGKILL,
	}
	// It ends when the thread that started it does.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, passed()...)
	defer signal.Stop(signals)
	err = cmd.Start()
	saying.Close()
	if err != nil {
		return 0, fmt.Errorf("making user, network and mount namespaces: %w", err)
	}
	words, err := io.ReadAll(said)
	if text := string(words); err == nil && text != ready && text != "" {
		err = errors.New(text)
	}
	if err != nil {
		_ = cmd.Wait() // it has ended, for the reason that it gave
		return 0, fmt.Errorf("setting up user, network and mount namespaces: %w", err)
	}
	var passing sync.WaitGroup
	done := make(chan struct{})
	passing.Go(func() { pass(signals, cmd.Process, done) })
	err = cmd.Wait()
	close(done)
	passing.Wait()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("running in namespaces: %w", err)
	}
	return exitCode(cmd.ProcessState), nil
}

// passed are the signals that are passed on.
func passed() []os.Signal {
	all := []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGCONT}
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// pass passes signals on, and stops with the process where a terminal asks for that.
func pass(signals <-chan os.Signal, to *os.Process, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case s := <-signals:
			if s != syscall.SIGTSTP {
				_ = to.Signal(s) // it may have ended
				continue
			}
			_ = to.Signal(syscall.SIGSTOP)
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		}
	}
}

// exitCode is as a shell has it: 128 and the signal's number for a process that a signal has ended.
func exitCode(state *os.ProcessState) int {
	if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return state.ExitCode()
}

//go:build linux

package attack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode"
)

// The exit codes of the contract.
const (
	exitOK          = 0
	exitExpectation = 1
	exitUsage       = 2
	exitNotRun      = 3
	exitInterrupted = 130
)

// bound is what anything may take that deploys no cluster, on a busy machine.
const bound = 20 * time.Second

// program is one start of the program under attack. It has a folder of its own as its
// current one, and others for runs and for temporary files.
type program struct {
	cmd            *exec.Cmd
	cwd, out, temp string
	id             string // of its run, once that is known
	stdout, stderr said
	ended          chan struct{} // closed when it has ended
	took           time.Duration
	late           bool // it was killed, because it had not ended in time
}

// said is what a program has printed so far. It is safe for concurrent use.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// Len is how many bytes it is.
func (s *said) Len() int { return len(s.String()) }

// prepare lays out a start of the program; the folder of runs is not made.
func prepare(t *testing.T, args ...string) *program {
	t.Helper()
	dir := folder(t)
	p := &program{cwd: filepath.Join(dir, "cwd"), out: filepath.Join(dir, "out"), temp: filepath.Join(dir, "temp"), ended: make(chan struct{})}
	for _, d := range []string{p.cwd, p.temp} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.cmd = exec.Command(os.Getenv(programEnv), args...)
	p.cmd.Dir = p.cwd
	p.cmd.Env = append(os.Environ(), "TMPDIR="+p.temp)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = 2 * time.Second
	return p
}

// folder is a folder of a test's own. With ATTACK_OUT it is in there, and stays if the test
// fails.
func folder(t *testing.T) string {
	t.Helper()
	out := os.Getenv("ATTACK_OUT")
	if out == "" {
		return t.TempDir()
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		t.Fatal(err)
	}
	name := strings.Map(func(c rune) rune {
		if c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return '-'
		}
		return c
	}, t.Name())
	dir, err := os.MkdirTemp(out, name[:min(len(name), 100)]+"-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("its files are in %s", dir)
		} else if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// prepareRun lays out a run of a file on a runtime.
func prepareRun(t *testing.T, runtime, file string, args ...string) *program {
	t.Helper()
	p := prepare(t)
	p.cmd.Args = append(p.cmd.Args, "run", file, "--runtime", runtime, "--out", p.out)
	p.cmd.Args = append(p.cmd.Args, args...)
	return p
}

// limited keeps it from taking all memory of the machine, should it read without end.
func (p *program) limited() *program { return p.under("ulimit -v 6000000") }

// under has a shell set a limit before it becomes the program.
func (p *program) under(limit string) *program {
	p.cmd.Args = append([]string{"sh", "-c", limit + ` && exec "$0" "$@"`}, p.cmd.Args...)
	p.cmd.Path = "/bin/sh"
	return p
}

// start starts the program, and ends it if it has not ended by itself in time.
func (p *program) start(t *testing.T, within time.Duration) {
	t.Helper()
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			p.late = true
			_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		}
	})
	go func() {
		defer cancel()
		_ = p.cmd.Wait() // how it ended is in the process's state
		stop()
		p.took = time.Since(began)
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if p.late { // and so has left something behind
			p.down(t)
		}
	})
}

// until waits until it has told something and some more time has passed; false if it has
// ended before.
func (p *program) until(told string, after time.Duration) bool {
	for !strings.Contains(p.stderr.String(), told) {
		select {
		case <-p.ended:
			return false
		case <-time.After(5 * time.Millisecond):
		}
	}
	select {
	case <-p.ended:
		return false
	case <-time.After(after):
		return true
	}
}

// signal sends it a signal.
func (p *program) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
}

// down has the program remove what its run has left behind, and checks that it can. While
// another run is removing it, it is in progress.
func (p *program) down(t *testing.T) {
	t.Helper()
	if p.runID() == "" {
		return
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		d := prepare(t, "down", p.runID()).run(t, 2*time.Minute)
		told := d.stderr.String()
		switch {
		case d.code() == exitOK || strings.Contains(told, "no Docker engine answers"):
			return
		case !strings.Contains(told, "is in progress") || time.Now().After(deadline):
			t.Errorf("down: %s", d.told())
			return
		}
	}
}

// wait waits until it has ended, and checks what holds of every end.
func (p *program) wait(t *testing.T) {
	t.Helper()
	<-p.ended
	if p.late {
		t.Errorf("it had not ended after %s, and was killed; stderr:\n%s", p.took.Round(time.Second), excerpt(p.stderr.String()))
	}
	if text := p.stderr.String() + p.stdout.String(); strings.Contains(text, "panic: ") || strings.Contains(text, "\ngoroutine ") || strings.Contains(text, "fatal error: ") {
		t.Errorf("it panicked:\n%s", excerpt(text))
	}
	if c, found := control(p.stdout.String() + p.stderr.String()); found {
		t.Errorf("it printed a control character, %q:\n%q", c, excerpt(p.stdout.String()+p.stderr.String()))
	}
	left, err := os.ReadDir(p.temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the folder of temporary files: %v, %v", left, err)
	}
}

// run starts the program and waits for its end.
func (p *program) run(t *testing.T, within time.Duration) *program {
	t.Helper()
	p.start(t, within)
	p.wait(t)
	return p
}

// code is the exit code; 128 and its number after a signal that ended the program.
func (p *program) code() int {
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return p.cmd.ProcessState.ExitCode()
}

// told is what it printed, shortened for messages.
func (p *program) told() string {
	return fmt.Sprintf("exit %d after %s\nstdout: %s\nstderr: %s", p.code(), p.took.Round(10*time.Millisecond), excerpt(p.stdout.String()), excerpt(p.stderr.String()))
}

// runID is the id of the only run that it began; "" if it began none.
func (p *program) runID() string {
	entries, _ := os.ReadDir(p.out) // the folder may never have been made
	for _, e := range entries {
		if p.id == "" && e.IsDir() {
			p.id = e.Name()
		}
	}
	return p.id
}

// dir is the folder of that run.
func (p *program) dir() string { return filepath.Join(p.out, p.runID()) }

// control finds a control character that is not the end of a line or a tab.
func control(text string) (rune, bool) {
	for _, c := range text {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return c, true
		}
	}
	return 0, false
}

// excerpt is the beginning and the end of a text.
func excerpt(text string) string {
	const most = 1500
	if len(text) <= 2*most {
		return text
	}
	return fmt.Sprintf("%s\n[… %d bytes …]\n%s", text[:most], len(text)-2*most, text[len(text)-most:])
}

// file writes a file and is its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// long tells whether the long part is to be run, too: make attack.
func long() bool { return os.Getenv("ATTACK_LONG") != "" }

// quick is all cases in the long part, and the first n of them otherwise.
func quick[T any](all []T, n int) []T {
	if long() || len(all) <= n {
		return all
	}
	return all[:n]
}

// needServer skips a test where no server is installed.
func needServer(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
}

// needRoot skips a test that only root can do.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

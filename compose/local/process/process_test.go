package process

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
)

// started starts a shell script, and gives what it prints, a line each, and the actions that it tells of.
func started(t *testing.T, dir, script string) (p *Process, printed <-chan string, told func() []compose.Action) {
	t.Helper()
	lines := make(chan string, 16)
	var mu sync.Mutex
	var actions []compose.Action
	p, err := Start(Spec{File: "/bin/sh", Argv: []string{"sh", "-c", script}, Dir: dir,
		Log: func(r io.Reader) {
			for s := bufio.NewScanner(r); s.Scan(); {
				lines <- s.Text()
			}
			close(lines)
		},
		Tell: func(h compose.Happening) {
			mu.Lock()
			defer mu.Unlock()
			actions = append(actions, h.Action)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Kill(); err != nil {
			t.Error(err)
		}
	})
	return p, lines, func() []compose.Action {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(actions)
	}
}

// From its start to its end, all that a process prints is read, and all that happens is told in order.
func TestProcess(t *testing.T) {
	p, printed, told := started(t, t.TempDir(), "trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.01; done")
	if line := <-printed; line != "ready" {
		t.Fatalf("it prints %q", line)
	}
	if err := errors.Join(p.Freeze(), p.Thaw(), p.Thaw()); err != nil { // thawing again is fine
		t.Fatal(err)
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if line := <-printed; line != "asked" {
		t.Errorf("at its end, it prints %q", line)
	}
	if p.Alive() || p.Status() != "3" {
		t.Errorf("alive: %v; status %s, want 3", p.Alive(), p.Status())
	}
	if want := []compose.Action{compose.Started, compose.Paused, compose.Unpaused, compose.Signalled, compose.Died}; !slices.Equal(told(), want) {
		t.Errorf("told is %v, want %v", told(), want)
	}
	for verb, err := range map[string]error{"signal": p.Signal(syscall.SIGTERM), "freeze": p.Freeze()} {
		if !errors.Is(err, ErrEnded) {
			t.Errorf("%s after its end: %v", verb, err)
		}
	}
}

// A process that cannot be put where it is to be is not started, and nothing is told of it.
func TestProcessThatCannotEnter(t *testing.T) {
	nowhere := errors.New("nowhere")
	_, err := Start(Spec{File: "/bin/sh", Argv: []string{"sh"}, Dir: t.TempDir(),
		Enter: func() error { return nowhere },
		Log:   func(r io.Reader) { _, _ = io.Copy(io.Discard, r) },
		Tell:  func(h compose.Happening) { t.Errorf("told %v", h) },
	})
	if !errors.Is(err, nowhere) {
		t.Errorf("it is %v", err)
	}
}

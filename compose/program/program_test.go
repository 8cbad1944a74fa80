package program

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ask has a shell script answer.
func ask(ctx context.Context, patience time.Duration, script string) (string, error) {
	return Question{Path: "/bin/sh", Args: []string{"-c", script}, Stderr: true, Patience: patience}.Ask(ctx)
}

func TestAsk(t *testing.T) {
	const plenty = time.Minute
	for script, want := range map[string]struct{ answer, err string }{
		"echo a; echo b >&2":         {"a\nb\n", ""},
		"echo why; exit 3":           {"why\n", "exit status 3"},
		"echo head; exec yes":        {"head\ny\n", ErrTooMuch.Error()},
		"exec cat /dev/zero":         {"\x00\x00", ErrTooMuch.Error()},
		"yes & echo first; sleep 99": {"", ErrTooMuch.Error()},
	} {
		got, err := ask(t.Context(), plenty, script)
		if !strings.HasPrefix(got, want.answer) || len(got) > mostOutput || (err == nil) != (want.err == "") || err != nil && err.Error() != want.err {
			t.Errorf("%s: %.20q (%d bytes), %v", script, got, len(got), err)
		}
	}
	if out, err := (Question{Path: "/bin/sh", Args: []string{"-c", "echo a; echo b >&2"}, Patience: plenty}).Ask(t.Context()); out != "a\n" || err != nil {
		t.Errorf("without stderr: %q, %v", out, err)
	}
	if _, err := (Question{Path: "/nowhere/program", Patience: plenty}).Ask(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no program: %v", err)
	}
}

// A program that hangs is killed with the children that it has, and so is one when the
// context ends. One that ends itself leaves none behind.
func TestAskKillsTheGroup(t *testing.T) {
	child := func(ctx context.Context, patience time.Duration, then string) error {
		pidFile := filepath.Join(t.TempDir(), "pid")
		_, err := ask(ctx, patience, "sleep 600 & echo $! >"+pidFile+then)
		text, readErr := os.ReadFile(pidFile)
		pid, atoiErr := strconv.Atoi(strings.TrimSpace(string(text)))
		if readErr != nil || atoiErr != nil {
			t.Fatal(readErr, atoiErr)
		}
		for syscall.Kill(pid, 0) == nil && !zombie(pid) {
			time.Sleep(time.Millisecond) // its end is on the way; without it, the test's time is up
		}
		return err
	}
	hangs := func(ctx context.Context, patience time.Duration) error { return child(ctx, patience, "; wait") }
	if err := child(t.Context(), time.Minute, ""); err == nil { // it holds the output open
		t.Error("no error of an answer without an end")
	}
	if err := hangs(t.Context(), time.Second); err == nil || err.Error() != "it did not end within 1s" {
		t.Errorf("impatient: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := hangs(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("interrupted: %v", err)
	}
}

// zombie tells whether a process has ended and nobody has waited for it.
func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && bytes.Contains(stat, []byte(") Z "))
}

func TestTailKeepsTheEnd(t *testing.T) {
	var tail Tail
	for i := range 200_000 {
		if _, err := tail.Write([]byte(strconv.Itoa(i) + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if got := tail.String(); len(got) != mostTail || !strings.HasSuffix(got, "\n199998\n199999\n") || cap(tail.kept) > 4*mostTail {
		t.Errorf("%d bytes, in %d, with the end %.20q", len(got), cap(tail.kept), got[len(got)-20:])
	}
	if _, err := tail.Write(bytes.Repeat([]byte("x"), 3*mostTail)); err != nil || tail.String() != strings.Repeat("x", mostTail) {
		t.Errorf("one long write: %v", err)
	}
}

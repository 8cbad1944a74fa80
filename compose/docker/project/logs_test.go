package project

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

func TestLines(t *testing.T) {
	var got []string
	l := NewLines(7001, 12, func(line compose.LogLine) { got = append(got, line.Text) })
	const at = "27 Nov 2026 02:44:43.598"
	for _, text := range []string{
		"11:M " + at + " * Ready to accept connections", // of another server
		"12:M " + at + " * Ready to accept connections",
		"a line of the supervisor",
		"30:C " + at + " # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
		"31:C " + at + " * DB saved on disk", // of a process that ends soon
		"30:M " + at + " * Running mode=cluster, port=7001.",
		"30:S " + at + " * Connecting to MASTER",
		"32:M " + at + " * Running mode=cluster, port=7002.",
	} {
		l.Add(compose.LogLine{Text: text})
	}
	want := []string{"12:M " + at + " * Ready to accept connections", "30:C " + at + " # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
		"30:M " + at + " * Running mode=cluster, port=7001.", "30:S " + at + " * Connecting to MASTER"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestWrittenAt(t *testing.T) {
	read := time.Date(2026, 11, 27, 2, 44, 45, 0, time.UTC)
	for line, want := range map[string]time.Time{
		"12:M 27 Nov 2026 02:44:43.598 * Ready": read.Add(-1402 * time.Millisecond),
		"12:M 27 Nov 2026 08:14:43.598 * Ready": read.Add(-1402 * time.Millisecond), // +05:30
		"12:M 26 Nov 2026 21:44:43.598 * Ready": read.Add(-1402 * time.Millisecond), // -05:00
		"12:M 27 Nov 2026 02:40:43.598 * Ready": read,                               // of no zone
		"=== REDIS BUG REPORT START":            read,
	} {
		if got := writtenAt(line, read); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestFollowFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "redis.log")
	write := func(name, text string) {
		t.Helper()
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write(path, "before\n")
	ctx, cancel := context.WithCancel(t.Context())
	lines, done := make(chan string, 16), make(chan error, 1)
	go func() { done <- FollowFile(ctx, path, func(l compose.LogLine) { lines <- l.Text }) }()
	defer cancel()
	next := func(want string) {
		t.Helper()
		select {
		case got := <-lines:
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no %q", want)
		}
	}
	// Until it is open, lines are none that are written from then on.
	for opened := false; !opened; {
		write(path, "opened\n")
		select {
		case <-lines:
			opened = true
		case <-time.After(10 * time.Millisecond):
		}
	}
	for len(lines) > 0 {
		<-lines
	}
	write(path, "one\ntw")
	for got := ""; got != "one"; {
		got = <-lines
	}
	write(path, "o\n")
	next("two")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write(path, "rotated\n")
	next("rotated")
	write(path, "last\n")
	cancel()
	next("last")
	if err := <-done; err != nil {
		t.Error(err)
	}
}

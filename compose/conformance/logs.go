package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// follower collects a node's log.
type follower struct {
	s     *subject
	end   context.CancelFunc
	ended chan error

	mu    sync.Mutex
	lines []compose.LogLine
}

// follow follows a node's log until it is stopped, or the test ends.
func (s *subject) follow(name string) *follower {
	ctx, cancel := context.WithCancel(s.t.Context())
	f := &follower{s: s, end: cancel, ended: make(chan error, 1)}
	var following sync.WaitGroup
	following.Go(func() {
		f.ended <- s.Follow(ctx, name, func(line compose.LogLine) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.lines = append(f.lines, line)
		})
	})
	s.t.Cleanup(following.Wait) // the test's context has ended by then
	return f
}

// stop ends the following, and returns all that was told.
func (f *follower) stop() []compose.LogLine {
	f.s.t.Helper()
	f.end()
	f.s.must(<-f.ended)
	return f.lines
}

// await waits until a line holds text.
func (f *follower) await(text string) {
	f.s.t.Helper()
	f.s.eventually(fmt.Sprintf("the log tells %.60q", text), func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if count(f.lines, text) == 0 {
			return fmt.Errorf("not among %d lines", len(f.lines))
		}
		return nil
	})
}

// log has a node's server log a line.
func (s *subject) log(name, text string) {
	s.t.Helper()
	c := s.client(name)
	s.must(c.Eval(s.t.Context(), "redis.log(redis.LOG_WARNING, ARGV[1]); return 1", nil, text).Err())
}

// count is how many lines hold text.
func count(lines []compose.LogLine, text string) (n int) {
	for _, l := range lines {
		if strings.Contains(l.Text, text) {
			n++
		}
	}
	return n
}

// ready is what a server logs when it has started.
const ready = "Ready to accept connections"

func testFollow(t *testing.T, s *subject) {
	const name = "redis-replica-3"
	s.log(name, "before it is followed")
	f := s.follow(name)
	f.await("before it is followed")
	f.mu.Lock()
	starts := count(f.lines, ready)
	f.mu.Unlock()
	if starts == 0 {
		t.Error("the log is not told from its start")
	}
	said := []string{"before it is followed"}
	say := func(text string) {
		s.log(name, text)
		f.await(text)
		said = append(said, text)
	}
	say("live")
	s.must(s.Pause(t.Context(), name))
	s.must(s.Unpause(t.Context(), name))
	s.awaitAnswer(name)
	say("after a pause")
	for i := range 2 {
		s.log(name, fmt.Sprintf("right before kill %d", i))
		said = append(said, fmt.Sprintf("right before kill %d", i))
		s.expect(name, func() { s.must(s.Signal(t.Context(), name, "SIGKILL")) }, exited("137"))
		s.restart(name)
		say(fmt.Sprintf("after kill %d", i))
	}
	restarted := time.Now()
	s.must(s.Stop(t.Context(), name, patience))
	s.restart(name)
	say("after a stop")

	lines := f.stop()
	for _, text := range said {
		if n := count(lines, text); n != 1 {
			t.Errorf("%q is told %d times", text, n)
		}
	}
	if n := count(lines, ready); n != starts+3 {
		t.Errorf("%d starts are told, want %d", n, starts+3)
	}
	if !slices.IsSortedFunc(lines, func(a, b compose.LogLine) int { return a.Time.Compare(b.Time) }) {
		t.Error("the lines are not in order of time")
	}
	if last := lines[len(lines)-1].Time; last.Before(restarted) {
		t.Errorf("the last line is of %s, and is younger than %s", last, restarted)
	}
}

func testFollowEnds(t *testing.T, s *subject) {
	const name = "redis-replica-2"
	f := s.follow(name)
	f.await(ready)
	s.log(name, "the last line")
	live := f.stop()
	if n := count(live, "the last line"); n != 1 {
		t.Errorf("what was logged right before the end is told %d times", n)
	}
	s.log(name, "right before its death")
	s.expect(name, func() { s.must(s.Signal(t.Context(), name, "SIGKILL")) }, exited("137"))
	down := s.follow(name).stop()
	if len(down) < len(live) || !slices.EqualFunc(live, down[:len(live)], func(a, b compose.LogLine) bool {
		return a.Text == b.Text && a.Time.Equal(b.Time)
	}) {
		t.Errorf("the log of a node that is down does not begin with the %d lines that it had", len(live))
	}
	if n := count(down, "right before its death"); n != 1 {
		t.Errorf("what a node that is down logged last is told %d times", n)
	}
	s.restart(name)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	told := 0
	s.must(s.Follow(gone, name, func(compose.LogLine) { told++ }))
	if told < len(down) {
		t.Errorf("%d lines are told after the end of the context, and there are %d", told, len(down))
	}
}

func testFollowAnything(t *testing.T, s *subject) {
	const name = "redis-replica-1"
	f := s.follow(name)
	for _, text := range []string{
		"bytes \x01\x1b[31m\xff\xfe",
		"\nshort\n\n",
		"long " + strings.Repeat("x", 1<<20),
		"2026-11-22T11:04:01.123456789Z not the line's time",
	} {
		s.log(name, text)
	}
	s.log(name, "the end")
	f.await("the end")
	lines := f.stop()
	for text, want := range map[string]int{
		"bytes \x01\x1b[31m": 1, // Docker replaces what is not UTF-8
		"short":              1,
		"long xxx":           1,
		"2026-11-22T11:04:01.123456789Z not the line's time": 1,
		"xxx": 1, // the rest of a long line is no line of its own
	} {
		if n := count(lines, text); n != want {
			t.Errorf("%q is told %d times, want %d", text, n, want)
		}
	}
	for _, l := range lines {
		if strings.Contains(l.Text, "long xxx") {
			if len(l.Text) != compose.MaxLogLine || strings.Trim(l.Text[len(l.Text)/2:], "x") != "" {
				t.Errorf("a line of more than 1 MiB is told as %d bytes", len(l.Text))
			}
		}
	}
}

func testFollowOffCluster(t *testing.T, s *subject) {
	const name = "redis-replica-1"
	f := s.follow(name)
	s.must(s.Disconnect(t.Context(), name, compose.ClusterNetwork))
	s.log(name, "off the cluster network")
	f.await("off the cluster network")
	s.must(s.Connect(t.Context(), name, compose.ClusterNetwork))
	s.log(name, "back on it")
	f.await("back on it")
	f.stop()
	s.awaitWhole()
}

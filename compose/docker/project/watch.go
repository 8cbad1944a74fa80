package project

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// Watched is a server that is not the first process of its container, so that the engine does not see what becomes of it.
type Watched struct {
	Node      string
	Container Container
	Port      int
}

const (
	// look is the time between two looks at a process, and search that between two looks for a new one, which take longer.
	look   = 10 * time.Millisecond
	search = 50 * time.Millisecond
)

// Watch tells what becomes of the process of a server on this machine, until ctx ends.
func (w Watched) Watch(ctx context.Context, tell func(compose.Happening)) {
	pid, before := Server(w.Container, w.Port), State{}
	if pid != 0 {
		before = StateOf(pid)
	}
	for {
		wait := look
		if pid == 0 {
			wait = search
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		happened := func(a compose.Action) { tell(compose.Happening{Node: w.Node, Action: a, Time: time.Now()}) }
		if pid == 0 {
			if pid = Server(w.Container, w.Port); pid != 0 {
				before = StateOf(pid)
				happened(compose.Started)
			}
			continue
		}
		now := StateOf(pid)
		switch {
		case now.Start != before.Start:
			pid = 0
			happened(compose.Died)
		case now.Stopped && !before.Stopped:
			happened(compose.Paused)
		case !now.Stopped && before.Stopped:
			happened(compose.Unpaused)
		}
		before = now
	}
}

// State is what a process is at. That of none is zero.
type State struct {
	// Start tells it from another one that has its id later: clock ticks since the machine's start.
	Start string
	// Stopped: a signal has halted it.
	Stopped bool
}

// StateOf looks at a process: proc_pid_stat(5), fields 3 and 22.
func StateOf(pid int) State {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return State{}
	}
	fields := strings.Fields(string(text)[strings.LastIndexByte(string(text), ')')+1:]) // from the third on
	const state, start = 0, 19
	if len(fields) <= start || fields[state] == "Z" {
		return State{} // it has ended
	}
	return State{Start: fields[start], Stopped: fields[state] == "T"}
}

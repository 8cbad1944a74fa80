// Package logbook keeps what the servers of a node have logged.
package logbook

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// Logbook keeps what a node's servers have logged, in memory and in a file, with
// the time at which each line arrived. It outlives the node's restarts.
type Logbook struct {
	mu    sync.Mutex
	file  *os.File
	lines []compose.LogLine
	more  chan struct{} // closed and replaced when lines grows
}

// Create makes an empty logbook with its file.
func Create(path string) (*Logbook, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &Logbook{file: file, more: make(chan struct{})}, nil
}

// Read reads lines until the end of r.
func (l *Logbook) Read(r io.Reader) {
	in := bufio.NewReader(r)
	var text []byte
	for {
		part, err := in.ReadSlice('\n')
		text = append(text, part[:min(len(part), compose.MaxLogLine-len(text))]...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if len(text) > 0 {
			l.add(compose.LogLine{Time: time.Now(), Text: string(bytes.TrimRight(text, "\r\n"))})
			text = text[:0]
		}
		if err != nil {
			return
		}
	}
}

func (l *Logbook) add(line compose.LogLine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	close(l.more)
	l.more = make(chan struct{})
	// The memory has it all the same if the disk is full.
	_, _ = fmt.Fprintf(l.file, "%s %s\n", line.Time.UTC().Format(time.RFC3339Nano), line.Text)
}

// from is the lines from the n-th on, and a channel that is closed when there
// are more.
func (l *Logbook) from(n int) ([]compose.LogLine, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines[n:]), l.more
}

// A line may take looks times lookPace from the server to the logbook. They are
// counted one by one, because this process may stand still for as long as all of them,
// and what was logged meanwhile has yet to be read.
const (
	looks    = 10
	lookPace = 5 * time.Millisecond
)

// Follow tells all lines, and goes on with what is added until ctx ends.
func (l *Logbook) Follow(ctx context.Context, tell func(compose.LogLine)) {
	told := 0
	catchUp := func() <-chan struct{} {
		lines, more := l.from(told)
		for _, line := range lines {
			tell(line)
		}
		told += len(lines)
		return more
	}
	for ctx.Err() == nil {
		select {
		case <-catchUp():
		case <-ctx.Done():
		}
	}
	for range looks {
		time.Sleep(lookPace)
		catchUp()
	}
}

// LastWords is the last few lines, for an error message.
func (l *Logbook) LastWords() string {
	const few = 8
	var words strings.Builder
	lines, _ := l.from(0)
	for _, line := range lines[max(0, len(lines)-few):] {
		if line.Text != "" {
			words.WriteString("\n  " + line.Text)
		}
	}
	if words.Len() == 0 {
		return " nothing"
	}
	return words.String()
}

// Close closes the file; closing it again is fine.
func (l *Logbook) Close() error {
	if err := l.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

package local

import (
	"bufio"
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

// logbook keeps what a node's servers have logged, in memory and in a file, with
// the time at which each line arrived. It outlives the node's restarts.
type logbook struct {
	mu    sync.Mutex
	file  *os.File
	lines []compose.LogLine
}

func createLogbook(path string) (*logbook, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &logbook{file: file}, nil
}

// take reads lines until the end of r.
func (l *logbook) take(r io.Reader) {
	in := bufio.NewReader(r)
	for {
		text, err := in.ReadString('\n')
		if text != "" {
			l.add(compose.LogLine{Time: time.Now(), Text: strings.TrimRight(text, "\r\n")})
		}
		if err != nil {
			return
		}
	}
}

func (l *logbook) add(line compose.LogLine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	// The memory has it all the same if the disk is full.
	_, _ = fmt.Fprintf(l.file, "%s %s\n", line.Time.UTC().Format(time.RFC3339Nano), line.Text)
}

func (l *logbook) all() []compose.LogLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// lastWords is the last few lines, for an error message.
func (l *logbook) lastWords() string {
	const few = 8
	var words strings.Builder
	lines := l.all()
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

// close closes the file; closing it again is fine.
func (l *logbook) close() error {
	if err := l.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

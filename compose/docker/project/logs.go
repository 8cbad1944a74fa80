package project

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// filePause is the time between two looks at a log file.
const filePause = 50 * time.Millisecond

// FollowFile tells the lines that are written to a log file from now on, until ctx ends. It is opened anew where it was
// replaced or cut short, as by a rotation.
func FollowFile(ctx context.Context, path string, tell func(compose.LogLine)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { file.Close() }()
	if _, err := file.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	var rest []byte // of a line that has not ended
	for {
		ended := ctx.Err() != nil // what is there by now is read all the same
		text, err := io.ReadAll(file)
		if err != nil {
			return err
		}
		rest = append(rest, text...)
		for {
			line, after, whole := bytes.Cut(rest, []byte("\n"))
			if !whole {
				break
			}
			rest = after
			line = line[:min(len(line), compose.MaxLogLine)]
			tell(compose.LogLine{Time: writtenAt(string(line), time.Now()), Text: string(bytes.TrimRight(line, "\r"))})
		}
		if ended {
			return nil
		}
		if len(text) == 0 && replaced(file, path) {
			again, err := os.Open(path)
			switch {
			case err == nil:
				file.Close()
				file, rest = again, nil
				continue
			case !errors.Is(err, fs.ErrNotExist):
				return err
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(filePause):
		}
	}
}

// replaced tells whether what is at a path by now is another file than the one that is read, or shorter than was read.
func replaced(file *os.File, path string) bool {
	now, err := os.Stat(path)
	if err != nil {
		return false
	}
	read, err := file.Stat()
	at, failed := file.Seek(0, io.SeekCurrent)
	return err == nil && failed == nil && (!os.SameFile(now, read) || now.Size() < at)
}

// stamp is what a server begins a line with: its process, its role and the time of its zone.
var stamp = regexp.MustCompile(`^(\d+):[A-Z] (\d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3}) `)

// writtenAt is when a line was written that was read just now: by its own time, if that is of this moment in some zone.
func writtenAt(line string, read time.Time) time.Time {
	const zones, late = 15 * time.Minute, 10 * time.Second
	m := stamp.FindStringSubmatch(line)
	if m == nil {
		return read
	}
	said, err := time.Parse("02 Jan 2006 15:04:05.000", m[2])
	if err != nil {
		return read
	}
	at := said.Add(read.Sub(said).Round(zones))
	if read.Sub(at).Abs() > late {
		return read
	}
	return at
}

// startLine is what a server logs when it starts, with the port that it listens on.
var startLine = regexp.MustCompile(`Running mode=\w+, port=(\d+)\.`)

// Lines picks those of one server from what several put out together: by the processes that they begin with, which tell
// their ports when they start.
type Lines struct {
	port int
	tell func(compose.LogLine)
	// ports are those of processes, and waiting the lines of those that have not told theirs.
	ports   map[string]int
	waiting map[string][]compose.LogLine
}

// mostWaiting is how many lines a process may log before it tells its port: others, such as those that rewrite files,
// never do.
const mostWaiting = 32

// NewLines picks the lines of the server on a port, whose process has an id at the moment in the container.
func NewLines(port, pid int, tell func(compose.LogLine)) *Lines {
	return &Lines{port: port, tell: tell, ports: map[string]int{strconv.Itoa(pid): port}, waiting: map[string][]compose.LogLine{}}
}

// Add takes a line in.
func (l *Lines) Add(line compose.LogLine) {
	m := stamp.FindStringSubmatch(line.Text)
	if m == nil {
		return
	}
	process := m[1]
	if started := startLine.FindStringSubmatch(line.Text); started != nil {
		l.ports[process], _ = strconv.Atoi(started[1])
		for _, before := range l.waiting[process] {
			l.pick(process, before)
		}
		delete(l.waiting, process)
	}
	if _, known := l.ports[process]; !known {
		if len(l.waiting[process]) < mostWaiting {
			l.waiting[process] = append(l.waiting[process], line)
		}
		return
	}
	l.pick(process, line)
}

func (l *Lines) pick(process string, line compose.LogLine) {
	if l.ports[process] == l.port {
		l.tell(line)
	}
}

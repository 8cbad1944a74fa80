package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"path"
	"path/filepath"
	"strconv"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker/project"
)

const (
	// logRetry is the time between two looks at a container that has ended, or
	// whose log could not be read.
	logRetry = 100 * time.Millisecond
	// logSettle is how long a line may take from the server to the engine's log.
	logSettle = 250 * time.Millisecond
	// logCatchUp bounds the last reading of a log, after the end of following it.
	logCatchUp = 30 * time.Second
	// logOverlap is how far a new reading goes back: the engine's clock may have
	// been set back in the meantime.
	logOverlap = 10 * time.Second
)

// Follow implements compose.Cluster. The engine ends a log that is followed when the
// container ends; reading goes on where it was when the container runs again.
func (d *Cluster) Follow(ctx context.Context, node string, tell func(compose.LogLine)) error {
	s := d.sites[node]
	if s != nil && s.logfile != "" {
		return wrap("reading the log of", node, d.followFile(ctx, s, tell))
	}
	if s != nil && s.shared {
		tell = project.NewLines(s.port, s.pid, tell).Add
	}
	log := newLogReader(d.engine, d.containers[node], tell)
	if s != nil { // it may have run for months
		log.last = d.found
	}
	for ctx.Err() == nil {
		err := log.read(ctx, true)
		if errdefs.IsNotImplemented(err) || errdefs.IsNotFound(err) {
			return wrap("reading the log of", node, err)
		}
		if err := d.awaitRunning(ctx, node); err != nil {
			return wrap("reading the log of", node, err)
		}
	}
	// What was logged last may have been on its way, and following an engine's
	// rotating log can miss lines that reading it finds.
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), logCatchUp)
	defer cancel()
	time.Sleep(logSettle)
	return wrap("reading the log of", node, log.read(clean, false))
}

// followFile tells what a server logs to a file of its own.
func (d *Cluster) followFile(ctx context.Context, s *site, tell func(compose.LogLine)) error {
	if why := d.engine.cannotFile(); why != "" {
		return fmt.Errorf("its server logs to the file %s: %s", s.logfile, why)
	}
	info, err := d.engine.ContainerInspect(context.WithoutCancel(ctx), s.container.ID)
	if err != nil {
		return err
	}
	target := s.logfile
	if !path.IsAbs(target) {
		target = path.Join(s.data, target)
	}
	at, mounted := hostPath(info.Mounts, target)
	switch {
	case mounted:
	case s.shared:
		at = filepath.Join("/proc", strconv.Itoa(s.container.PID), "root", target)
	default:
		return fmt.Errorf("its server logs to the file %s, which is on no volume", target)
	}
	return project.FollowFile(ctx, at, tell)
}

// awaitRunning waits a moment, and then until a node's container runs or ctx
// ends. Only a container that is gone is an error.
func (d *Cluster) awaitRunning(ctx context.Context, node string) error {
	look := time.NewTicker(logRetry)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		info, err := d.engine.ContainerInspect(ctx, d.containers[node])
		if errdefs.IsNotFound(err) {
			return err
		}
		if err == nil && info.State != nil && info.State.Running {
			return nil
		}
	}
}

// logEngine is what a logReader needs of an engine.
type logEngine interface {
	ContainerLogs(ctx context.Context, container string, options container.LogsOptions) (io.ReadCloser, error)
}

// logReader tells a container's log line by line, each line once, however often
// the reading starts anew.
type logReader struct {
	engine    logEngine
	container string
	tell      func(compose.LogLine)
	last      time.Time // of the last line told

	// A new reading begins a little before where the last one ended, and the
	// engine tells lines again when it begins a new file of a log that is
	// followed. The lines told lately are remembered for that, in a ring.
	seed   maphash.Seed
	known  map[logKey]bool
	recent []logKey
	next   int // where the ring goes on, and so its oldest line once it is full
	newest int64
}

// logKey stands for a line: its time in ns, and a hash of its text.
type logKey struct {
	at   int64
	text uint64
}

// logMemory is how many lines are remembered.
const logMemory = 4096

func newLogReader(e logEngine, container string, tell func(compose.LogLine)) *logReader {
	return &logReader{engine: e, container: container, tell: tell, seed: maphash.MakeSeed(), known: map[logKey]bool{}}
}

// read tells the lines that have not been told yet. With follow, it goes on
// until the container or ctx ends.
func (l *logReader) read(ctx context.Context, follow bool) error {
	options := container.LogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: follow}
	if !l.last.IsZero() {
		since := l.last.Add(-logOverlap)
		options.Since = fmt.Sprintf("%d.%09d", since.Unix(), since.Nanosecond())
	}
	stream, err := l.engine.ContainerLogs(ctx, l.container, options)
	if err != nil {
		return err
	}
	defer stream.Close()
	// Each stream has its own lines.
	_, err = stdcopy.StdCopy(&logFrames{add: l.add}, &logFrames{add: l.add}, stream)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (l *logReader) add(line compose.LogLine) {
	key := logKey{line.Time.UnixNano(), maphash.String(l.seed, line.Text)}
	if l.told(key) {
		return
	}
	if len(l.recent) < logMemory {
		l.recent = append(l.recent, key)
	} else {
		delete(l.known, l.recent[l.next])
		l.recent[l.next] = key
		l.next = (l.next + 1) % logMemory
	}
	l.known[key] = true
	l.newest, l.last = max(l.newest, key.at), line.Time
	l.tell(line)
}

// told is whether a line has been told already. One that is merely older than
// another may be new: clocks can be set back.
func (l *logReader) told(key logKey) bool {
	if key.at > l.newest {
		return false
	}
	full := len(l.recent) == logMemory
	return l.known[key] || full && key.at < l.recent[l.next].at
}

// logFrames puts lines together from the frames of a log. A frame is one Write:
// a timestamp and the text of a line, or a part of it where the line is long.
// What the container did not end with a newline is not a line yet.
type logFrames struct {
	add  func(compose.LogLine)
	line []byte
	at   time.Time
	open bool // line has begun
}

// Write implements io.Writer.
func (f *logFrames) Write(frame []byte) (int, error) {
	stamp, text, _ := bytes.Cut(frame, []byte(" "))
	at, err := time.Parse(time.RFC3339Nano, string(stamp))
	if err != nil {
		return 0, fmt.Errorf("the engine's log has a line without a timestamp: %.60q", frame)
	}
	if !f.open {
		f.open, f.at, f.line = true, at, f.line[:0]
	}
	text, ended := bytes.CutSuffix(text, []byte("\n"))
	f.line = append(f.line, text[:min(len(text), compose.MaxLogLine-len(f.line))]...)
	if ended {
		f.open = false
		f.add(compose.LogLine{Time: f.at, Text: string(bytes.TrimRight(f.line, "\r"))})
	}
	return len(frame), nil
}

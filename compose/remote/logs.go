package remote

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// logFile is the file that a server logs to.
type logFile struct {
	path string // "" if there is none
	// from is how long it was when the cluster was found.
	from int64
}

// begin takes in a file, if it can be read.
func (l *logFile) begin(path string) {
	file, err := os.Open(path)
	if err != nil {
		return
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		l.path, l.from = path, info.Size()
	}
}

// logPace is the time between two looks at a file that nothing was added to.
const logPace = 20 * time.Millisecond

// follow tells what is added to the file until ctx ends, and then what was by then.
func (l *logFile) follow(ctx context.Context, tell func(compose.LogLine)) error {
	file, err := os.Open(l.path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Seek(l.from, io.SeekStart); err != nil {
		return err
	}
	in := bufio.NewReaderSize(file, compose.MaxLogLine)
	var text []byte
	for last := false; ; {
		part, err := in.ReadSlice('\n')
		text = append(text, part[:min(len(part), compose.MaxLogLine-len(text))]...)
		switch {
		case err == nil:
			tell(compose.LogLine{Time: time.Now(), Text: string(bytes.TrimRight(text, "\r\n"))})
			text = text[:0]
		case errors.Is(err, bufio.ErrBufferFull):
		case !errors.Is(err, io.EOF):
			return err
		case last:
			return nil
		default:
			select {
			case <-ctx.Done():
				last = true
			case <-time.After(logPace):
			}
		}
	}
}

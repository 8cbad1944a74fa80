package parse

import (
	"context"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// ReadSource reads the file of a scenario: a regular one, or a pipe, as a shell's <(…)
// is. It reads no more than a scenario can have, and ends with ctx.
func ReadSource(ctx context.Context, path string) ([]byte, error) {
	// Without O_NONBLOCK, opening a pipe that nobody writes to does not return.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	switch mode := info.Mode(); {
	case mode.IsRegular(), mode&os.ModeNamedPipe != 0:
	case mode.IsDir():
		return nil, fmt.Errorf("%s is a folder; name a scenario file in it", path)
	default:
		return nil, fmt.Errorf("%s is a device; name a file", path)
	}
	defer context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Now()) })()
	const (
		tooMuch  = document.MaxSize + 1 // of which the parser says so
		patience = 10 * time.Second
		pause    = 20 * time.Millisecond
	)
	for begun := time.Now(); ; time.Sleep(pause) {
		data, err := io.ReadAll(io.LimitReader(file, tooMuch))
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("reading %s: %w", path, ctx.Err())
		case err != nil:
			return nil, fmt.Errorf("reading %s: %w", path, err)
		case len(data) > 0 || info.Mode().IsRegular():
			return data, nil
		case time.Since(begun) > patience: // until then, who is to write may not have opened it
			return nil, fmt.Errorf("reading %s: nothing was written to this pipe within %v", path, patience)
		}
	}
}

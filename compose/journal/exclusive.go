package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockRetry is the time between two tries to lock.
const lockRetry = 50 * time.Millisecond

// Exclusive waits until no other run of the same journal, of whatever process, is at what one run does
// at a time, and keeps them from it until done. It calls waiting, once, if that takes any time.
func (j Journal[T]) Exclusive(ctx context.Context, waiting func()) (done func(), err error) {
	file, err := os.OpenFile(filepath.Join(j.dir, "turn"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("taking turns with other runs: %w", err)
	}
	for told := false; ; {
		err := flock(file, syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("taking turns with other runs: locking %s: %w", file.Name(), err), file.Close())
		}
		if !told {
			told = true
			waiting()
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, ctx.Err()
		case <-time.After(lockRetry):
		}
	}
}

package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"
)

// Running lists the processes that run a program in one of the folders, and what those have started.
func Running(folders []string, program string) ([]int, error) {
	return find(program, func(dir string) bool { return slices.Contains(folders, dir) })
}

// EndAll kills what Running lists, until there is nothing more.
func EndAll(ctx context.Context, folders []string, program string) error {
	for {
		pids, err := Running(folders, program)
		if err != nil {
			return fmt.Errorf("looking for processes of the run: %w", err)
		}
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("killing process %d: %w", pid, err)
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for processes %v to end: %w", pids, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

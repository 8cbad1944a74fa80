package proc

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// FileLimit is the soft limit of a process's file descriptors: RLIMIT_NOFILE of getrlimit(2), which is one more
// than the largest number that a new one can have.
func FileLimit(pid int) (uint64, error) {
	var now unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &now); err != nil {
		return 0, fmt.Errorf("asking how many files process %d can open: %w", pid, err)
	}
	return now.Cur, nil
}

// SetFileLimit sets the soft limit. What is open beyond it stays open.
func SetFileLimit(pid int, soft uint64) error {
	var now unix.Rlimit
	err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &now)
	if err == nil && now.Cur != soft {
		err = unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: soft, Max: now.Max}, nil)
	}
	if err != nil {
		return fmt.Errorf("letting process %d open files up to number %d: %w", pid, soft, err)
	}
	return nil
}

// LimitFor is the soft limit by which a process can open so many more files, and no others until it closes one.
func LimitFor(pid, more int) (uint64, error) {
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return 0, fmt.Errorf("looking at the open files of process %d: %w", pid, err)
	}
	used := map[int]bool{}
	for _, file := range open {
		if number, err := strconv.Atoi(file.Name()); err == nil {
			used[number] = true
		}
	}
	limit := 0
	for ; used[limit] || more > 0; limit++ {
		if !used[limit] {
			more--
		}
	}
	return uint64(limit), nil
}

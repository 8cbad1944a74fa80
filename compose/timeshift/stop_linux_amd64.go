package timeshift

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose/local/thread"
)

const (
	// patience is how long threads may take to stop: those that are frozen do not.
	patience = time.Second
	// pause is the time between two looks.
	pause = 100 * time.Microsecond
)

// whileStopped calls f while all threads of a process are stopped, and none of them is at an address that busy has.
// The kernel lets them go whatever becomes of this process.
func whileStopped(ctx context.Context, pid int, busy func(address uint64) bool, f func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return thread.Run(func() error { // only the thread that traces one can let it go, and does when it ends
		for {
			done, err := once(ctx, pid, busy, f)
			if done || err != nil {
				return err
			}
			if err := sleep(ctx); err != nil {
				return fmt.Errorf("waiting until no thread is about to ask for the time: %w", err)
			}
		}
	})
}

// once is whileStopped as the threads are now.
func once(ctx context.Context, pid int, busy func(address uint64) bool, f func() error) (done bool, err error) {
	stopped := map[int]unix.Signal{} // with the signal that each was about to take
	defer func() {
		for tid, signal := range stopped {
			_, _, failed := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_DETACH, uintptr(tid), 0, uintptr(signal), 0, 0)
			if failed != 0 && failed != unix.ESRCH { // which it may have ended by
				err = errors.Join(err, fmt.Errorf("letting thread %d go: %w", tid, failed))
			}
		}
	}()
	for more := true; more; {
		threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			return false, err
		}
		more = false
		for _, t := range threads {
			tid, err := strconv.Atoi(t.Name())
			if _, known := stopped[tid]; known || err != nil {
				continue
			}
			signal, err := stop(ctx, tid)
			if errors.Is(err, unix.ESRCH) {
				continue // it has ended
			}
			if err != nil {
				return false, fmt.Errorf("stopping thread %d: %w", tid, err)
			}
			stopped[tid], more = signal, true
		}
	}
	for tid := range stopped {
		var registers unix.PtraceRegs
		err := unix.PtraceGetRegs(tid, &registers)
		if errors.Is(err, unix.ESRCH) {
			continue // it was killed
		}
		if err != nil {
			return false, fmt.Errorf("reading the registers of thread %d: %w", tid, err)
		}
		if busy(registers.PC()) {
			return false, nil
		}
	}
	return true, f()
}

// stop stops a thread, and says which signal it was about to take; 0 if none.
func stop(ctx context.Context, tid int) (unix.Signal, error) {
	if err := unix.PtraceSeize(tid); err != nil {
		return 0, err
	}
	if err := unix.PtraceInterrupt(tid); err != nil {
		return 0, err
	}
	for {
		// The head of siginfo_t for SIGCHLD, as the kernel has it on machines of 64 bits. That the process has
		// ended is not asked for: it would be taken from who started it.
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, tid, &info, unix.WSTOPPED|unix.WNOHANG|unix.WALL, nil)
		child := (*struct {
			_      [3]int32
			_      int32
			pid    int32
			uid    uint32
			status int32
		})(unsafe.Pointer(&info))
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.ECHILD):
			return 0, unix.ESRCH
		case err != nil:
			return 0, err
		case child.pid == int32(tid):
			const signals = 0xff // above it is an event of ptrace(2)
			if child.status>>8 != 0 {
				return 0, nil
			}
			return unix.Signal(child.status & signals), nil
		}
		if err := sleep(ctx); err != nil {
			return 0, fmt.Errorf("it goes on, as what is frozen does: %w", err)
		}
	}
}

func sleep(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

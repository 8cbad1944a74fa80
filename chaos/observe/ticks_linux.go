package observe

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// ticks wakes one goroutine at a fixed pace. It is a timerfd, because to wake for a
// timer of Go's runtime starts a second thread each time, which costs as much again.
type ticks struct{ file *os.File }

func newTicks(pace time.Duration) (*ticks, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("making a timer: %w", err)
	}
	file := os.NewFile(uintptr(fd), "timer")
	every := unix.NsecToTimespec(int64(pace))
	if err := unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Interval: every, Value: every}, nil); err != nil {
		file.Close()
		return nil, fmt.Errorf("setting a timer to %s: %w", pace, err)
	}
	return &ticks{file}, nil
}

// wait waits for the next tick, or for close. Ticks that nobody waited for are not
// made up for.
func (t *ticks) wait() {
	var count [8]byte
	_, _ = t.file.Read(count[:])
}

func (t *ticks) close() { t.file.Close() }

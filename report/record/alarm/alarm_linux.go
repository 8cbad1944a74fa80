package alarm

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// exactTimer is a timerfd, which is read like a connection. It is made by hand, as no library has one that
// Go's runtime waits for.
type exactTimer struct {
	fd   int
	file *os.File
}

func newExactTimer() (*exactTimer, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("making a timer: %w", err)
	}
	return &exactTimer{fd, os.NewFile(uintptr(fd), "timer")}, nil
}

// sleep waits; false if the timer was cancelled first.
func (t *exactTimer) sleep(d time.Duration) bool {
	in := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(max(d, 1)))} // 0 would turn it off
	if err := unix.TimerfdSettime(t.fd, 0, &in, nil); err != nil {
		return false
	}
	var count [8]byte
	_, err := t.file.Read(count[:])
	return err == nil
}

// cancel ends the sleep that is going on, and all later ones.
func (t *exactTimer) cancel() { _ = t.file.SetReadDeadline(time.Unix(1, 0)) }

func (t *exactTimer) close() { t.file.Close() }

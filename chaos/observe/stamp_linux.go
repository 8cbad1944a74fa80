package observe

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
)

// stampArrivals has the kernel stamp what a socket receives. Without it, what is
// received has the time at which it is looked at.
func stampArrivals(fd int) { _ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) }

// arrival is the moment that a control message tells, on this program's
// monotonic clock; now, if there is none.
func arrival(control []byte) time.Time {
	now := time.Now()
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return now
	}
	for _, m := range messages {
		if m.Header.Level != unix.SOL_SOCKET || m.Header.Type != unix.SO_TIMESTAMPNS || len(m.Data) != 16 {
			continue
		}
		stamp := time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:])))
		// The stamp is wall time, and at most a few ticks old: its age is what is
		// taken from the monotonic clock, unless the wall clock was set meanwhile.
		if age := now.Round(0).Sub(stamp); age > 0 && age < time.Minute {
			return now.Add(-age)
		}
	}
	return now
}

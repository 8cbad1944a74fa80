package process

import (
	"errors"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// awaitExit returns when a child has ended, and leaves it to be waited for, so
// that its id is not given to another process yet. A child that this process traces is seen
// each time that it stops, too, as Linux does whatever is asked for.
func awaitExit(cmd *exec.Cmd) {
	const (
		stopped = 4 // CLD_TRAPPED of sigaction(2); above it are CLD_STOPPED and CLD_CONTINUED
		pause   = time.Millisecond
	)
	for {
		var is unix.Siginfo
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, &is, unix.WEXITED|unix.WNOWAIT, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err == nil && is.Code >= stopped:
			time.Sleep(pause)
		default:
			return
		}
	}
}

package process

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is how much CPU time a process has used, all its threads, by its own clock
// (clock_getcpuclockid(3)).
func cpuTime(pid int) (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED, of a whole process
	var used unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduled), &used); err != nil {
		return 0, fmt.Errorf("asking for the CPU time of process %d: %w", pid, err)
	}
	return time.Duration(used.Nano()), nil
}

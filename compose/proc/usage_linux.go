package proc

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// UsageOf is that of all threads that a process has, of /proc/PID/task/TID/schedstat
// (https://docs.kernel.org/scheduler/sched-stats.html).
func UsageOf(pid int) (all Usage, err error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err == nil && len(threads) == 0 {
		err = os.ErrNotExist
	}
	for _, path := range threads {
		var text []byte
		if text, err = os.ReadFile(path); err != nil {
			break
		}
		var ran, waited time.Duration
		if _, err = fmt.Sscan(string(text), &ran, &waited); err != nil {
			break
		}
		all.Ran += ran
		all.Waited += waited
	}
	if err != nil {
		return Usage{}, fmt.Errorf("reading how long process %d ran: %w", pid, err)
	}
	return all, nil
}

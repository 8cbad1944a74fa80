package local

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// processesOf lists the processes that run a program in a folder that in
// accepts. A server overwrites its command line and environment with a title of
// its own; its program and current folder stay.
func processesOf(program string, in func(dir string) bool) ([]int, error) {
	const deleted = " (deleted)" // what proc(5) adds to the name of what is gone
	all, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, entry := range all {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		// Other users' processes cannot be read, and those that end vanish.
		dir, err := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd"))
		if err != nil || !in(strings.TrimSuffix(dir, deleted)) {
			continue
		}
		exe, err := os.Readlink(filepath.Join("/proc", entry.Name(), "exe"))
		if err == nil && strings.TrimSuffix(exe, deleted) == program {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

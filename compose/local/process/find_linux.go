package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// find lists the processes that run a program in a folder that in accepts, and
// those whose environment says that they come from one. A server overwrites its command
// line and environment with a title of its own; its program and current folder stay. What a
// server has started may run any other program, in a session of its own.
func find(program string, in func(dir string) bool) ([]int, error) {
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
		if dir := origin(entry.Name()); dir != "" && in(dir) {
			pids = append(pids, pid)
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

// origin is the folder of the node that a process comes from, by its environment; "" if it
// comes from none.
func origin(pid string) string {
	environment, err := os.ReadFile(filepath.Join("/proc", pid, "environ"))
	if err != nil {
		return "" // another user's, or gone
	}
	for variable := range bytes.SplitSeq(environment, []byte{0}) {
		if dir, ok := bytes.CutPrefix(variable, []byte(originEnv+"=")); ok {
			return string(dir)
		}
	}
	return ""
}

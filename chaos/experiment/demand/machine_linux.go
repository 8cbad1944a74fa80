package demand

import (
	"bytes"
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// ThisMachine reads what this machine and the control groups of this process leave.
func ThisMachine() Machine { return readMachine(os.DirFS("/")) }

// readMachine reads it from a file system with /proc and /sys. What cannot be read is no
// limit.
func readMachine(root fs.FS) Machine {
	m := unlimited()
	if kib, ok := numberOf(root, "proc/meminfo", "MemAvailable:"); ok {
		m.Available = kib * 1024
	}
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return m
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3) // number, controllers, path
		if len(fields) < 3 {
			continue
		}
		switch {
		case fields[1] == "" && fields[0] == "0":
			m.Allowed = min(m.Allowed, left(root, []string{"sys/fs/cgroup", "sys/fs/cgroup/unified"}, fields[2], "memory.max", "memory.current", "inactive_file"))
		case strings.Contains(","+fields[1]+",", ",memory,"):
			m.Allowed = min(m.Allowed, left(root, []string{"sys/fs/cgroup/memory"}, fields[2], "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"))
		}
	}
	return m
}

// ticksPerSecond is the unit of /proc/stat, USER_HZ of every architecture that Go runs on.
const ticksPerSecond = 100

// BusySeconds is for how long the processors of this machine have been busy since it
// started, in seconds of one core; not ok where that cannot be told.
func BusySeconds() (seconds float64, ok bool) { return busySeconds(os.DirFS("/")) }

// busySeconds reads the first line of /proc/stat: all times but idle and iowait, and but for
// those of guests, which are in user and nice as well (proc(5)).
func busySeconds(root fs.FS) (seconds float64, ok bool) {
	text, err := fs.ReadFile(root, "proc/stat")
	if err != nil {
		return 0, false
	}
	line, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, false
	}
	const idle, iowait, guest = 4, 5, 9
	for i, field := range fields[1:min(len(fields), guest)] {
		ticks, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			return 0, false
		}
		if i+1 != idle && i+1 != iowait {
			seconds += float64(ticks) / ticksPerSecond
		}
	}
	return seconds, true
}

// left is the least that a control group or one above it leaves. Of what it has used, the
// kernel takes back pages of files that have not been used lately. In a container, the
// path can be that of the host, and is not there.
func left(root fs.FS, mounts []string, group, limitFile, usedFile, reclaimed string) float64 {
	least := math.Inf(1)
	for _, mount := range mounts {
		for at := path.Join(mount, group); ; at = path.Dir(at) {
			limit, hasLimit := numberOf(root, path.Join(at, limitFile), "")
			used, hasUsed := numberOf(root, path.Join(at, usedFile), "")
			if hasLimit && hasUsed {
				cache, _ := numberOf(root, path.Join(at, "memory.stat"), reclaimed)
				least = min(least, max(0, limit-used+cache))
			}
			if at == mount || len(at) < len(mount) {
				break
			}
		}
	}
	return least
}

// numberOf is the number in a file, or the one after a name at the begin of a line.
func numberOf(root fs.FS, file, name string) (float64, bool) {
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if name != "" {
			if len(fields) < 2 || fields[0] != name {
				continue
			}
			fields = fields[1:]
		}
		if len(fields) == 0 {
			return 0, false
		}
		n, err := strconv.ParseUint(fields[0], 10, 64) // "max" is none
		return float64(n), err == nil
	}
	return 0, false
}

package disk

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// killedEvery is how often a thread that got a signal is looked at: whether that kills it.
const killedEvery = 20 * time.Millisecond

// wait waits for either of two channels. It is false if there is nobody any more who waits:
// the thread is being killed, or the disk was unmounted. No other signal ends it, as
// none ends a read, a write or an fsync of a disk.
func (fs *fileSystem) wait(r request, until <-chan struct{}, timeout <-chan time.Time) bool {
	cancel := r.cancel
	var look <-chan time.Time
	for {
		select {
		case <-until:
			return true
		case <-timeout:
			return true
		case <-fs.ended:
			return false
		case <-cancel:
			cancel = nil
			ticker := time.NewTicker(killedEvery)
			defer ticker.Stop()
			look = ticker.C
		case <-look:
		}
		if cancel == nil && dies(r.thread) {
			return false
		}
	}
}

// dies says whether a thread has SIGKILL pending, which the kernel gives to each thread
// of a process that a signal ends. A thread that cannot be seen counts as dying.
func dies(thread uint32) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", thread))
	if err != nil {
		return true
	}
	const sigkill = 1 << (9 - 1)
	for line := range bytes.Lines(status) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if string(name) != "SigPnd" && string(name) != "ShdPnd" {
			continue
		}
		pending, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 16, 64)
		if err == nil && pending&sigkill != 0 {
			return true
		}
	}
	return false
}

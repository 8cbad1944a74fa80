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

// request is one of the kernel, on behalf of a thread.
type request struct {
	op      Op
	changes bool            // it is refused by a file system that is read-only
	thread  uint32          // its id, or 0 if it is in another pid namespace
	cancel  <-chan struct{} // closed when the thread gets a signal
	on      []object
}

// object is what a request is about: a node, or a name in it.
type object struct {
	id   uint64
	name string
}

package local

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// onThread runs f on an operating-system thread that is thrown away afterwards,
// so that f may change the thread's namespaces, and may start processes that
// shall die with the thread.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		if unix.Gettid() == unix.Getpid() {
			// The main thread never ends, and its namespaces are what /proc/self
			// shows. Holding it makes sure that f gets another one.
			done <- onThread(f)
			runtime.UnlockOSThread()
			return
		}
		done <- f()
	}()
	return <-done
}

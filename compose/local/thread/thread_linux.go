// Package thread runs functions on operating-system threads of their own. A thread can have
// namespaces that the others of this process have not, and the processes that it starts can end with it.
package thread

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// Run runs f on an operating-system thread that is thrown away afterwards,
// so that f may change the thread's namespaces, and may start processes that
// shall die with the thread.
func Run(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		if unix.Gettid() == unix.Getpid() {
			// The main thread never ends, and its namespaces are what /proc/self
			// shows. Holding it makes sure that f gets another one.
			done <- Run(f)
			runtime.UnlockOSThread()
			return
		}
		done <- f()
	}()
	return <-done
}

package compose

import "syscall"

// childAttributes: a process group of its own, which Ctrl-C does not reach, and an
// end when the thread that started it ends.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

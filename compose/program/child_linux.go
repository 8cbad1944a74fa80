package program

import "syscall"

// ChildAttributes are those of a child: a process group of its own, which Ctrl-C does not reach, and an
// end when the thread that started it ends.
func ChildAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

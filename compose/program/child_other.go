//go:build !linux

package program

import "syscall"

// ChildAttributes are those of a child: a process group of its own, which Ctrl-C does not reach.
func ChildAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

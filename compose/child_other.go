//go:build !linux

package compose

import "syscall"

// childAttributes: a process group of its own, which Ctrl-C does not reach.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

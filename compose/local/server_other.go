//go:build !linux

package local

import (
	"os/exec"
	"syscall"
)

// onThread needs no thread of its own where processes don't die with one.
func onThread(f func() error) error { return f() }

// processAttributes: a process group of its own, which Ctrl-C does not reach.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitExit returns when a child has ended.
func awaitExit(cmd *exec.Cmd) { _ = cmd.Wait() }

//go:build !linux

package process

import "os/exec"

// awaitExit returns when a child has ended.
func awaitExit(cmd *exec.Cmd) { _ = cmd.Wait() }

package program

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Detached is a program that goes on without this one, and is nobody's child.
type Detached struct {
	// Args are what it is called by, and its arguments.
	Args []string
	Dir  string
	// Env is its environment; none is that of this program.
	Env []string
	// Input is what it reads, and Output where it writes to.
	Input  string
	Output *os.File
	// As is whose it is; nil is whose this program is.
	As *syscall.Credential
}

// Start has a shell start the program in a session of its own, and end: whoever adopts orphans has it then. Whether the
// program begins to run is not seen.
func (d Detached) Start() error {
	const inBackground = `exec 3<&0; "$@" <&3 3<&- &` // its input would be none otherwise
	cmd := exec.Command("/bin/sh", append([]string{"-c", inBackground, "sh"}, d.Args...)...)
	cmd.Dir, cmd.Env = d.Dir, d.Env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(d.Input), d.Output, d.Output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: d.As}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("starting %s: %w", d.Args[0], err)
	}
	return nil
}

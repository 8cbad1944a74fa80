package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"syscall"
	"time"
)

// Served is a disk that a process of its own serves. A process that looks at a disk that it serves itself cannot be
// killed while it waits for the answer, which nobody gives then.
type Served struct {
	*Client
	cmd *exec.Cmd
}

var _ Disk = (*Served)(nil)

// MountElsewhere starts a command that serves a disk by its stdin and stdout, as ServeStdio does, with env beside the
// environment of this process, and has it mount one. It outlives a kill of this process for as long as it
// takes to unmount the disk.
func MountElsewhere(ctx context.Context, command, env []string, o Options) (*Served, error) {
	d, err := start(command, env)
	if err != nil {
		return nil, fmt.Errorf("starting what serves a disk (%s): %w", command, err)
	}
	if err := d.Mount(ctx, o); err != nil {
		return nil, errors.Join(err, d.end())
	}
	return d, nil
}

func start(command, env []string) (*Served, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C does not reach it
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &Served{Client: NewClient(in, out), cmd: cmd}, nil
}

// Unmount implements Disk. The process ends with it.
func (d *Served) Unmount(ctx context.Context) error {
	if d.cmd == nil {
		return nil
	}
	return errors.Join(d.Client.Unmount(ctx), d.end())
}

// end has the process unmount what is mounted, and waits for its end.
func (d *Served) end() error {
	closed := d.Close()
	err := d.cmd.Wait()
	d.cmd = nil
	if err != nil {
		return fmt.Errorf("what served the disk has ended: %w", err)
	}
	return closed
}

// toolPackage is the package of the program that serves disks by its argument ServeCommand.
const toolPackage = "github.com/redis-chaos/redis-chaos/cmd/chaos"

// ServeCommand is the command of the tool by which it serves a disk for another process of its own.
const ServeCommand = "serve-disk"

// OwnServer is the command by which this program serves disks; none if it is not the tool.
func OwnServer() []string {
	info, ok := debug.ReadBuildInfo()
	self, err := os.Executable()
	if !ok || err != nil || info.Path != toolPackage {
		return nil
	}
	return []string{self, ServeCommand}
}

// Lacks says why a command cannot serve disks here, and "" if it can, by one that it mounts and unmounts.
func Lacks(command []string) string {
	if len(command) == 0 {
		return "the file systems that such faults are set on are served by the program chaos, which this is not"
	}
	const patience = 10 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := try(ctx, command); err != nil {
		return fmt.Sprintf("the file systems that such faults are set on need FUSE (/dev/fuse) and root, on Linux: %v", err)
	}
	return ""
}

// ServeStdio is Serve by stdin and stdout.
func ServeStdio(ctx context.Context, out io.Writer) error {
	// Non-blocking, so that closing it ends a read.
	if err := syscall.SetNonblock(syscall.Stdin, true); err != nil {
		return err
	}
	return Serve(ctx, os.NewFile(uintptr(syscall.Stdin), "stdin"), out, nil)
}

func try(ctx context.Context, command []string) (err error) {
	dir, err := os.MkdirTemp("", "redis-chaos-disk-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(dir)) }()
	d, err := MountElsewhere(ctx, command, nil, Options{Below: dir, At: dir})
	if err != nil {
		return err
	}
	return d.Unmount(ctx)
}

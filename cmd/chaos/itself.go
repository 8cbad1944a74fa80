package main

import (
	"context"
	"io"
	"os"
	"runtime"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/journal"
	"github.com/redis-chaos/redis-chaos/compose/local/userns"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// inNamespaces runs the program in namespaces of its own if its nodes are to be processes of this machine and
// the user is not root, so that each node can have a network of its own. It has not run where that is not so,
// or cannot be: then the nodes share one, and what needs more is refused with the reason.
func inNamespaces(args []string) (code int, ran bool) {
	if runtime.GOOS != "linux" || os.Geteuid() == 0 {
		return 0, false
	}
	asked := runtimeAskedFor(args)
	if asked == "" || !experiment.IsLocal(context.Background(), asked) {
		return 0, false
	}
	folder, err := journal.Folder()
	if err != nil {
		return 0, false // which is told once a journal is needed
	}
	code, err = userns.Run(folder, args[1:])
	return code, err == nil
}

// withoutNamespaces are the arguments of a program that runs in namespaces as they would be outside, once
// these are set up.
func withoutNamespaces(args []string) ([]string, error) {
	const first = 3 // after the program, the command and the folder
	if len(args) < first || args[1] != userns.Command {
		return args, nil
	}
	if err := userns.SetUp(args[2]); err != nil {
		return nil, err
	}
	return append(args[:1:1], args[first:]...), nil
}

// runtimeAskedFor is the --runtime of a command; "" of one that has no such flag.
func runtimeAskedFor(args []string) (asked string) {
	app := newApp(io.Discard, io.Discard)
	for _, command := range app.Commands {
		command.Action = func(c *cli.Context) error {
			asked = c.String("runtime")
			return nil
		}
	}
	app.Action = nil
	_ = app.Run(flagsFirst(app, args)) // bad usage is told later
	return asked
}

// serveTrafficCommand is what this program is in helper containers.
func serveTrafficCommand() *cli.Command {
	return &cli.Command{
		Name:   docker.HelperCommand,
		Usage:  "change what becomes of packets in the network namespace of this process, as stdin asks; for helper containers",
		Hidden: true,
		Action: func(c *cli.Context) error {
			// Non-blocking, so that closing it ends a read.
			if err := syscall.SetNonblock(syscall.Stdin, true); err != nil {
				return err
			}
			return traffic.Serve(c.Context, os.NewFile(uintptr(syscall.Stdin), "stdin"), unfiltered(c.App.Writer))
		},
	}
}

// serveDiskCommand is what this program is that serves the data directory of a node for another one of it.
func serveDiskCommand() *cli.Command {
	return &cli.Command{
		Name:   disk.ServeCommand,
		Usage:  "serve a directory as a file system that faults are set on, as stdin asks; for chaos run",
		Hidden: true,
		Action: func(c *cli.Context) error { return disk.ServeStdio(c.Context, unfiltered(c.App.Writer)) },
	}
}

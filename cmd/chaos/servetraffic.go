package main

import (
	"os"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

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

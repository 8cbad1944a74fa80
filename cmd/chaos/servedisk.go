package main

import (
	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/compose/disk"
)

// serveDiskCommand is what this program is that serves the data directory of a node for another one of it.
func serveDiskCommand() *cli.Command {
	return &cli.Command{
		Name:   disk.ServeCommand,
		Usage:  "serve a directory as a file system that faults are set on, as stdin asks; for chaos run",
		Hidden: true,
		Action: func(c *cli.Context) error { return disk.ServeStdio(c.Context, unfiltered(c.App.Writer)) },
	}
}

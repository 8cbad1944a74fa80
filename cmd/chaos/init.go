package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
)

func initCommand() *cli.Command {
	return &cli.Command{
		Name:  "init",
		Usage: "write a scenario with comments, to be gone on from",
		Description: `chaos init                                       for a cluster that is deployed
chaos init --from docker-compose.yml             for the cluster of your compose file
chaos init --from 10.0.0.5:6379 -o my.yaml       for a cluster that runs

It changes nothing of the cluster. A password is taken from the environment (REDISCLI_AUTH), and the scenario names that variable.`,
		Flags: append([]cli.Flag{
			&cli.StringSliceFlag{Name: "from", Usage: "fit it to the cluster of a compose file, or to the one at an address; `FILE-OR-HOST:PORT`, repeatable"},
			&cli.StringFlag{Name: "o", Usage: "write it to `FILE`, not to stdout"},
			&cli.BoolFlag{Name: "force", Usage: "replace the file of -o if it is there"},
			&cli.StringFlag{Name: "name", Value: "master-kill", Usage: "`NAME` of the scenario"},
		}, accessFlags()...),
		Action: draftScenario,
	}
}

func draftScenario(c *cli.Context) error {
	if c.Args().Present() {
		return usage(fmt.Errorf("%q: chaos init takes no arguments; name a cluster by --from", c.Args().First()))
	}
	named, err := clusterNamed(c, c.StringSlice("from"))
	if err != nil {
		return err
	}
	if named.Compose != "" && len(named.Addrs) > 0 {
		return usage(errors.New("--from: a compose file and an address each say where the cluster is; give one of them"))
	}
	file := c.String("o")
	text, told, err := experiment.Draft(c.Context, c.String("name"), named, filepath.Dir(file))
	for _, what := range told {
		fmt.Fprintf(c.App.ErrWriter, "warning: %s\n", what)
	}
	switch {
	case c.Context.Err() != nil:
		return exitError{exitInterrupted, nil}
	case err != nil:
		return err
	case file == "":
		_, err := io.WriteString(c.App.Writer, text)
		return err
	}
	return writeNew(file, text, c.Bool("force"))
}

// writeNew writes a file that is not there yet, unless it is to be replaced.
func writeNew(path, text string, replace bool) error {
	how := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if replace {
		how = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(path, how, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usage(fmt.Errorf("%s is there already; give another -o, or --force to replace it", path))
	case err != nil:
		return usage(err)
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/batch"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/software"
)

const defaultOut = "chaos-runs"

func outFlag() cli.Flag {
	return &cli.StringFlag{Name: "out", Value: defaultOut, Usage: "`DIR` that receives a folder for each run"}
}

func runtimeFlag() cli.Flag {
	return &cli.StringFlag{Name: "runtime", Value: experiment.RuntimeAuto, Usage: "what runs the nodes: docker, podman, local (processes of this machine) or auto, which is the first of them that is there; `NAME`"}
}

// checkRuntime says whether --runtime names one.
func checkRuntime(c *cli.Context) error {
	if r := c.String("runtime"); !slices.Contains(experiment.Runtimes(), r) {
		return usage(fmt.Errorf("--runtime %s: known are %s", r, strings.Join(experiment.Runtimes(), ", ")))
	}
	return nil
}

func setFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "set", Usage: "override a value of the scenario, as `PATH=VALUE`; repeatable"}
}

// clusterFlags are those of every command that deploys.
func clusterFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "image", Usage: "the server's image `IMG`, over what the scenario says"},
		&cli.StringFlag{Name: "redis-server", Usage: "run the redis-server or valkey-server at `PATH`: as it is, or in an image made of it; a folder that its packages were unpacked to is run with the libraries and the loader in it"},
		&cli.IntFlag{Name: "port", Value: compose.DefaultPort, Usage: "host port `N` of the first node, on 127.0.0.1; the others follow it"},
		&cli.BoolFlag{Name: "fixed-ports", Usage: "fail if a host port is taken, instead of taking the next free one"},
	}
}

func portPolicy(c *cli.Context) (compose.PortPolicy, error) {
	first := c.Int("port")
	if first < 1 || first > 65535 {
		return compose.PortPolicy{}, usage(fmt.Errorf("--port %d: a port is 1 to 65535", first))
	}
	return compose.PortPolicy{First: first, Fixed: c.Bool("fixed-ports")}, nil
}

// checkServer says whether --redis-server names a program, or a folder with one.
func checkServer(c *cli.Context) error {
	path := c.String("redis-server")
	if path == "" {
		return nil
	}
	return checkProgram(path)
}

func checkProgram(path string) error {
	_, err := software.FindProgram(path)
	if err == nil {
		return nil
	}
	if errors.As(err, new(*exec.Error)) {
		for inner := err; inner != nil; inner = errors.Unwrap(inner) {
			err = inner // without the path, which stands before it
		}
		err = fmt.Errorf("%w; name the program, such as ./src/redis-server, or the folder that its packages were unpacked to", err)
	}
	return usage(fmt.Errorf("--redis-server %s: %w", path, err))
}

// batchFlags are those of every command that makes many runs.
func batchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "parallel", Usage: "of several runs, make `N` at once (default: as many as the machine has room for, by what the first one takes)"},
		&cli.StringFlag{Name: "reuse", Value: string(batch.ReuseAuto), Usage: "whether a cluster serves several runs: always, never, or auto, which is where that is quicker; `WHEN`"},
	}
}

// batchOptions are the flags about many runs.
func batchOptions(c *cli.Context) (batch.Options, error) {
	o := batch.Options{Parallel: c.Int("parallel"), Reuse: batch.Reuse(c.String("reuse"))}
	if c.IsSet("parallel") && (o.Parallel < 1 || o.Parallel > batch.MostParallel) {
		return o, usage(fmt.Errorf("--parallel %d: 1 to %d runs can be made at once", o.Parallel, batch.MostParallel))
	}
	if known := []batch.Reuse{batch.ReuseAuto, batch.ReuseNever, batch.ReuseAlways}; !slices.Contains(known, o.Reuse) {
		return o, usage(fmt.Errorf("--reuse %s: known are auto, never, always", o.Reuse))
	}
	return o, nil
}

// runOptions are those of the flags.
func runOptions(c *cli.Context, ports compose.PortPolicy, p *progress) experiment.Options {
	return experiment.Options{
		Out: c.String("out"), Runtime: c.String("runtime"), RedisServer: c.String("redis-server"), Ports: ports, Keep: c.Bool("keep"), On: c.String("on"),
		Tool: "redis-chaos " + version, Progress: p.line, Warn: p.warn, Status: p.status,
	}
}

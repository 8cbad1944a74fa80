// Command chaos deploys a Redis Cluster, breaks it as a scenario says, and
// measures the failover and every lost write.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"syscall"

	"github.com/redis/go-redis/v9/logging"
	"github.com/urfave/cli/v2"
)

func main() {
	abortOnCrash()
	logging.Disable() // go-redis's pools log each failed dial, which is what a run is about
	// A write to a pipe that nobody reads any more is to fail, not to end the
	// program where it stands.
	signal.Ignore(syscall.SIGPIPE)
	args, err := withoutNamespaces(os.Args)
	if err != nil {
		os.Exit(exitNotRun) // why is told by who has started this process
	}
	if code, ran := inNamespaces(args); ran {
		os.Exit(code)
	}
	collectSooner()
	ctx, cancel := context.WithCancel(context.Background())
	ctx, stop := interruptible(ctx, os.Stderr)
	code := runProgram(ctx, args, stream{os.Stdout, cancel}, stream{os.Stderr, cancel})
	stop()
	cancel()
	os.Exit(code)
}

// collectSooner lets garbage take 40 % of the heap, not 100 %. What a long run fills
// it with is histories of writes, which hold no pointers and so are collected past.
func collectSooner() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
}

// stream is stdout or stderr; when its reader goes away, the run ends as by an
// interrupt.
type stream struct {
	file *os.File
	end  func()
}

// Write implements io.Writer.
func (s stream) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		s.end()
	}
	return n, err
}

// Fd tells progress and colours whether this is a terminal.
func (s stream) Fd() uintptr { return s.file.Fd() }

// interruptible is a context that ends at the first interrupt. The second one
// is told to be patient; the third ends the program where it stands. SIGQUIT is an
// interrupt that also shows what the program is at.
func interruptible(ctx context.Context, stderr io.Writer) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		asked := 0
		for s := range signals {
			cancel()
			if s == syscall.SIGQUIT {
				_ = pprof.Lookup("goroutine").WriteTo(stderr, 2)
			}
			switch asked++; asked {
			case 1:
				fmt.Fprintln(stderr, "\ninterrupted: healing and removing what was started")
			case 2:
				fmt.Fprintln(stderr, "still cleaning up; once more leaves things behind")
			default:
				os.Exit(abandon(stderr))
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}

// runProgram is the whole program but for the process.
func runProgram(ctx context.Context, args []string, toStdout, toStderr io.Writer) int {
	stdout, stderr := &output{to: toStdout}, &output{to: toStderr}
	app := newApp(stdout, stderr)
	err := app.RunContext(ctx, flagsFirst(app, args))
	if err == nil {
		err = stdout.failed()
	}
	var exit exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		if exit.err != nil {
			fmt.Fprintf(stderr, "chaos: %v\n", exit.err)
		}
		return exit.code
	case ctx.Err() != nil:
		return exitInterrupted
	default:
		fmt.Fprintf(stderr, "chaos: %v\n", err)
		return exitNotRun
	}
}

func newApp(stdout, stderr io.Writer) *cli.App {
	app := &cli.App{
		Name:  "chaos",
		Usage: "break a Redis Cluster on purpose, and measure the failover and every lost write",
		Description: `   chaos run master-kill                       a scenario that comes with the program
   chaos run my-scenario.yaml --json           one of your own; the result as JSON
   chaos run master-kill --repeat 20           a set of runs: medians and intervals
   chaos tune master-kill                      which cluster-node-timeout?
   chaos compare SET-A SET-B                   what changed, by how much, and how sure that is
   chaos matrix NAME --image A,B               the same on several servers, and how they differ
   chaos soak random-faults --for 30m          random faults, until a round fails; then the smallest that does it
   chaos report chaos-runs/latest              the reports of a run once more
   chaos list                                  the scenarios that come with the program
   chaos plan master-kill                      what it does when, to whom
   chaos doctor docker-compose.yml             what is known to go wrong with that cluster
   chaos init --from docker-compose.yml        a scenario for it, to be gone on from
   chaos up; chaos status; chaos down          a cluster to look at by hand
   chaos heal                                  undo what a run that was killed left on one

Exit codes: 0 every expectation held; 1 one did not; 2 bad usage or a bad
scenario, nothing was deployed; 3 the run could not be carried out, or could not
be cleaned up after an interrupt; 130 interrupted, and cleaned up. A program that
crashes is ended by SIGABRT (134), and the next run or chaos down cleans up.`,
		Version:                   version,
		HideVersion:               true,
		Writer:                    stdout,
		ErrWriter:                 stderr,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              usageError,
		DisableSliceFlagSeparator: true,
		Commands: []*cli.Command{
			runCommand(), tuneCommand(), matrixCommand(), soakCommand(), shrinkCommand(), compareCommand(), reportCommand(), upCommand(), downCommand(), healCommand(), statusCommand(), validateCommand(), planCommand(), doctorCommand(), initCommand(), listCommand(), versionCommand(), serveTrafficCommand(), serveDiskCommand(),
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usage(fmt.Errorf("no command %q; `chaos --help` lists them", c.Args().First()))
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, c := range app.Commands {
		c.OnUsageError = usageError
	}
	return app
}

func usageError(c *cli.Context, err error, _ bool) error {
	name := "chaos"
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != "chaos" {
		name += " " + c.Command.Name
	}
	return usage(fmt.Errorf("%w; `%s --help` shows what it takes", err, name))
}

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version",
		Action: func(c *cli.Context) error {
			_, err := fmt.Fprintf(c.App.Writer, "redis-chaos %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// version is set by the linker.
var version = "dev"

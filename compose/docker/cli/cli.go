// Package cli is the Compose program of this machine: which there is, and what it is asked to do.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/program"
	"github.com/redis-chaos/redis-chaos/compose/version"
)

// Command is the Compose program.
type Command struct {
	args []string // ["docker", "compose"] or ["docker-compose"]
	// Version as it says itself: "1.29.2", "2.32.4".
	Version string
}

func (c Command) String() string { return strings.Join(c.args, " ") + " " + c.Version }

// The oldest Compose that reads a file without a version key and with a name
// for networks and volumes.
const oldestCompose = "1.27.0"

const installCompose = "install Docker Compose v2 (sudo apt-get install docker-compose-plugin, docker-compose-v2 or docker-compose, whichever your distribution has; https://docs.docker.com/compose/install/)"

var versionNumber = regexp.MustCompile(`\bv?(\d+)\.(\d+)(\.\d+)?`)

// Find finds `docker compose`, else `docker-compose`.
func Find(ctx context.Context) (Command, error) {
	var old Command
	for _, args := range [][]string{{"docker", "compose"}, {"docker-compose"}} {
		const patience = time.Minute // of the slowest disk
		out, err := program.Question{Path: args[0], Args: append(args[1:], "version", "--short"), Patience: patience}.Ask(ctx)
		if ctx.Err() != nil {
			return Command{}, ctx.Err()
		}
		number := versionNumber.FindString(out)
		if err != nil || number == "" {
			continue
		}
		c := Command{args: args, Version: strings.TrimPrefix(number, "v")}
		if !version.Older(c.Version, oldestCompose) {
			return c, nil
		}
		old = c
	}
	if old.Version != "" {
		return Command{}, fmt.Errorf("%s is too old: at least %s is needed; %s", old, oldestCompose, installCompose)
	}
	return Command{}, fmt.Errorf("neither `docker compose` nor `docker-compose` works here; %s", installCompose)
}

// Up starts the containers of a compose file: with "-d", or with "--no-start" creates them only. When ctx ends it lets
// Compose finish what it is creating, so that nothing appears after it has returned.
func (c Command) Up(ctx context.Context, project, file, engineHost string, how ...string) error {
	args := slices.Concat(c.args[1:], []string{"-p", project, "-f", file, "up"}, how)
	cmd := exec.CommandContext(ctx, c.args[0], args...)
	cmd.Dir = filepath.Dir(file)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+engineHost, "COMPOSE_PARALLEL_LIMIT=64", "COMPOSE_ANSI=never")
	cmd.SysProcAttr = program.ChildAttributes() // Ctrl-C reaches it only through Cancel
	runtime.LockOSThread()                      // it ends with the thread that started it
	defer runtime.UnlockOSThread()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	var output program.Tail
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s up: %w", strings.Join(c.args, " "), composeError(err, output.String()))
	}
	return nil
}

// composeError picks what went wrong out of Compose's output: the engine's own
// words (v2), or the lines marked as errors (v1), each once.
func composeError(err error, output string) error {
	var told []string
	for _, marker := range []string{"Error response from daemon: ", "ERROR: "} {
		for line := range strings.Lines(output) {
			_, message, ok := strings.Cut(strings.TrimSpace(line), marker)
			if ok && !slices.Contains(told, message) && !strings.HasPrefix(message, "Encountered errors") {
				told = append(told, message)
			}
		}
		if len(told) > 0 {
			return errors.New(strings.Join(told, "; "))
		}
	}
	return fmt.Errorf("%w: %s", err, strings.TrimSpace(output))
}

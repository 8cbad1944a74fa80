// Package software is what servers there are on this machine: their programs, how these are started,
// with which libraries, and which versions they are.
package software

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/program"
)

// Program is a server of this machine, and how it is started.
type Program struct {
	// Path is what names it, absolute: its binary, or the folder that it was unpacked to.
	Path string
	// Binary is the server's binary, absolute.
	Binary string
	// loader starts the binary, with the libraries in folders. "" leaves both to the kernel and
	// this machine's loader.
	loader  string
	folders []string
	// from is where its libraries are, and the programs that belong to it.
	from system
}

// Command starts the server with arguments: the file that is run, and its argv.
func (p Program) Command(args ...string) (file string, argv []string) {
	if p.loader == "" {
		// One file serves as redis-server, redis-check-rdb and so on, and acts as the one whose
		// name it is called by.
		return p.Binary, append([]string{"redis-server"}, args...)
	}
	// The loader calls it by its path.
	return p.loader, slices.Concat([]string{p.loader, "--library-path", strings.Join(p.folders, ":"), p.Binary}, args)
}

// Needs is what a program of the same system needs, to be put at a path in an image.
func (p Program) Needs(program, at string) (Needs, error) { return resolve(p.from, program, at) }

// Executable is what the kernel shows as /proc/PID/exe of its processes.
func (p Program) Executable() (string, error) {
	file, _ := p.Command()
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return "", fmt.Errorf("finding the server: %w", err)
	}
	return real, nil
}

// AskVersion runs the server with --version, and makes sure that it is one that can be used.
func (p Program) AskVersion(ctx context.Context) (Server, error) {
	file, argv := p.Command("--version")
	output, err := program.Question{Path: file, Name: argv[0], Args: argv[1:], Stderr: true, Patience: versionTimeout}.Ask(ctx)
	if ctx.Err() != nil {
		return Server{}, fmt.Errorf("run %s --version: %w", p.Binary, ctx.Err())
	}
	if server, ok := ParseVersion(output); ok && !errors.Is(err, program.ErrTooMuch) {
		if err := server.Supported(); err != nil {
			return Server{}, fmt.Errorf("%s: %w", p.Binary, err)
		}
		return server, nil
	}
	if exit := new(exec.ExitError); err != nil && (output == "" || !errors.As(err, &exit)) {
		return Server{}, fmt.Errorf("run %s --version: %w", p.Binary, err)
	}
	return Server{}, fmt.Errorf(`%s is not a Redis server: its --version says %s, not "Redis server v=…" or "Valkey server v=…"; name a redis-server or valkey-server binary`, p.Binary, Quote(output))
}

const versionTimeout = 5 * time.Second

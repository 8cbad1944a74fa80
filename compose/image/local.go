package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/program"
)

const versionTimeout = 5 * time.Second

// FindServer finds redis-server, or else valkey-server, on PATH.
func FindServer() (string, error) {
	return findServer(exec.LookPath, Redis)
}

// findServer finds a local server, one of the preferred name first. Whether it
// is what its file name says is for inspectServer to find out.
func findServer(lookPath func(string) (string, error), prefer string) (string, error) {
	for _, program := range programs(prefer, "server") {
		if path, err := lookPath(program); err == nil {
			return path, nil
		}
	}
	return "", errors.New("neither redis-server nor valkey-server is on PATH: install one, for example with apt-get install redis-server")
}

// findCLI finds the redis-cli or valkey-cli that belongs to a server: next to
// it, where a source tree or a package has it, or else on PATH.
func findCLI(lookPath func(string) (string, error), server localServer) (string, error) {
	names := programs(server.server.Name, "cli")
	for _, dir := range []string{filepath.Dir(server.path), filepath.Dir(server.real)} {
		for _, name := range names {
			path := filepath.Join(dir, name)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
				return path, nil
			}
		}
	}
	for _, name := range names {
		if path, err := lookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no %s next to %s nor on PATH, and the health check of every node runs it: put it next to the server (make builds both), or install it with apt-get install %s-tools", names[0], server.path, server.server.Name)
}

// programs returns the names that a program goes by, the preferred one first.
func programs(prefer, kind string) []string {
	if prefer == Valkey {
		return []string{"valkey-" + kind, "redis-" + kind}
	}
	return []string{"redis-" + kind, "valkey-" + kind}
}

// localServer is a server binary on this host.
type localServer struct {
	path   string // absolute, as it was named
	real   string // path without symbolic links
	server Server
}

// inspectServer makes sure that a binary is a server that can be used, and
// asks it for its version.
func inspectServer(ctx context.Context, binary string) (localServer, error) {
	path, err := exec.LookPath(binary)
	if err != nil {
		return localServer{}, fmt.Errorf("find server binary: %w", err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return localServer{}, fmt.Errorf("find server binary: %w", err)
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return localServer{}, fmt.Errorf("find server binary: %w", err)
	}
	// Before it is run, so that a foreign binary gets a better answer than
	// "exec format error".
	file, err := openELF(real)
	if err != nil {
		return localServer{}, err
	}
	machine := file.Machine
	file.Close()
	if err := checkMachine(path, machine); err != nil {
		return localServer{}, err
	}

	server, err := AskVersion(ctx, path)
	if err != nil {
		return localServer{}, err
	}
	return localServer{path: path, real: real, server: server}, nil
}

// AskVersion runs a binary with --version, and makes sure that it is a server that
// can be used.
func AskVersion(ctx context.Context, path string) (Server, error) {
	// One file serves as redis-server, redis-check-rdb and so on, and acts as
	// the one whose name it is called by.
	output, err := program.Question{Path: path, Name: "redis-server", Args: []string{"--version"}, Stderr: true, Patience: versionTimeout}.Ask(ctx)
	if ctx.Err() != nil {
		return Server{}, fmt.Errorf("run %s --version: %w", path, ctx.Err())
	}
	if server, ok := parseVersion(output); ok && !errors.Is(err, program.ErrTooMuch) {
		if err := server.supported(); err != nil {
			return Server{}, fmt.Errorf("%s: %w", path, err)
		}
		return server, nil
	}
	if exit := new(exec.ExitError); err != nil && (output == "" || !errors.As(err, &exit)) {
		return Server{}, fmt.Errorf("run %s --version: %w", path, err)
	}
	return Server{}, fmt.Errorf(`%s is not a Redis server: its --version says %s, not "Redis server v=…" or "Valkey server v=…"; name a redis-server or valkey-server binary`, path, quote(output))
}

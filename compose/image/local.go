package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
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
	if server.from.unpacked() {
		path, err := server.from.program(names...)
		if err != nil {
			return "", fmt.Errorf("%w, and the health check of every node runs it: unpack the package that has it there, too (on Debian, %s-tools)", err, server.server.Name)
		}
		return path, nil
	}
	for _, dir := range []string{filepath.Dir(server.Binary), filepath.Dir(server.real)} {
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
	return "", fmt.Errorf("no %s next to %s nor on PATH, and the health check of every node runs it: put it next to the server (make builds both), or install it with apt-get install %s-tools", names[0], server.Binary, server.server.Name)
}

// programs returns the names that a program goes by, the preferred one first.
func programs(prefer, kind string) []string {
	if prefer == Valkey {
		return []string{"valkey-" + kind, "redis-" + kind}
	}
	return []string{"redis-" + kind, "valkey-" + kind}
}

// localServer is a server of this host that can be used.
type localServer struct {
	Program
	real   string // path of the binary without symbolic links
	server Server
}

// inspectServer makes sure that a path names a server that can be used, and asks it for its
// version.
func inspectServer(ctx context.Context, path string) (localServer, error) {
	p, err := FindProgram(path)
	if err != nil {
		return localServer{}, err
	}
	real, err := filepath.EvalSymlinks(p.Binary)
	if err != nil {
		return localServer{}, fmt.Errorf("finding the server: %w", err)
	}
	// Before it is run, so that a foreign binary gets a better answer than
	// "exec format error".
	file, err := openELF(real)
	if err != nil {
		return localServer{}, err
	}
	machine := file.Machine
	file.Close()
	if err := checkMachine(p.Binary, machine); err != nil {
		return localServer{}, err
	}
	server, err := p.AskVersion(ctx)
	if err != nil {
		return localServer{}, err
	}
	return localServer{p, real, server}, nil
}

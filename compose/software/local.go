package software

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Local is a server of this host that can be used.
type Local struct {
	Program
	Real   string // path of the binary without symbolic links
	Server Server
}

// Inspect makes sure that a path names a server that can be used, and asks it for its
// version.
func Inspect(ctx context.Context, path string) (Local, error) {
	p, err := FindProgram(path)
	if err != nil {
		return Local{}, err
	}
	real, err := filepath.EvalSymlinks(p.Binary)
	if err != nil {
		return Local{}, fmt.Errorf("finding the server: %w", err)
	}
	// Before it is run, so that a foreign binary gets a better answer than
	// "exec format error".
	file, err := openELF(real)
	if err != nil {
		return Local{}, err
	}
	machine := file.Machine
	file.Close()
	if err := checkMachine(p.Binary, machine); err != nil {
		return Local{}, err
	}
	server, err := p.AskVersion(ctx)
	if err != nil {
		return Local{}, err
	}
	return Local{p, real, server}, nil
}

// CLI finds the redis-cli or valkey-cli that belongs to the server: next to
// it, where a source tree or a package has it, or else on PATH.
func (server Local) CLI(lookPath func(string) (string, error)) (string, error) {
	names := programs(server.Server.Name, "cli")
	if server.from.unpacked() {
		path, err := server.from.program(names...)
		if err != nil {
			return "", fmt.Errorf("%w, and the health check of every node runs it: unpack the package that has it there, too (on Debian, %s-tools)", err, server.Server.Name)
		}
		return path, nil
	}
	for _, dir := range []string{filepath.Dir(server.Binary), filepath.Dir(server.Real)} {
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
	return "", fmt.Errorf("no %s next to %s nor on PATH, and the health check of every node runs it: put it next to the server (make builds both), or install it with apt-get install %s-tools", names[0], server.Binary, server.Server.Name)
}

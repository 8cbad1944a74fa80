package software

import (
	"fmt"
	"path/filepath"
	"strings"
)

// unpackedProgram finds the server in a folder into which its packages were unpacked, such as by
// dpkg -x, and makes sure that all that it needs to start is there as well.
func unpackedProgram(folder string) (Program, error) {
	root, err := filepath.Abs(folder)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return Program{}, fmt.Errorf("finding the server: %w", err)
	}
	if strings.ContainsAny(root, ":;") {
		return Program{}, fmt.Errorf("%s has a colon or a semicolon in its path, which separate folders for the loader: move it", root)
	}
	p := Program{Path: root, from: system{root}}
	if p.Binary, err = p.from.program(programs(Redis, "server")...); err != nil {
		return Program{}, fmt.Errorf("%w: unpack the package of a server there", err)
	}
	real, err := filepath.EvalSymlinks(p.Binary)
	if err != nil {
		return Program{}, fmt.Errorf("finding the server: %w", err)
	}
	needs, err := resolve(p.from, real, BinDir+"/redis-server")
	if err != nil {
		return Program{}, err
	}
	if len(needs.Libraries) > 0 { // the first one is the loader
		p.loader = needs.Libraries[0].Host
		for _, d := range p.from.libraryDirs() {
			p.folders = append(p.folders, d.host)
		}
	}
	return p, nil
}

// BinDir is where programs are in images that are made of them.
const BinDir = "/usr/local/bin"

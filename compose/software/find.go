package software

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// FindProgram finds the server that a path names: a binary, also one on PATH, or a folder into
// which the packages of a server were unpacked, with its libraries and its loader. "" is what
// Find finds. Whether it is a server is for AskVersion to find out.
func FindProgram(path string) (Program, error) {
	if path == "" {
		var err error
		if path, err = Find(); err != nil {
			return Program{}, err
		}
	}
	binary, err := exec.LookPath(path)
	if err != nil {
		if isFolder(path) {
			return unpackedProgram(path)
		}
		return Program{}, fmt.Errorf("finding the server: %w", err)
	}
	if binary, err = filepath.Abs(binary); err != nil {
		return Program{}, fmt.Errorf("finding the server: %w", err)
	}
	return Program{Path: binary, Binary: binary}, nil
}

// Find finds redis-server, or else valkey-server, on PATH.
func Find() (string, error) {
	return FindBy(exec.LookPath, Redis)
}

// FindBy finds a local server, one of the preferred name first. Whether it
// is what its file name says is for Inspect to find out.
func FindBy(lookPath func(string) (string, error), prefer string) (string, error) {
	for _, program := range programs(prefer, "server") {
		if path, err := lookPath(program); err == nil {
			return path, nil
		}
	}
	return "", errors.New("neither redis-server nor valkey-server is on PATH: install one, for example with apt-get install redis-server")
}

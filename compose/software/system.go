package software

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// system is where the loader and the libraries of programs are looked for: this machine, or a
// folder into which packages were unpacked, as if it were the root.
type system struct {
	root string // "" is this machine; absolute, without links
}

// unpacked tells whether it is a folder.
func (s system) unpacked() bool { return s.root != "" }

// holds tells whether a path, with its links followed, is in the folder. Links that begin at
// the root lead to this machine's files, and out of it.
func (s system) holds(path string) bool {
	if !s.unpacked() {
		return true
	}
	real, err := filepath.EvalSymlinks(path)
	return err == nil && strings.HasPrefix(real, s.root+"/")
}

// program finds a program in the folder, by the first of its names that is there.
func (s system) program(names ...string) (string, error) {
	var places []string
	for _, dir := range []string{"usr/bin", "usr/sbin", "bin", "sbin", "usr/local/bin"} {
		for _, name := range names {
			path := filepath.Join(s.root, dir, name)
			places = append(places, filepath.Join(dir, name))
			info, err := os.Stat(path)
			switch {
			case err != nil || !info.Mode().IsRegular():
			case !s.holds(path):
				return "", fmt.Errorf("%s is a link that leads out of %s; make it a relative one", path, s.root)
			case info.Mode()&0o111 == 0:
				return "", fmt.Errorf("%s cannot be executed: chmod +x", path)
			default:
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%s holds none of %s", s.root, strings.Join(places, ", "))
}

// loader finds the loader that a program names.
func (s system) loader(program, interpreter string) (host string, err error) {
	if !s.unpacked() {
		return interpreter, nil
	}
	places := []string{s.root + interpreter, s.root + "/usr" + interpreter}
	for _, d := range s.libraryDirs() {
		places = append(places, filepath.Join(d.host, filepath.Base(interpreter)))
	}
	for _, path := range places {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && s.holds(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s needs the loader %s, which is not in %s: unpack the package that has it there, too (on Debian, libc6)", program, interpreter, s.root)
}

// builtinDirs are the directories that a loader is sure to search by itself, wherever it runs:
// the one that it is installed in, with and without /usr.
func (s system) builtinDirs(loader string) []string {
	real, err := filepath.EvalSymlinks(loader)
	if err != nil {
		real = loader
	}
	dir := filepath.Dir(strings.TrimPrefix(real, s.root))
	other := "/usr" + dir
	if rest, ok := strings.CutPrefix(dir, "/usr/"); ok {
		other = "/" + rest
	}
	return []string{dir, other}
}

// libraryDirs are the directories of a folder that libraries are in.
func (s system) libraryDirs() (dirs []dir) {
	for _, base := range []string{"/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"} {
		path := s.root + base
		entries, _ := os.ReadDir(path) // there may be no such folder
		var paths []string
		for _, entry := range entries {
			if strings.Contains(entry.Name(), "-linux-") { // of Debian's architectures
				paths = append(paths, filepath.Join(path, entry.Name()))
			}
		}
		for _, path := range append(paths, path) {
			real, err := filepath.EvalSymlinks(path)
			if err != nil || !isFolder(real) || !s.holds(real) || slices.ContainsFunc(dirs, func(d dir) bool { return d.host == real }) {
				continue
			}
			dirs = append(dirs, dir{host: real, image: strings.TrimPrefix(real, s.root), system: true})
		}
	}
	return dirs
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// dir is a directory to search, on the host and in the image.
type dir struct {
	host, image string
	system      bool // searched for every program, not named by an ELF file
}

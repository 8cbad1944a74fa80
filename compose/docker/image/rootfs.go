package image

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/software"
)

// rootfs is the file system of an image, by absolute path. Archiving the same
// content gives the same bytes.
type rootfs map[string]node

// node is a directory, a symbolic link or a file. A file's content is given or
// copied from the host.
type node struct {
	mode    int64
	isDir   bool
	link    string
	content string
	host    string
}

// newRootfs returns what every image needs beside programs and libraries.
func newRootfs() rootfs {
	return rootfs{
		"/data":       {mode: 0o755, isDir: true},
		"/tmp":        {mode: 0o1777, isDir: true},
		"/etc/passwd": {mode: 0o644, content: "root:x:0:0:root:/data:/\n"},
		"/etc/group":  {mode: 0o644, content: "root:x:0:\n"},
		// Without this file older C libraries ask DNS before /etc/hosts.
		"/etc/nsswitch.conf": {mode: 0o644, content: "hosts: files dns\n"},
	}
}

// addProgram puts a program at a path in the image, with all that it needs of the system
// that it is from. It returns the directories that the image's loader must be told to search.
func (fs rootfs) addProgram(from software.Program, host, target string) (searchPath []string, err error) {
	// The loader takes $ORIGIN from the path without links.
	if host, err = filepath.EvalSymlinks(host); err != nil {
		return nil, err
	}
	needs, err := from.Needs(host, target)
	if err != nil {
		return nil, err
	}
	if err := fs.copyFile(host, target); err != nil {
		return nil, err
	}
	for _, lib := range needs.Libraries {
		if err := fs.copyFile(lib.Host, lib.Image); err != nil {
			return nil, err
		}
	}
	return needs.SearchPath, nil
}

// copyFile puts a file of the host at a path in the image. Programs may share a
// library, but not have different ones in the same place.
func (fs rootfs) copyFile(host, target string) error {
	old, ok := fs[target]
	if ok && old.host != host {
		same, err := sameContent(old.host, host)
		if err != nil {
			return err
		}
		if !same {
			return fmt.Errorf("%s and %s are different and would both have to be %s in the image", old.host, host, target)
		}
		return nil
	}
	fs[target] = node{mode: 0o755, host: host}
	return nil
}

// symlink makes name a link to target, unless name is there already.
func (fs rootfs) symlink(target, name string) {
	if _, ok := fs[name]; !ok {
		fs[name] = node{mode: 0o777, link: target}
	}
}

// archive writes the file system as a tar archive.
func (fs rootfs) archive(w io.Writer) error {
	fs = maps.Clone(fs)
	for name := range maps.Clone(fs) {
		for parent := path.Dir(name); parent != "/"; parent = path.Dir(parent) {
			if _, ok := fs[parent]; !ok {
				fs[parent] = node{mode: 0o755, isDir: true}
			}
		}
	}

	archive := tar.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(fs)) { // parents come first
		if err := fs[name].write(archive, name); err != nil {
			return fmt.Errorf("archive %s: %w", name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("archive image: %w", err)
	}
	return nil
}

// size estimates the size of the archive, so that its tens of megabytes can be
// allocated just once.
func (fs rootfs) size() int {
	const header, rounding = 512, 512
	size := 4 * header
	for _, n := range fs {
		size += header + rounding + len(n.content)
		if n.host == "" {
			continue
		}
		if info, err := os.Stat(n.host); err == nil {
			size += int(info.Size())
		}
	}
	return size
}

func (n node) write(archive *tar.Writer, name string) error {
	header := &tar.Header{Name: name[1:], Mode: n.mode}
	switch {
	case n.isDir:
		header.Typeflag, header.Name = tar.TypeDir, header.Name+"/"
		return archive.WriteHeader(header)
	case n.link != "":
		header.Typeflag, header.Linkname = tar.TypeSymlink, n.link
		return archive.WriteHeader(header)
	case n.host == "":
		return writeFile(archive, header, int64(len(n.content)), strings.NewReader(n.content))
	}

	file, err := os.Open(n.host)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return writeFile(archive, header, info.Size(), file)
}

func writeFile(archive *tar.Writer, header *tar.Header, size int64, content io.Reader) error {
	header.Typeflag, header.Size = tar.TypeReg, size
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}

func sameContent(a, b string) (bool, error) {
	first, err := os.ReadFile(a)
	if err != nil {
		return false, err
	}
	second, err := os.ReadFile(b)
	if err != nil {
		return false, err
	}
	return bytes.Equal(first, second), nil
}

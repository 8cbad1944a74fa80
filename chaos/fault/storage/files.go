package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
)

// data is the data directory of a server that has ended.
type data struct{ *os.Root }

// onFiles kills a server, and does something to its files.
func onFiles(ctx context.Context, c chaos.Cluster, node string, do func(*data) error) error {
	if err := c.Stop(ctx, node, 0); err != nil {
		return err
	}
	root, err := c.Data(ctx, node)
	if err != nil {
		return err
	}
	return errors.Join(do(&data{root}), root.Close())
}

// copyDir is where a copy of what a data directory had is kept in it.
const copyDir = "redis-chaos-copy"

// wipe removes all that there is, but for what keep accepts by its name.
func (d *data) wipe(keep func(name string) bool) error {
	all, err := fs.ReadDir(d.FS(), ".")
	if err != nil {
		return fmt.Errorf("listing the data directory: %w", err)
	}
	for _, e := range all {
		if keep(e.Name()) {
			continue
		}
		if err := d.RemoveAll(e.Name()); err != nil {
			return fmt.Errorf("removing %s: %w", e.Name(), err)
		}
	}
	return nil
}

// isNodesConf tells whether a file is the one that a server keeps its view of the cluster in, or its log.
func isNodesConf(name string) bool { return name == "nodes.conf" || isServerLog(name) }

// isServerLog tells whether a file is the log of a local node, which is beside its data, and none of them.
func isServerLog(name string) bool { return name == "server.log" }

// files lists all files, but for the copy, sorted.
func (d *data) files() (names []string, err error) {
	err = fs.WalkDir(d.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == copyDir:
			return fs.SkipDir
		case e.Type().IsRegular():
			names = append(names, name)
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

// keepCopy has a copy of a file kept, unless there is one. A file is replaced by its copy, and the original is
// what is kept, so that whoever owned it does.
func (d *data) keepCopy(name string) error {
	kept := path.Join(copyDir, name)
	if _, err := d.Lstat(kept); err == nil {
		return nil
	}
	if err := d.MkdirAll(path.Dir(kept), 0o755); err != nil {
		return err
	}
	if err := d.Rename(name, kept); err != nil {
		return err
	}
	return d.copyFile(kept, name)
}

// copyFile copies a file with its owner and mode.
func (d *data) copyFile(from, to string) error {
	in, err := d.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := d.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if uid, gid, known := ownerOf(info); known && err == nil {
		err = out.Chown(uid, gid)
	}
	return errors.Join(err, out.Close())
}

// restore puts what was kept back.
func (d *data) restore() error {
	if _, err := d.Lstat(copyDir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fs.WalkDir(d.FS(), copyDir, func(kept string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return d.Rename(kept, strings.TrimPrefix(kept, copyDir+"/"))
	})
}

// forget removes the copy.
func (d *data) forget() error { return d.RemoveAll(copyDir) }

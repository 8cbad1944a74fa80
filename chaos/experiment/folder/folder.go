// Package folder reads and writes the files of a folder that may have come from elsewhere:
// it follows no link, reads nothing but files, and no reader of a file finds half of it.
package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"syscall"
)

// Folder is the folder of a run, or of several. It may have come from elsewhere, with links
// and pipes in it by the names of a run's files, so it is reached through its root alone,
// nothing is written but to new files, and only files are read.
type Folder struct {
	Dir  string // as it was named
	root *os.Root
}

// Open opens a folder, which may be named by a link.
func Open(dir string) (Folder, error) {
	root, err := os.OpenRoot(dir)
	return Folder{dir, root}, err
}

func (f Folder) Close() { _ = f.root.Close() } // nothing was written through it

// Path is where a file is, for people.
func (f Folder) Path(name string) string { return filepath.Join(f.Dir, name) }

// Has tells whether there is something of a name.
func (f Folder) Has(name string) bool {
	_, err := f.root.Lstat(name)
	return err == nil
}

// Lost says that the folder is no longer what is found by its name.
func (f Folder) Lost() error {
	opened, err := f.root.Stat(".")
	if err != nil {
		return fmt.Errorf("looking at %s: %w", f.Dir, err)
	}
	if named, err := os.Stat(f.Dir); err != nil || !os.SameFile(opened, named) {
		return fmt.Errorf("%s was removed, moved or replaced in the meantime, and the results are not kept", f.Dir)
	}
	return nil
}

// Read reads a file of up to limit bytes.
func (f Folder) Read(ctx context.Context, name string, limit int64) ([]byte, error) {
	file, err := f.OpenFile(ctx, name, limit)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// OpenFile opens a file for reading. Reading ends with an error at the limit, and when ctx
// ends.
func (f Folder) OpenFile(ctx context.Context, name string, limit int64) (io.ReadCloser, error) {
	found, err := f.root.Lstat(name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Path(name), Reason(err))
	}
	if !found.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %s, and not a file; nothing else is read", f.Path(name), kindOf(found.Mode()))
	}
	tooLong := fmt.Errorf("%s is longer than %d MiB, and so no file of a run", f.Path(name), limit>>20)
	if found.Size() > limit {
		return nil, tooLong
	}
	file, err := f.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may be a pipe by now
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Path(name), Reason(err))
	}
	if opened, err := file.Stat(); err != nil || !os.SameFile(found, opened) {
		_ = file.Close()
		return nil, fmt.Errorf("%s was replaced while it was opened", f.Path(name))
	}
	return &boundedFile{File: file, ctx: ctx, left: limit, tooLong: tooLong}, nil
}

// boundedFile ends with an error where it has become longer than it may be.
type boundedFile struct {
	*os.File
	ctx     context.Context
	left    int64
	tooLong error
}

// Read implements io.Reader.
func (b *boundedFile) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.File.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, b.tooLong
	}
	return n, err
}

// Same tells whether two folders are one.
func Same(a, b Folder) (bool, error) {
	first, err := a.root.Stat(".")
	if err != nil {
		return false, err
	}
	second, err := b.root.Stat(".")
	return err == nil && os.SameFile(first, second), err
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	default:
		return "a device"
	}
}

// CreateNow makes a new file that is seen, and filled, from now on.
func (f Folder) CreateNow(name string) (*os.File, error) {
	file, err := f.openNew(name)
	if err != nil {
		return nil, fmt.Errorf("creating %s: %w", f.Path(name), Reason(err))
	}
	return file, nil
}

func (f Folder) openNew(name string) (*os.File, error) {
	return f.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
}

// Keep writes what is left of a file to the disk, and closes it. It must still be the one
// that is found by its name.
func (f Folder) Keep(file *os.File, name string) error {
	opened, err := file.Stat()
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", f.Path(name), Reason(err))
	}
	if found, err := f.root.Lstat(name); err != nil || !os.SameFile(opened, found) {
		return fmt.Errorf("%s was removed or replaced while it was written", f.Path(name))
	}
	return nil
}

// Create implements workload.Artifacts. The file is there once it is closed, and only if
// all of it could be written.
func (f Folder) Create(name string) (io.WriteCloser, error) {
	staged, err := f.Stage(name)
	if err != nil {
		return nil, fmt.Errorf("creating %s: %w", f.Path(name), Reason(err))
	}
	return staged, nil
}

// Write makes or replaces a file.
func (f Folder) Write(name string, content []byte) error {
	staged, err := f.Stage(name)
	if err == nil {
		_, _ = staged.Write(content) // Close tells
		err = staged.Close()
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.Path(name), Reason(err))
	}
	return nil
}

// Staged is a file that is written aside and then renamed, so that nobody finds half
// of it, and what was there before stays if it fails. Its errors are for Reason.
type Staged struct {
	folder Folder
	Name   string // that it gets in the end
	file   *os.File
	aside  string
	err    error // the first
}

func (f Folder) Stage(name string) (*Staged, error) {
	in, base := path.Split(name)
	s := &Staged{folder: f, Name: name, aside: fmt.Sprintf("%s.%s-%016x", in, base, rand.Uint64())}
	if in != "" {
		if err := f.root.MkdirAll(path.Clean(in), 0o755); err != nil {
			return s, err
		}
	}
	var err error
	s.file, err = f.openNew(s.aside)
	return s, err
}

// Write implements io.Writer.
func (s *Staged) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	s.Fail(err)
	return n, err
}

func (s *Staged) Fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// Finish has the disk have all of the file, which still lies aside.
func (s *Staged) Finish() error {
	s.Fail(s.file.Sync())
	s.Fail(s.file.Close())
	if s.err != nil {
		s.Discard()
	}
	return s.err
}

// Commit gives a finished file its name.
func (s *Staged) Commit() error {
	err := s.folder.root.Rename(s.aside, s.Name)
	if err != nil {
		s.Discard()
	}
	return err
}

// Discard removes what lies aside. If that fails, it is in nobody's way.
func (s *Staged) Discard() { _ = s.folder.root.Remove(s.aside) }

// Close implements io.Closer.
func (s *Staged) Close() error {
	if err := s.Finish(); err != nil {
		return err
	}
	return s.Commit()
}

// Reason is an error of the file system without the names in it, which are those of the
// file that was written aside.
func Reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	default:
		return err
	}
}

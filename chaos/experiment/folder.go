package experiment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
)

// folder is a run's folder. It may have come from elsewhere, with links and pipes in it by
// the names of a run's files, so it is reached through its root alone, nothing is written
// but to new files, and only files are read.
type folder struct {
	dir  string // as it was named
	root *os.Root
}

func openFolder(dir string) (folder, error) {
	root, err := os.OpenRoot(dir)
	return folder{dir, root}, err
}

func (f folder) close() { _ = f.root.Close() } // nothing was written through it

// path is where a file is, for people.
func (f folder) path(name string) string { return filepath.Join(f.dir, name) }

// has tells whether there is something of a name.
func (f folder) has(name string) bool {
	_, err := f.root.Lstat(name)
	return err == nil
}

// lost says that the folder is no longer what is found by its name.
func (f folder) lost() error {
	opened, err := f.root.Stat(".")
	if err != nil {
		return fmt.Errorf("looking at %s: %w", f.dir, err)
	}
	if named, err := os.Stat(f.dir); err != nil || !os.SameFile(opened, named) {
		return fmt.Errorf("%s was removed, moved or replaced in the meantime, and the results are not kept", f.dir)
	}
	return nil
}

// read reads a file of up to limit bytes.
func (f folder) read(ctx context.Context, name string, limit int64) ([]byte, error) {
	file, err := f.open(ctx, name, limit)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// open opens a file for reading. Reading ends with an error at the limit, and when ctx
// ends.
func (f folder) open(ctx context.Context, name string, limit int64) (io.ReadCloser, error) {
	found, err := f.root.Lstat(name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.path(name), reason(err))
	}
	if !found.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %s, and not a file; nothing else is read", f.path(name), kindOf(found.Mode()))
	}
	tooLong := fmt.Errorf("%s is longer than %d MiB, and so no file of a run", f.path(name), limit>>20)
	if found.Size() > limit {
		return nil, tooLong
	}
	file, err := f.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may be a pipe by now
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.path(name), reason(err))
	}
	if opened, err := file.Stat(); err != nil || !os.SameFile(found, opened) {
		_ = file.Close()
		return nil, fmt.Errorf("%s was replaced while it was opened", f.path(name))
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

// create makes a new file that is seen, and filled, from now on.
func (f folder) create(name string) (*os.File, error) {
	file, err := f.openNew(name)
	if err != nil {
		return nil, fmt.Errorf("creating %s: %w", f.path(name), reason(err))
	}
	return file, nil
}

func (f folder) openNew(name string) (*os.File, error) {
	return f.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
}

// keep writes what is left of a file to the disk, and closes it. It must still be the one
// that is found by its name.
func (f folder) keep(file *os.File, name string) error {
	opened, err := file.Stat()
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", f.path(name), reason(err))
	}
	if found, err := f.root.Lstat(name); err != nil || !os.SameFile(opened, found) {
		return fmt.Errorf("%s was removed or replaced while it was written", f.path(name))
	}
	return nil
}

// Create implements workload.Artifacts. The file is there once it is closed, and only if
// all of it could be written.
func (f folder) Create(name string) (io.WriteCloser, error) {
	staged, err := f.stage(name)
	if err != nil {
		return nil, fmt.Errorf("creating %s: %w", f.path(name), reason(err))
	}
	return staged, nil
}

// write makes or replaces a file.
func (f folder) write(name string, content []byte) error {
	staged, err := f.stage(name)
	if err == nil {
		_, _ = staged.Write(content) // Close tells
		err = staged.Close()
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.path(name), reason(err))
	}
	return nil
}

// stagedFile is a file that is written aside and then renamed, so that nobody finds half
// of it, and what was there before stays if it fails. Its errors are for reason.
type stagedFile struct {
	folder folder
	name   string // that it gets in the end
	file   *os.File
	aside  string
	err    error // the first
}

func (f folder) stage(name string) (*stagedFile, error) {
	s := &stagedFile{folder: f, name: name, aside: fmt.Sprintf(".%s-%016x", name, rand.Uint64())}
	var err error
	s.file, err = f.openNew(s.aside)
	return s, err
}

// Write implements io.Writer.
func (s *stagedFile) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	s.failed(err)
	return n, err
}

func (s *stagedFile) failed(err error) {
	if s.err == nil {
		s.err = err
	}
}

// finish has the disk have all of the file, which still lies aside.
func (s *stagedFile) finish() error {
	s.failed(s.file.Sync())
	s.failed(s.file.Close())
	if s.err != nil {
		s.discard()
	}
	return s.err
}

// commit gives a finished file its name.
func (s *stagedFile) commit() error {
	err := s.folder.root.Rename(s.aside, s.name)
	if err != nil {
		s.discard()
	}
	return err
}

// discard removes what lies aside. If that fails, it is in nobody's way.
func (s *stagedFile) discard() { _ = s.folder.root.Remove(s.aside) }

// Close implements io.Closer.
func (s *stagedFile) Close() error {
	if err := s.finish(); err != nil {
		return err
	}
	return s.commit()
}

// reason is an error of the file system without the names in it, which are those of the
// file that was written aside.
func reason(err error) error {
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

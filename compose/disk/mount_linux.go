package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// mounted is a disk that this process serves.
type mounted struct {
	*fileSystem
	options Options
	dir     *os.File // the directory below

	running sync.WaitGroup // serving, and writing back
	once    sync.Once
	err     error // of unmounting
}

// Mount mounts a directory somewhere, and serves it until Unmount. It needs root, or
// CAP_SYS_ADMIN, and /dev/fuse.
func Mount(o Options) (Disk, error) {
	m, err := mount(o)
	if err != nil {
		return nil, fmt.Errorf("mounting %s at %s: %w", o.Below, o.At, err)
	}
	return m, nil
}

func mount(o Options) (*mounted, error) {
	if err := o.Writeback.check(); err != nil {
		return nil, err
	}
	var err error
	if o.At, err = filepath.Abs(o.At); err != nil {
		return nil, err
	}
	if o.At, err = filepath.EvalSymlinks(o.At); err != nil { // the kernel lists mounts by such paths
		return nil, err
	}
	dir, base, err := openBelow(o.Below)
	if err != nil {
		return nil, err
	}
	o.Below = dir.Name()
	fs, err := newFileSystem(base, o.Writeback)
	if err != nil {
		dir.Close()
		return nil, err
	}
	server, err := serve(fs, o)
	if err != nil {
		dir.Close()
		return nil, err
	}
	m := &mounted{fileSystem: fs, options: o, dir: dir}
	m.running.Go(server.Serve)
	m.running.Go(fs.runWriteback)
	if err := refusePoll(o.At); err != nil {
		return nil, errors.Join(err, m.end())
	}
	return m, nil
}

// refusePoll has the kernel find out that files cannot be polled. Else it asks when
// a Go program opens one: Go lets no thread run meanwhile that could stop the world, and
// if the program is this one, nobody answers. The library knows the name.
func refusePoll(at string) error {
	fd, err := unix.Open(filepath.Join(at, ".go-fuse-epoll-hack"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("opening a file of the disk: %w", err)
	}
	defer unix.Close(fd)
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN | unix.POLLPRI | unix.POLLOUT}}, 0)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// maxWrite is the most that one request writes or reads, in bytes.
const maxWrite = 1 << 20

// serve mounts by itself: the library would leave the descriptor to programs that this one
// starts, and as long as one has it the mount hangs when this process is killed.
func serve(fs *fileSystem, o Options) (*fuse.Server, error) {
	var stat unix.Stat_t
	if err := unix.Stat(o.At, &stat); err != nil {
		return nil, &os.PathError{Op: "stat", Path: o.At, Err: err}
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		return nil, &os.PathError{Op: "mount", Path: o.At, Err: unix.ENOTDIR}
	}
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening /dev/fuse (is FUSE in the kernel, and the device in this container?): %w", err)
	}
	data := fmt.Sprintf("fd=%d,rootmode=%o,user_id=%d,group_id=%d,allow_other,default_permissions,max_read=%d", fd, stat.Mode&unix.S_IFMT, os.Geteuid(), os.Getegid(), maxWrite)
	if err := unix.Mount(o.Below, o.At, Type, unix.MS_NOSUID|unix.MS_NODEV, data); err != nil {
		unix.Close(fd)
		if errors.Is(err, unix.EPERM) {
			err = fmt.Errorf("%w (it takes root, or CAP_SYS_ADMIN)", err)
		}
		return nil, err
	}
	server, err := fuse.NewServer(fs, fmt.Sprintf("/dev/fd/%d", fd), &fuse.MountOptions{
		MaxWrite:           maxWrite,
		MaxBackground:      64,
		DisableXAttrs:      true,
		DisableReadDirPlus: true,
		Logger:             logger(o.Log),
	})
	if err != nil {
		return nil, errors.Join(err, unmount(o.At))
	}
	return server, nil
}

func logger(l *slog.Logger) *log.Logger {
	if l == nil {
		return log.New(io.Discard, "", 0)
	}
	return slog.NewLogLogger(l.Handler(), slog.LevelWarn)
}

// Set implements Disk.
func (m *mounted) Set(_ context.Context, name string, f Fault) error {
	if err := f.Check(); err != nil {
		return fmt.Errorf("setting the fault %q: %w", name, err)
	}
	if m.isEnded() {
		return errUnmounted
	}
	m.set(name, f)
	return nil
}

// Lift implements Disk.
func (m *mounted) Lift(_ context.Context, name string) error {
	m.lift(name)
	return nil
}

// SetWriteback implements Disk.
func (m *mounted) SetWriteback(_ context.Context, w Writeback) error {
	if err := w.check(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writeback = w
	select {
	case m.overdue <- struct{}{}: // it looks how long to wait now
	default:
	}
	return nil
}

// Sync implements Disk.
func (m *mounted) Sync(context.Context) error {
	if err := m.sync(); err != nil {
		return fmt.Errorf("syncing the disk: %w", err)
	}
	return nil
}

// Freeze implements Disk.
func (m *mounted) Freeze(context.Context) error {
	if m.isEnded() {
		return errUnmounted
	}
	m.freeze()
	return nil
}

// Thaw implements Disk.
func (m *mounted) Thaw(context.Context) error {
	m.thaw()
	return nil
}

// LosePower implements Disk.
func (m *mounted) LosePower(_ context.Context, tear Tear) (Loss, error) {
	if m.isEnded() {
		return Loss{}, errUnmounted
	}
	loss, err := m.losePower(tear)
	if err != nil {
		return loss, fmt.Errorf("losing power: %w", err)
	}
	return loss, nil
}

// State implements Disk.
func (m *mounted) State(context.Context) (State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := State{
		Below: m.options.Below, At: m.options.At,
		Frozen: m.frozen != nil, Writeback: m.writeback,
		Dirty: m.dirtyBytes(), Pending: m.pending(),
		Faults: map[string]InForce{}, Ops: map[Op]Count{},
		Synced: m.synced, WrittenBack: m.writtenBack,
		PowerLosses: m.powerLosses, Lost: m.lost,
	}
	for name, f := range m.faults {
		s.Faults[name] = f.InForce
	}
	for op, count := range maps.All(m.counts) {
		s.Ops[op] = *count
	}
	return s, nil
}

func (m *mounted) isEnded() bool {
	select {
	case <-m.ended:
		return true
	default:
		return false
	}
}

// Unmount implements Disk.
func (m *mounted) Unmount(context.Context) error {
	m.once.Do(func() { m.err = m.end() })
	return m.err
}

func (m *mounted) end() error {
	err := unmount(m.options.At)
	close(m.ended) // operations that wait go on, with errors
	m.running.Wait()
	m.mu.Lock()
	frozen := m.frozen != nil
	for _, f := range m.faults {
		close(f.lifted)
	}
	clear(m.faults)
	m.mu.Unlock()
	if !frozen {
		if syncErr := m.sync(); syncErr != nil {
			err = errors.Join(err, fmt.Errorf("syncing the disk: %w", syncErr))
		}
	}
	m.dir.Close()
	if err != nil {
		return fmt.Errorf("unmounting %s: %w", m.options.At, err)
	}
	return nil
}

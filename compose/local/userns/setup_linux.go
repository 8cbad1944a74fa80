package userns

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// saying is the file descriptor by which Run is told what came of the setting up.
const saying = 3

// SetUp makes the namespaces that Run has started this process in what root has: a loopback interface that is
// up, and a /run that can be written to, where the journals of runs are those of a folder. It tells Run what
// came of it.
func SetUp(folder string) error {
	unix.CloseOnExec(saying)
	out := os.NewFile(saying, "what Run reads")
	defer out.Close()
	// It is no job of the terminal's, and is to write there all the same.
	signal.Ignore(syscall.SIGTTOU)
	err := setUp(folder)
	said := ready
	if err != nil {
		said = err.Error()
	}
	_, told := out.WriteString(said)
	return errors.Join(err, told)
}

func setUp(folder string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("setting up mounts: %w", err)
	}
	if err := ownRun(folder); err != nil {
		return err
	}
	loopback, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(loopback)
	}
	if err != nil {
		return fmt.Errorf("bringing the loopback interface up: %w", err)
	}
	return nil
}

const (
	run = "/run"
	// journals is where root has the journals of runs: see journal.Folder.
	journals = run + "/redis-chaos/runs"
)

// ownRun has another /run be mounted, with all that is in the old one, in which root of here can make network
// namespaces.
func ownRun(folder string) error {
	before, err := os.OpenFile(run, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer before.Close()
	kept, err := os.OpenFile(folder, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer kept.Close()
	entries, err := os.ReadDir(run)
	if err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", run, "tmpfs", 0, "mode=0755"); err != nil {
		return fmt.Errorf("mounting another %s: %w", run, err)
	}
	for _, e := range entries {
		if e.Name() == "netns" || strings.HasPrefix(journals, filepath.Join(run, e.Name())+"/") {
			continue // root's own
		}
		if err := bring(before, e); err != nil {
			return fmt.Errorf("having %s in another %s: %w", e.Name(), run, err)
		}
	}
	if err := os.MkdirAll(journals, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(opened(kept), journals, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("mounting the journals of runs: %w", err)
	}
	return nil
}

// opened is the path of an open file, whatever is mounted over its own.
func opened(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }

// bring has an entry of the old /run be in the new one. What this user may not see there is left out.
func bring(before *os.File, e fs.DirEntry) error {
	from, to := filepath.Join(opened(before), e.Name()), filepath.Join(run, e.Name())
	if e.Type()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	if err := place(to, e.IsDir()); err != nil {
		return err
	}
	err := unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, "")
	if errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOENT) {
		return nil
	}
	return err
}

// place makes what something is mounted on.
func place(path string, folder bool) error {
	if folder {
		return os.Mkdir(path, 0o755)
	}
	return os.WriteFile(path, nil, 0o644)
}

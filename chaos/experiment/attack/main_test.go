//go:build linux

package attack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// The environment of the processes that this test program starts.
const (
	programEnv = "ATTACK_PROGRAM" // the path of the program under attack
	apartEnv   = "ATTACK_APART"   // set once this process has a journal of its own
	serverEnv  = "ATTACK_SERVER"  // makes this program a hostile server of that kind
)

// TestMain is a hostile server where it is called as one. Otherwise it builds the
// program under attack, once for all tests.
func TestMain(m *testing.M) {
	if kind := os.Getenv(serverEnv); kind != "" {
		os.Exit(beServer(kind, os.Args[1:]))
	}
	logging.Disable() // go-redis's pools log each failed dial
	if os.Geteuid() == 0 && os.Getenv(apartEnv) == "" {
		fmt.Fprintln(os.Stderr, "attack:", setApart()) // it returns only if it fails
		os.Exit(1)
	}
	os.Exit(withProgram(m))
}

func withProgram(m *testing.M) int {
	dir, err := os.MkdirTemp("", "attack")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "chaos")
	if out, err := exec.Command("go", "build", "-o", program, "../../../cmd/chaos").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
		return 1
	}
	os.Setenv(programEnv, program)
	return m.Run()
}

// setApart starts this program again in a mount namespace in which the journal of runs is
// another one than the machine's, so that nobody else removes what the runs that are killed
// here leave behind, and the other way round. Which subnets are taken stays common to all.
func setApart() error {
	folder, err := journal.Folder()
	if err != nil {
		return err
	}
	subnets := filepath.Join(folder, "subnets")
	if err := os.MkdirAll(subnets, 0o755); err != nil {
		return err
	}
	own, err := os.MkdirTemp("", "attack-journal")
	if err != nil {
		return err
	}
	defer os.Remove(own)
	// The namespace is this thread's, and exec goes on with this thread alone.
	runtime.LockOSThread()
	if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
		return fmt.Errorf("making a mount namespace: %w", err)
	}
	for _, mount := range []struct {
		source, target, fstype string
		flags                  uintptr
	}{
		{"", "/", "", syscall.MS_REC | syscall.MS_PRIVATE},
		{"tmpfs", own, "tmpfs", 0},
		{subnets, filepath.Join(own, "subnets"), "", syscall.MS_BIND},
		{own, folder, "", syscall.MS_MOVE},
	} {
		if mount.source == subnets {
			if err := os.Mkdir(mount.target, 0o755); err != nil {
				return err
			}
		}
		if err := syscall.Mount(mount.source, mount.target, mount.fstype, mount.flags, ""); err != nil {
			return fmt.Errorf("mounting %s on %s: %w", mount.source, mount.target, err)
		}
	}
	if err := os.Remove(own); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, append(os.Environ(), apartEnv+"=1"))
}

package disk

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// serveInstead has the test's program serve a disk, as a helper's does.
const serveInstead = "DISK_TEST_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveInstead) == "" {
		os.Exit(m.Run())
	}
	if err := Serve(context.Background(), os.Stdin, os.Stdout, slog.Default()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// needsFUSE skips a test that cannot mount.
func needsFUSE(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount")
	}
	f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("needs FUSE: %v", err)
	}
	f.Close()
}

// disks are a way to serve a disk.
var ways = map[string]func(t testing.TB, o Options) Disk{
	"in this process":    serveHere,
	"in another process": func(t testing.TB, o Options) Disk { d, _ := serveElsewhere(t, o); return d },
}

func serveHere(t testing.TB, o Options) Disk {
	t.Helper()
	needsFUSE(t)
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	d, err := Mount(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Unmount(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return d
}

// serveElsewhere serves a disk in a process of its own, which it is told of, too.
func serveElsewhere(t testing.TB, o Options) (*Client, *os.Process) {
	t.Helper()
	needsFUSE(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveInstead+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := NewClient(in, out)
	t.Cleanup(func() {
		c.Close()
		cmd.Wait()
		if err := Remove(o.At); err != nil {
			t.Error(err)
		}
	})
	if err := c.Mount(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return c, cmd.Process
}

// folders are a directory for what is durable, and a mount point.
func folders(t testing.TB) Options {
	t.Helper()
	o := Options{Below: filepath.Join(t.TempDir(), "below"), At: filepath.Join(t.TempDir(), "at")}
	for _, dir := range []string{o.Below, o.At} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func stateOf(t testing.TB, d Disk) State {
	t.Helper()
	s, err := d.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

//go:build linux

package attack

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A disk that is full, at the start or from some moment on, is no reason for a false word.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	needRoot(t)
	needServer(t)
	for _, disk := range quick([]struct {
		name string
		size string
		fill bool // in mid-run
	}{
		{"full in mid-run", "32m", true},
		{"too small for the start", "16k", false},
		{"too small for the data", "200k", false},
		{"too small for the record", "1m", false},
		{"too small for the reports", "2m", false},
	}, 1) {
		t.Run(disk.name, func(t *testing.T) {
			t.Parallel()
			p := prepareRun(t, "local", file(t, "s.yaml", calm))
			mountSmall(t, p.out, disk.size)
			p.start(t, 2*time.Minute)
			if disk.fill && p.until("running test-attacked", time.Second) {
				p.runID()
				fill(t, filepath.Join(p.out, "filler"))
			}
			p.wait(t)
			coherent(t, p)
			if p.code() == exitOK && disk.fill {
				t.Errorf("it could write nothing, and passed: %s", p.told())
			}
			nothingLeft(t, p, nil)
		})
	}
}

// mountSmall mounts a small file system, for as long as the test goes on.
func mountSmall(t *testing.T, dir, size string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// fill writes until there is no space left.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for chunk := bytes.Repeat([]byte("x"), 1<<16); len(chunk) > 0; chunk = chunk[:len(chunk)/2] {
		for {
			if _, err := f.Write(chunk); err != nil {
				break
			}
		}
	}
}

// A run whose folder is taken away, or becomes read-only, in mid-run ends with an error.
func TestFolderTakenAway(t *testing.T) {
	t.Parallel()
	needServer(t)
	for _, attack := range quick([]struct {
		name string
		take func(t *testing.T, p *program) error
	}{
		{"removed", func(t *testing.T, p *program) error { return os.RemoveAll(p.dir()) }},
		{"moved", func(t *testing.T, p *program) error { return os.Rename(p.dir(), p.dir()+"-moved") }},
		{"a file stands in its place", func(t *testing.T, p *program) error {
			if err := os.RemoveAll(p.dir()); err != nil {
				return err
			}
			return os.WriteFile(p.dir(), []byte("x"), 0o644)
		}},
	}, 1) {
		t.Run(attack.name, func(t *testing.T) {
			t.Parallel()
			p := prepareRun(t, "local", file(t, "s.yaml", calm))
			p.start(t, 2*time.Minute)
			if !p.until("running test-attacked", time.Second) || p.runID() == "" {
				t.Fatalf("it has ended before: %s", p.told())
			}
			// The servers write there as well; what they make while it is removed is removed, too.
			var err error
			for range 10 {
				if err = attack.take(t, p); err == nil {
					break
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			p.wait(t)
			if p.code() != exitNotRun {
				t.Errorf("%s\nwant exit %d", p.told(), exitNotRun)
			}
			nothingLeft(t, p, nil)
		})
	}
}

// With few descriptors, small files or little memory, a run is carried out or ends with an
// error that says why.
func TestFewResources(t *testing.T) {
	t.Parallel()
	needServer(t)
	for _, limit := range quick([]string{
		"ulimit -n 32", "ulimit -n 64", "ulimit -n 16", "ulimit -n 10", "ulimit -n 128", "ulimit -n 256", "ulimit -f 64", "ulimit -f 0", "ulimit -s 64",
	}, 1) {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			p := prepareRun(t, "local", file(t, "s.yaml", calm)).under(limit).run(t, 2*time.Minute)
			coherent(t, p)
			nothingLeft(t, p, nil)
		})
	}
}

// Where memory runs out, Go ends the program where it stands: without a verdict, and without
// the exit code that says that nothing was deployed.
func TestLittleMemory(t *testing.T) {
	t.Parallel()
	needServer(t)
	p := prepareRun(t, "local", file(t, "s.yaml", calm)).under("ulimit -v 1000000")
	p.start(t, 2*time.Minute)
	<-p.ended
	switch code := p.code(); code {
	case exitOK, exitExpectation, exitNotRun: // it was enough, or it was said that it is not
		coherent(t, p)
	default:
		if code == exitUsage && p.runID() != "" {
			t.Errorf("exit %d, and something was deployed: %s", code, excerpt(p.stderr.String()))
		}
		judgeKilled(t, p)
		p.down(t)
	}
	nothingLeft(t, p, nil)
}

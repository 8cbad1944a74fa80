package parse

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pipe is the path of a named pipe that nobody has open.
func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe.yaml")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("no pipe can be made here: ", err)
	}
	return path
}

func TestReadSourceOfAPipe(t *testing.T) {
	path := pipe(t)
	wrote := make(chan error, 1)
	go func() {
		w, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err == nil {
			_, err = w.WriteString(minimal[:5])
			_, err2 := w.WriteString(minimal[5:])
			err = errors.Join(err, err2, w.Close())
		}
		wrote <- err
	}()
	s, _, err := Load(t.Context(), path, fakeCatalog(), nil)
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	if err != nil || s.Name != "t" {
		t.Errorf("%v, %v", s, err)
	}
}

// An interrupt ends a read, whether nobody has opened the pipe or somebody keeps it open.
func TestReadSourceEndsWithItsContext(t *testing.T) {
	for name, kept := range map[string]bool{"nobody writes": false, "somebody may still write": true} {
		path := pipe(t)
		if kept {
			w, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if _, err := w.WriteString("name: t"); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := ReadSource(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadSourceIsBounded(t *testing.T) {
	huge := filepath.Join(t.TempDir(), "huge.yaml")
	if err := os.WriteFile(huge, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 1<<40); err != nil {
		t.Skip("no sparse file can be made here: ", err)
	}
	socket := filepath.Join(t.TempDir(), "socket")
	for path, want := range map[string]string{
		huge:               ": the file is larger than 131072 bytes, which is the most that a scenario may have",
		"/dev/zero":        "/dev/zero is a device; name a file",
		"/dev/null":        "/dev/null is a device; name a file",
		t.TempDir():        "is a folder; name a scenario file in it",
		socket:             "no such file",
		huge + "/master":   "not a directory",
		"no\x00 such file": "invalid argument",
	} {
		if _, _, err := Load(t.Context(), path, fakeCatalog(), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

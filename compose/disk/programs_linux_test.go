package disk

import (
	"os"
	"path/filepath"
	"testing"
)

// programs do things to files under a directory, and fail the test if they cannot.
type programs struct {
	t    *testing.T
	dir  string
	disk Disk
}

// closed waits until the disk has been told that "a" was closed, which comes later.
func (p programs) closed() {
	p.t.Helper()
	m, ok := p.disk.(*mounted)
	if !ok { // closing waits
		return
	}
	waitFor(p.t, func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		for _, h := range m.handles {
			if h.node.path() == "a" {
				return false
			}
		}
		return true
	})
}

func (p programs) path(name string) string { return filepath.Join(p.dir, name) }

func (p programs) open(name string, flag int) *os.File {
	p.t.Helper()
	f, err := os.OpenFile(p.path(name), flag, 0o644)
	must(p.t, err)
	p.t.Cleanup(func() { f.Close() })
	return f
}

func (p programs) write(name, contents string) *os.File {
	p.t.Helper()
	f := p.open(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	p.add(f, contents)
	return f
}

func (p programs) appendTo(name, contents string) *os.File {
	p.t.Helper()
	f := p.open(name, os.O_WRONLY|os.O_APPEND)
	p.add(f, contents)
	return f
}

func (p programs) add(f *os.File, contents string) {
	p.t.Helper()
	_, err := f.WriteString(contents)
	must(p.t, err)
}

func (p programs) synced(name, contents string) *os.File {
	p.t.Helper()
	f := p.write(name, contents)
	must(p.t, f.Sync())
	return f
}

func (p programs) rename(from, to string) {
	p.t.Helper()
	must(p.t, os.Rename(p.path(from), p.path(to)))
}

func (p programs) syncDir(name string) {
	p.t.Helper()
	must(p.t, p.open(name, os.O_RDONLY).Sync())
}

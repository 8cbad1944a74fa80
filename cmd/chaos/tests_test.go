package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
)

// TestMain makes this program one that crashes where its environment asks for it. The tests have a journal of their
// own: some of them kill the program.
func TestMain(m *testing.M) {
	if how := os.Getenv(crashing); how != "" {
		crash(how)
	}
	logging.Disable() // go-redis's pools log each failed dial, which is what these tests are about
	forget, err := journaltest.Apart()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	forget()
	if err := program.remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// program is the one that the tests run.
var program built

// built is this program, built once for all tests that run it.
type built struct {
	once sync.Once
	dir  string
	err  error
}

func (b *built) build() (path string, err error) {
	b.once.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "chaos-built"); b.err != nil {
			return
		}
		if b.err = os.Chmod(b.dir, 0o755); b.err != nil { // other users run it, too
			return
		}
		if out, err := exec.Command("go", "build", "-o", filepath.Join(b.dir, "chaos"), ".").CombinedOutput(); err != nil {
			b.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	return filepath.Join(b.dir, "chaos"), b.err
}

func (b *built) remove() error {
	if b.dir == "" {
		return nil
	}
	return os.RemoveAll(b.dir)
}

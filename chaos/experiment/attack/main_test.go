//go:build linux

package attack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
)

// The environment of the processes that this test program starts.
const (
	programEnv = "ATTACK_PROGRAM" // the path of the program under attack
	serverEnv  = "ATTACK_SERVER"  // makes this program a hostile server of that kind
)

// TestMain is a hostile server where it is called as one. Otherwise it builds the
// program under attack, once for all tests.
func TestMain(m *testing.M) {
	if kind := os.Getenv(serverEnv); kind != "" {
		os.Exit(beServer(kind, os.Args[1:]))
	}
	logging.Disable() // go-redis's pools log each failed dial
	remove, err := journaltest.Apart()
	if err != nil {
		fmt.Fprintln(os.Stderr, "attack:", err)
		os.Exit(1)
	}
	code := withProgram(m)
	remove()
	os.Exit(code)
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

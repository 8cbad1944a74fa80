package journaltest

import (
	"os"
	"path/filepath"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// apartEnv is set for a process that has a journal of its own.
const apartEnv = "JOURNAL_APART"

// Apart has this test program, and what it starts, use another journal of runs than the machine's, so that
// nobody else removes what the runs that it kills leave behind, and the other way round. Which subnets are taken stays
// common to all. It is the first thing that a TestMain does: as root, it starts the program again. What it returns
// removes the journal.
func Apart() (remove func(), err error) {
	remove = func() {}
	if os.Getenv(apartEnv) != "" {
		return remove, nil
	}
	folder, err := journal.Folder()
	if err != nil {
		return remove, err
	}
	subnets := filepath.Join(folder, "subnets")
	if err := os.MkdirAll(subnets, 0o755); err != nil {
		return remove, err
	}
	own, err := os.MkdirTemp("", "journal-apart")
	if err != nil {
		return remove, err
	}
	remove = func() { _ = os.RemoveAll(own) }
	if err := again(folder, subnets, own); err != nil {
		return remove, err
	}
	runs := filepath.Join(own, "redis-chaos", "runs")
	if err := os.MkdirAll(runs, 0o755); err != nil {
		return remove, err
	}
	if err := os.Symlink(subnets, filepath.Join(runs, "subnets")); err != nil {
		return remove, err
	}
	os.Setenv("XDG_STATE_HOME", own)
	os.Setenv(apartEnv, "1")
	return remove, nil
}

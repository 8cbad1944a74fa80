package local

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// item and entry are what the journal holds of a run.
type (
	item  = journal.Item[layout]
	entry = journal.Entry[layout]
)

// openJournal opens the journal of the runs on this machine.
func openJournal() (journal.Journal[layout], error) { return journal.Open[layout](place) }

// place is what the journals call this machine.
const place = "local"

// Unfinished lists the runs of this process of which something may be on this machine.
func Unfinished() ([]string, error) {
	return journal.Mine(func(p string) bool { return p == place })
}

// RemoveStale removes what runs that were killed have left behind, and lists
// those runs. Live runs are left alone.
func RemoveStale(ctx context.Context) (removed []string, err error) {
	if err := compose.ReleaseStaleSubnets(); err != nil {
		return nil, err
	}
	j, err := openJournal()
	if err != nil {
		return nil, err
	}
	return j.Sweep(func(n item) error { return n.Made.remove(ctx, n.RunID) })
}

// Remove removes what a run that was killed has left behind. That there is
// nothing is fine; that the run is live is an error.
func Remove(ctx context.Context, runID string) error {
	j, err := openJournal()
	if err != nil {
		return err
	}
	e, err := j.Claim(runID)
	if err != nil || e == nil {
		return err
	}
	if err := e.Made.remove(ctx, runID); err != nil {
		e.Release()
		return fmt.Errorf("removing run %s: %w", runID, err)
	}
	return e.Unregister()
}

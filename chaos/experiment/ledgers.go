package experiment

import (
	"context"
	"errors"

	"github.com/redis-chaos/redis-chaos/chaos/ledger"
	"github.com/redis-chaos/redis-chaos/compose"
)

// openLedger opens the ledger of a cluster.
func openLedger(ctx context.Context, h compose.Host, cluster string) (*ledger.Ledger, error) {
	place, err := h.Place(ctx)
	if err != nil {
		return nil, err
	}
	return ledger.Open(place, cluster)
}

// forget removes the ledger of a cluster that is gone, or new.
func forget(ctx context.Context, h compose.Host, cluster string) error {
	place, err := h.Place(ctx)
	if err != nil {
		return err
	}
	return ledger.Forget(place, cluster)
}

// RemoveStale removes what runs that were killed have left behind on a host, with what is noted of the faults in
// force there.
func RemoveStale(ctx context.Context, h compose.Host) (compose.Swept, error) {
	swept, err := h.RemoveStale(ctx)
	for _, id := range swept.Removed {
		err = errors.Join(err, forget(ctx, h, id))
	}
	return swept, err
}

// Remove removes all that there is of a run that has ended on a host, with what is noted of the faults in force there.
func Remove(ctx context.Context, h compose.Host, runID string) error {
	if err := h.Remove(ctx, runID); err != nil {
		return err
	}
	return forget(ctx, h, runID)
}

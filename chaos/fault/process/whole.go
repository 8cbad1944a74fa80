package process

import (
	"context"
	"time"
)

// stepPatience is how long a step may take that is not given up.
const stepPatience = 30 * time.Second

// whole does a step that is not given up when ctx ends: an engine might carry out a kill whose caller is gone after the
// server was healed.
func whole(ctx context.Context, step func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepPatience)
	defer cancel()
	return step(ctx)
}

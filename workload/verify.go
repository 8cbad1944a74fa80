package workload

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/check"
)

// verify implements kind.
func (k values) verify(ctx context.Context, w *Workload) error {
	v, err := k.judge(ctx, w.Load)
	if err == nil {
		w.rec.Add(v)
	}
	return err
}

// judge reads everything back and compares. The only error is that of a cancelled
// ctx.
func (k values) judge(ctx context.Context, load *Load) (*record.Verified, error) {
	rdb := newReadBack(load.target)
	defer rdb.Close()
	// Commands that wait for an answer do not heed a cancelled context.
	defer context.AfterFunc(ctx, func() { _ = rdb.Close() })()

	checker := k.checker(load.histories(), load.shardOf)
	readKeys(ctx, rdb, k.source(), load.keys, checker)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("workload %s: reading back: %w", load.spec.Name, err)
	}
	if c, ok := checker.(check.Expiring); ok {
		c.ReadBy(load.rec.Now())
	}
	v := checker.Verdict()
	v.Name = load.spec.Name
	return v, nil
}

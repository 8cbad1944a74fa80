package workload

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
)

// verify implements kind.
func (k values) verify(ctx context.Context, w *Workload) error {
	v, err := k.judge(ctx, w.Load)
	if err == nil {
		w.Rec.Add(v)
	}
	return err
}

// judge reads everything back and compares. The only error is that of a cancelled
// ctx.
func (k values) judge(ctx context.Context, load *drive.Load) (*record.Verified, error) {
	rdb := newReadBack(load.Target)
	defer rdb.Close()
	// Commands that wait for an answer do not heed a cancelled context.
	defer context.AfterFunc(ctx, func() { _ = rdb.Close() })()

	checker := k.checker(load.Histories(), load.ShardOf)
	drive.ReadKeys(ctx, rdb, k.source(), load.Keys, checker)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("workload %s: reading back: %w", load.Spec.Name, err)
	}
	if c, ok := checker.(check.Expiring); ok {
		c.ReadBy(load.Rec.Now())
	}
	v := checker.Verdict()
	v.Name = load.Spec.Name
	return v, nil
}

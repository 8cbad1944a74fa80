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
	v, err := k.judge(ctx, w, w.Load, historiesName(w.Spec.Name, ""))
	if err == nil {
		w.Rec.Add(v)
	}
	return err
}

// judge reads everything of a load of the workload back and compares. It leaves the histories
// in a file, if there are to be any. The only error is that of a cancelled ctx.
func (k values) judge(ctx context.Context, w *Workload, load *drive.Load, name string) (*record.Verified, error) {
	rdb := newReadBack(load.Target)
	defer rdb.Close()
	// Commands that wait for an answer do not heed a cancelled context.
	defer context.AfterFunc(ctx, func() { _ = rdb.Close() })()

	checker := k.checker(load.Histories(), load.ShardOf)
	var sink drive.Sink = checker
	kept := w.record(checker, load, name)
	if kept != nil {
		sink = kept
	}
	drive.ReadKeys(ctx, rdb, k.source(), load.Keys, sink)
	read := load.Rec.Now()
	if kept != nil {
		w.notKept(kept.close(read))
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("workload %s: reading back: %w", load.Spec.Name, err)
	}
	if c, ok := checker.(check.Expiring); ok {
		c.ReadBy(read)
	}
	v := checker.Verdict()
	v.Name = load.Spec.Name
	return v, nil
}

// record has a checker's file written beside it; nil if there is to be none.
func (w *Workload) record(checker check.Checker, load *drive.Load, name string) *recorder {
	if w.artifacts == nil {
		return nil
	}
	file, err := w.artifacts.Create(name)
	if err != nil {
		w.notKept(err)
		return nil
	}
	return newRecorder(checker, load, file)
}

// notKept notes why histories could not be kept. The verdict stands without them.
func (w *Workload) notKept(err error) {
	if err != nil {
		w.Rec.Add(&record.Note{Text: fmt.Sprintf("Workload %s: its histories could not be kept: %v.", w.Spec.Name, err)})
	}
}

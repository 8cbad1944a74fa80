package workload

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// verify implements kind.
func (k values) verify(ctx context.Context, w *Workload) error {
	checker, err := k.judge(ctx, w, w.Load, historiesName(w.Spec.Name, ""))
	if err != nil {
		return err
	}
	for _, v := range verdicts(checker, w.Spec.Name) {
		w.Rec.Add(v)
	}
	return nil
}

// judge has a checker told of everything of a load of the workload, and leaves the histories
// in a file, if there are to be any. The only error is that of a cancelled ctx.
func (k values) judge(ctx context.Context, w *Workload, load *drive.Load, name string) (check.Checker, error) {
	rdb := newReadBack(load.Target)
	defer rdb.Close()
	// Commands that wait for an answer do not heed a cancelled context.
	defer context.AfterFunc(ctx, func() { _ = rdb.Close() })()

	checker := k.checker(load.Histories(), load.ShardOf)
	var sink drive.Sink = checker
	kept := w.keep(k.writer, load, name)
	if kept != nil {
		sink = &recorder{Checker: checker, keeper: kept, size: keyspace.SizesOf(load.Spec), key: -1}
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
	return checker, nil
}

// verdicts are what a checker has come to.
func verdicts(checker check.Checker, workload string) []record.Data {
	v := checker.Verdict()
	v.Name = workload
	all := []record.Data{v}
	if groups, ok := checker.(*check.Groups); ok {
		consumed := groups.Consumed()
		consumed.Name = workload
		all = append(all, consumed)
	}
	return all
}

// witnessed is a kind that reads nothing back: what its clients did and saw is all that there
// is to judge.
type witnessed interface {
	sectioned
	// verdict is a function of the histories and the section. The only error is that of a
	// cancelled ctx.
	verdict(ctx context.Context, of evidence) (record.Data, error)
}

// evidence is what a witnessed workload is judged by, beside its section.
type evidence struct {
	name    string
	clients []history.History
	keys    []string
	shardOf []int // by key
	// draw leaves a picture beside the reports, and returns its name; nil if there is to be none.
	draw func(picture picture) string
}

// judgeWitnessed leaves the histories of the workload in a file, if there is to be one, and
// judges them.
func (w *Workload) judgeWitnessed(ctx context.Context, k witnessed) error {
	if kept := w.keep(k, w.Load, historiesName(w.Spec.Name, "")); kept != nil {
		w.notKept(kept.close(w.Rec.Now()))
	}
	v, err := k.verdict(ctx, evidence{w.Spec.Name, w.Histories(), w.Keys, w.ShardOf, w.draw})
	if err != nil {
		return fmt.Errorf("workload %s: %w", w.Spec.Name, err)
	}
	w.Rec.Add(v)
	return nil
}

// keep begins a file with the histories of a load; nil if there is to be none.
func (w *Workload) keep(of any, load *drive.Load, name string) *keeper {
	if w.artifacts == nil {
		return nil
	}
	file, err := w.artifacts.Create(name)
	if err != nil {
		w.notKept(err)
		return nil
	}
	return newKeeper(of, load, file)
}

// notKept notes why histories could not be kept. The verdict stands without them.
func (w *Workload) notKept(err error) {
	if err != nil {
		w.Rec.Add(&record.Note{Text: fmt.Sprintf("Workload %s: its histories could not be kept: %v.", w.Spec.Name, err)})
	}
}

package books

import (
	"io"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

func TestShardTally(t *testing.T) {
	var a, b, sum ShardTally
	if met, called := sum.Result(2); called {
		t.Errorf("nothing was called, and %+v was met", met)
	}
	a.Ended(Call{Client: 0, From: 10, Over: 12, Outcome: history.Acked})
	a.Ended(Call{Client: 0, From: 12, Over: 15, Outcome: history.AckedInDoubt})
	a.Ended(Call{Client: 0, From: 15, Over: 16, Outcome: history.Acked})
	b.Ended(Call{Client: 1, From: 11, Over: 511, Outcome: history.Indeterminate})
	b.Errors.Add(history.Indeterminate, io.EOF, 511)
	for _, of := range []ShardTally{a, b, {}} {
		sum.Merge(of)
	}
	met, _ := sum.Result(2)
	if met.Shard != 2 || met.Acked != 3 || *met.Stall != (record.Stall{Client: 1, From: 11, Until: 511, Outcome: "indeterminate"}) ||
		len(met.Errors) != 1 || met.Errors[0].First != 511 {
		t.Errorf("got %s, %+v", describe(met), met.Stall)
	}
	// An ack is an ack here, in doubt or not.
	if met, _ := a.Result(0); *met.Stall != (record.Stall{From: 12, Until: 15, Outcome: "acked"}) {
		t.Errorf("got %+v", met.Stall)
	}
}

package drive

import (
	"io"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

func TestShardTally(t *testing.T) {
	var a, b, sum shardTally
	if met, called := sum.result(2); called {
		t.Errorf("nothing was called, and %+v was met", met)
	}
	a.ended(call{client: 0, from: 10, over: 12, outcome: history.Acked})
	a.ended(call{client: 0, from: 12, over: 15, outcome: history.AckedInDoubt})
	a.ended(call{client: 0, from: 15, over: 16, outcome: history.Acked})
	b.ended(call{client: 1, from: 11, over: 511, outcome: history.Indeterminate})
	b.errors.Add(history.Indeterminate, io.EOF, 511)
	for _, of := range []shardTally{a, b, {}} {
		sum.merge(of)
	}
	met, _ := sum.result(2)
	if met.Shard != 2 || met.Acked != 3 || *met.Stall != (record.Stall{Client: 1, From: 11, Until: 511, Outcome: "indeterminate"}) ||
		len(met.Errors) != 1 || met.Errors[0].First != 511 {
		t.Errorf("got %s, %+v", describe(met), met.Stall)
	}
	// An ack is an ack here, in doubt or not.
	if met, _ := a.result(0); *met.Stall != (record.Stall{From: 12, Until: 15, Outcome: "acked"}) {
		t.Errorf("got %+v", met.Stall)
	}
}

package drive

import (
	"io"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// BenchmarkAck measures entering an ack, with all clients on one row.
func BenchmarkAck(b *testing.B) {
	node := newAckBook(record.New(record.NewClock(), io.Discard), "orders", 1).node("node-0")
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			node.ack(0, 1)
		}
	})
}

// BenchmarkEnded measures entering a call that has ended.
func BenchmarkEnded(b *testing.B) {
	var tally shardTally
	for now := record.Millis(0); b.Loop(); now++ {
		tally.ended(call{client: 1, from: now, over: now + 1})
	}
}

// BenchmarkOccupation measures entering and leaving a call that is not long.
func BenchmarkOccupation(b *testing.B) {
	o := newOccupation(record.New(record.NewClock(), io.Discard), "orders", 50)
	for now := record.Millis(0); b.Loop(); now++ {
		o.enter(1, 2, now)
		o.leave(1, now, now+1)
	}
}

package books

import (
	"io"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// BenchmarkAck measures entering an ack, with all clients on one row.
func BenchmarkAck(b *testing.B) {
	node := NewAcks(record.New(record.NewClock(), io.Discard), "orders", 1).Node("node-0")
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			node.Ack(0, 1)
		}
	})
}

// BenchmarkEnded measures entering a call that has ended.
func BenchmarkEnded(b *testing.B) {
	var tally ShardTally
	for now := record.Millis(0); b.Loop(); now++ {
		tally.Ended(Call{Client: 1, From: now, Over: now + 1})
	}
}

// BenchmarkOccupation measures entering and leaving a call that is not long.
func BenchmarkOccupation(b *testing.B) {
	o := NewOccupation(record.New(record.NewClock(), io.Discard), "orders", 50)
	for now := record.Millis(0); b.Loop(); now++ {
		o.Enter(1, 2, now)
		o.Leave(1, now, now+1)
	}
}

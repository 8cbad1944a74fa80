package workload

import (
	"context"

	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// writer is what a type of workload writes, and how it judges what is left.
type writer interface {
	drive.Sender
	// source reads the contents of a key.
	source() drive.Source
	// checker compares contents with what clients did. The shard of each key
	// is for attributing losses.
	checker(clients []history.History, shardOf []int) check.Checker
}

// values is the kind of all types that write values, and find them again later.
type values struct{ writer }

var _ kind = values{}

// Drive implements kind.
func (k values) Drive(ctx, sending context.Context, load *drive.Load, s *drive.Session, c *drive.Client) {
	load.Send(ctx, sending, s, c, k.writer)
}

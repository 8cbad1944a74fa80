package report

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// The losses of a shard are drawn where they were, not where another shard's were.
func TestLossWindowOfAShard(t *testing.T) {
	w := Writes{LossWindowMS: &[2]record.Millis{10, 90}, Losses: []Loss{
		{Shard: 0, FirstMS: 10, LastMS: 20}, {Shard: 1, FirstMS: 80, LastMS: 90}, {Shard: 0, FirstMS: 15, LastMS: 30},
	}}
	if got := w.LossWindowOf(0); got == nil || *got != [2]record.Millis{10, 30} {
		t.Errorf("shard 0: %v", got)
	}
	if got := w.LossWindowOf(2); *got != [2]record.Millis{10, 90} {
		t.Errorf("where it is not known by shard: %v", got)
	}
}

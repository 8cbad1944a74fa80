package report

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// The losses of a shard are drawn where they were, not where another shard's were.
func TestLossWindowOfAShard(t *testing.T) {
	w := Writes{LossWindow: &[2]record.Millis{10, 90}, Losses: []Loss{
		{Shard: 0, First: 10, Last: 20}, {Shard: 1, First: 80, Last: 90}, {Shard: 0, First: 15, Last: 30},
	}}
	if got := w.LossWindowOf(0); got == nil || *got != [2]record.Millis{10, 30} {
		t.Errorf("shard 0: %v", got)
	}
	if got := w.LossWindowOf(2); *got != [2]record.Millis{10, 90} {
		t.Errorf("where it is not known by shard: %v", got)
	}
}

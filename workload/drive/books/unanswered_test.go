package books

import "testing"

// Of writes to several shards, a client waits for one when all others are answered.
func TestUnanswered(t *testing.T) {
	o := NewOccupation(newRecord(), "w", 1)
	u := NewUnanswered(o, 0, 3)
	begin := func(shards ...int) {
		u.Reset()
		for _, shard := range shards {
			u.Add(shard)
		}
		u.Begin(0)
	}
	answer := func(shards ...int) {
		var all AckedOnes
		for _, shard := range shards {
			all.Add(u, shard)
		}
		all.Enter()
	}
	expect := func(when string, want int) {
		t.Helper()
		if shard, _, waits := o.common(); waits != (want >= 0) || waits && shard != want {
			t.Errorf("%s: waits for %d, %v; want %d", when, shard, waits, want)
		}
	}
	begin(2, 0, 2, 1)
	expect("three shards", -1)
	answer(2, 1)
	expect("half of one shard and all of another", -1)
	answer(2)
	expect("all but one", 0)
	answer(0)
	o.Leave(0, 0, 1)
	expect("nothing", -1)
	begin(2, 2, 2, 2)
	expect("a turn to one shard", 2)

	var none AckedOnes
	none.Add(nil, 0)
	none.Enter()
}

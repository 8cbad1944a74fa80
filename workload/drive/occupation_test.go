package drive

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// A span begins when the last client enters, and ends when the first leaves. One that
// goes on is recorded in parts without a gap.
func TestOccupation(t *testing.T) {
	rec := newRecord()
	o := newOccupation(rec, "w", 3)
	spans := func() []record.Event {
		var all []record.Event
		for _, e := range rec.Events() {
			if _, ok := e.Data.(*record.Occupied); ok {
				all = append(all, e)
			}
		}
		return all
	}
	expect := func(when string, n int) {
		t.Helper()
		if got := spans(); len(got) != n {
			t.Fatalf("%s: %d spans, want %d", when, len(got), n)
		}
	}
	for rec.Now() < 2*record.LeastOccupied {
		time.Sleep(time.Millisecond)
	}
	o.enter(0, 1, 0)
	o.enter(1, 1, 20)
	o.save()
	expect("one client waits for none", 0)
	o.enter(2, 2, 30)
	o.save()
	expect("one client waits for another shard", 0)
	o.enter(2, 1, rec.Now())
	o.save()
	expect("the last one has just entered", 0)
	o.enter(2, 1, 50)
	o.save()
	expect("all wait", 1)
	o.leave(1, 20, rec.Now())
	expect("one leaves", 2)
	o.leave(0, 0, rec.Now())
	o.save()
	expect("another leaves", 2)
	first, second := spans()[0], spans()[1]
	part, rest := first.Data.(*record.Occupied), second.Data.(*record.Occupied)
	if first.At != 50 || second.At != part.Until || rest.Until < part.Until || part.Workload != "w" || part.Shard != 1 || rest.Shard != 1 {
		t.Errorf("%v %+v, %v %+v", first.At, part, second.At, rest)
	}
	o.enter(0, 1, rec.Now())
	o.enter(1, 1, rec.Now())
	o.leave(2, 50, rec.Now())
	expect("they had left in between", 2)

	var none *occupation
	none.enter(0, 0, 0)
	none.leave(0, 0, 1000)
	none.save()
}

// Of writes to several shards, a client waits for one when all others are answered.
func TestUnanswered(t *testing.T) {
	o := newOccupation(newRecord(), "w", 1)
	u := newUnanswered(o, 0, 3)
	begin := func(shards ...int) {
		u.reset()
		for _, shard := range shards {
			u.add(shard)
		}
		u.begin(0)
	}
	answer := func(shards ...int) {
		var all AckedOnes
		for _, shard := range shards {
			all.add(u, shard)
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
	o.leave(0, 0, 1)
	expect("nothing", -1)
	begin(2, 2, 2, 2)
	expect("a turn to one shard", 2)

	var none AckedOnes
	none.add(nil, 0)
	none.Enter()
}

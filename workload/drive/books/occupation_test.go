package books

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// A span begins when the last client enters, and ends when the first leaves. One that
// goes on is recorded in parts without a gap.
func TestOccupation(t *testing.T) {
	rec := newRecord()
	o := NewOccupation(rec, "w", 3)
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
	o.Enter(0, 1, 0)
	o.Enter(1, 1, 20)
	o.Save()
	expect("one client waits for none", 0)
	o.Enter(2, 2, 30)
	o.Save()
	expect("one client waits for another shard", 0)
	o.Enter(2, 1, rec.Now())
	o.Save()
	expect("the last one has just entered", 0)
	o.Enter(2, 1, 50)
	o.Save()
	expect("all wait", 1)
	o.Leave(1, 20, rec.Now())
	expect("one leaves", 2)
	o.Leave(0, 0, rec.Now())
	o.Save()
	expect("another leaves", 2)
	first, second := spans()[0], spans()[1]
	part, rest := first.Data.(*record.Occupied), second.Data.(*record.Occupied)
	if first.At != 50 || second.At != part.Until || rest.Until < part.Until || part.Workload != "w" || part.Shard != 1 || rest.Shard != 1 {
		t.Errorf("%v %+v, %v %+v", first.At, part, second.At, rest)
	}
	o.Enter(0, 1, rec.Now())
	o.Enter(1, 1, rec.Now())
	o.Leave(2, 50, rec.Now())
	expect("they had left in between", 2)

	var none *Occupation
	none.Enter(0, 0, 0)
	none.Leave(0, 0, 1000)
	none.Save()
}

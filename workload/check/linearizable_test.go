package check

import (
	"context"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// What cannot be checked is unknown, with the reason; but what is violated is.
func TestUnknownIsSaid(t *testing.T) {
	// written is of one client that writes and then reads something on each key.
	written := func(room int64, read history.ValueID, keys ...int) Linearizability {
		l, book := Linearizability{Keys: make([]history.Key, 2), Room: room, Timeout: 30 * time.Second}, history.Book{Room: room}
		for _, key := range keys {
			g := l.Keys[key].Join(key)
			book.Enter(g, history.Operation{Kind: history.Write, Sets: history.NewValueID(0, 1), CallNS: 1, OverNS: 2, Answered: true})
			book.Enter(g, history.Operation{Kind: history.Read, Found: read, CallNS: 3, OverNS: 4, Answered: true})
		}
		return l
	}
	later := time.Now().Add(time.Hour)
	for name, test := range map[string]struct {
		history  Linearizability
		deadline time.Time
		want     record.Linearizability
	}{
		"well": {written(4, history.NewValueID(0, 1), 0, 1), later,
			record.Linearizability{Verdict: record.LinearizabilityOK, Generations: 2, Operations: 4, Reads: 2, Writes: 2}},
		"nothing done": {written(4, 0), later,
			record.Linearizability{Verdict: record.LinearizabilityUnknown, Reason: "no operation was answered that tells what a key held"}},
		"no room": {written(3, history.NewValueID(0, 1), 0, 1), later,
			record.Linearizability{Verdict: record.LinearizabilityUnknown, Generations: 2, Operations: 3, Reads: 1, Writes: 2, Unknown: 1,
				Reason: "there were more than 3 operations, and no more are kept: 1 of 2 keys were not checked"}},
		"no time": {written(4, history.NewValueID(0, 1), 0, 1), time.Now(),
			record.Linearizability{Verdict: record.LinearizabilityUnknown, Generations: 2, Operations: 4, Reads: 2, Writes: 2, Unknown: 2,
				Reason: "2 of 2 keys could not be decided within 30s (check_timeout)"}},
		"violated all the same": {written(3, 0, 0, 1), later,
			record.Linearizability{Verdict: record.LinearizabilityViolated, Generations: 2, Operations: 3, Reads: 1, Writes: 2, Violated: 1, Unknown: 1}},
	} {
		checked, err := test.history.Check(t.Context(), test.deadline)
		if err != nil {
			t.Fatal(err)
		}
		if got := checked.Verdict(); describe(got) != describe(test.want) {
			t.Errorf("%s: got %s, want %s", name, describe(got), describe(test.want))
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := written(2, 0, 0).Check(cancelled, later); err == nil {
		t.Error("a check went on after it was cancelled")
	}
}

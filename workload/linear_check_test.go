package workload

import (
	"context"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// What cannot be checked is unknown, with the reason; but what is violated is.
func TestUnknownIsSaid(t *testing.T) {
	// history is of one client that writes and then reads something on each key.
	history := func(room int64, read valueID, keys ...int) linearizability {
		l, book := linearizability{keys: make([]opKey, 2), room: room, timeout: 30 * time.Second}, opBook{room: room}
		for _, key := range keys {
			g := l.keys[key].join(key)
			book.enter(g, op{kind: opWrite, sets: idOf(0, 1), callNS: 1, overNS: 2, answered: true})
			book.enter(g, op{kind: opRead, found: read, callNS: 3, overNS: 4, answered: true})
		}
		return l
	}
	later := time.Now().Add(time.Hour)
	for name, test := range map[string]struct {
		history  linearizability
		deadline time.Time
		want     record.Linearizability
	}{
		"well": {history(4, idOf(0, 1), 0, 1), later,
			record.Linearizability{Verdict: record.LinearizabilityOK, Generations: 2, Operations: 4, Reads: 2, Writes: 2}},
		"nothing done": {history(4, 0), later,
			record.Linearizability{Verdict: record.LinearizabilityUnknown, Reason: "no operation was answered that tells what a key held"}},
		"no room": {history(3, idOf(0, 1), 0, 1), later,
			record.Linearizability{Verdict: record.LinearizabilityUnknown, Generations: 2, Operations: 3, Reads: 1, Writes: 2, Unknown: 1,
				Reason: "there were more than 3 operations, and no more are kept: 1 of 2 keys were not checked"}},
		"no time": {history(4, idOf(0, 1), 0, 1), time.Now(),
			record.Linearizability{Verdict: record.LinearizabilityUnknown, Generations: 2, Operations: 4, Reads: 2, Writes: 2, Unknown: 2,
				Reason: "2 of 2 keys could not be decided within 30s (check_timeout)"}},
		"violated all the same": {history(3, 0, 0, 1), later,
			record.Linearizability{Verdict: record.LinearizabilityViolated, Generations: 2, Operations: 3, Reads: 1, Writes: 2, Violated: 1, Unknown: 1}},
	} {
		checked, err := test.history.check(t.Context(), test.deadline)
		if err != nil {
			t.Fatal(err)
		}
		if got := checked.verdict(); describe(got) != describe(test.want) {
			t.Errorf("%s: got %s, want %s", name, describe(got), describe(test.want))
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := history(2, 0, 0).check(cancelled, later); err == nil {
		t.Error("a check went on after it was cancelled")
	}
}

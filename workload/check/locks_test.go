package check

import (
	"context"
	"errors"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// What came of requests for locks is judged by their histories alone. The ttl is 100 ms.
func TestLocks(t *testing.T) {
	const ms = 1_000_000
	// granted is a lock that was asked for 1 ms before it was granted, and released at end.
	granted := func(from, end int64, release history.Outcome, found history.Found) *history.Grant {
		return &history.Grant{CalledNS: (from - 1) * ms, FromNS: from * ms, EndNS: end * ms, OverNS: (end + 2) * ms, Release: release, Found: found}
	}
	type request struct {
		outcome history.Outcome
		grant   *history.Grant // nil: denied, if it was acked
	}
	const own, gone, other = history.FoundOwn, history.FoundGone, history.FoundOther
	at := func(ms record.Millis) *[2]record.Millis { return &[2]record.Millis{ms, ms} }
	for name, test := range map[string]struct {
		clients [][]request
		want    record.Locks
	}{
		"nothing":           {[][]request{{}}, record.Locks{}},
		"never answered":    {[][]request{{{history.Failed, nil}, {history.Indeterminate, nil}}}, record.Locks{}},
		"denied":            {[][]request{{{history.Acked, nil}}}, record.Locks{Denied: 1}},
		"denied in doubt":   {[][]request{{{history.AckedInDoubt, nil}}}, record.Locks{Denied: 1, DeniedInDoubt: 1}},
		"released":          {[][]request{{{history.Acked, granted(10, 20, history.Acked, own)}}}, record.Locks{Acquired: 1, Released: 1}},
		"granted too late":  {[][]request{{{history.Acked, &history.Grant{FromNS: 100 * ms, EndNS: 100 * ms, OverNS: 101 * ms}}}}, record.Locks{Expired: 1, Released: 1}},
		"release refused":   {[][]request{{{history.Acked, granted(10, 20, history.Failed, own)}}}, record.Locks{Acquired: 1, ReleaseFailed: 1}},
		"release unknown":   {[][]request{{{history.Acked, granted(10, 20, history.Indeterminate, own)}}}, record.Locks{Acquired: 1, ReleaseUnknown: 1}},
		"gone":              {[][]request{{{history.Acked, granted(10, 20, history.Acked, gone)}}}, record.Locks{Acquired: 1, Gone: 1, LostByShard: map[int]int64{0: 1}, LostWindow: at(22)}},
		"another's":         {[][]request{{{history.Acked, granted(10, 20, history.Acked, other)}}}, record.Locks{Acquired: 1, Taken: 1, LostByShard: map[int]int64{0: 1}, LostWindow: at(22)}},
		"gone, maybe by us": {[][]request{{{history.Acked, granted(10, 20, history.AckedInDoubt, gone)}}}, record.Locks{Acquired: 1, ReleaseLate: 1}},
		"gone with its ttl": {[][]request{{{history.Acked, granted(10, 107, history.Acked, gone)}}}, record.Locks{Acquired: 1, ReleaseLate: 1}},
		"held one after the other": {[][]request{{{history.Acked, granted(10, 20, history.Acked, own)}}, {{history.Acked, granted(20, 30, history.Acked, own)}}},
			record.Locks{Acquired: 2, Released: 2}},
		"held beyond the ttl": {[][]request{{{history.Acked, granted(10, 200, history.Acked, gone)}}, {{history.Acked, granted(109, 120, history.Acked, own)}}},
			record.Locks{Acquired: 2, Released: 1, ReleaseLate: 1}},
		"held twice": {[][]request{{{history.Acked, granted(10, 40, history.Acked, other)}}, {{history.Failed, nil}, {history.Acked, granted(25, 60, history.Acked, own)}}},
			record.Locks{Acquired: 2, Released: 1, Taken: 1, LostByShard: map[int]int64{0: 1}, LostWindow: at(42),
				DoubleHolds: 1, DoubleHeld: 15, Longest: 15, Window: at(25), ByShard: map[int]int64{0: 1}, GrantedBy: []record.DoubleGrant{{First: "node-0", Second: "node-1", Count: 1, Longest: 15}}}},
	} {
		l := Locks{
			Requests: make([]history.History, len(test.clients)), Answers: make([]history.Locking, len(test.clients)),
			KeyOf: func(int, uint32) int { return 0 }, ShardOf: []int{0}, TTL: 100,
		}
		for client, requests := range test.clients {
			for n, r := range requests {
				l.Requests[client].Add(r.outcome, 1)
				switch {
				case r.grant != nil:
					l.Requests[client].Ackers.Ack(uint32(n), 0, []string{"node-0", "node-1"}[client])
					l.Answers[client].Grant(*r.grant)
				case r.outcome.IsAcked():
					l.Answers[client].Deny()
				}
			}
		}
		got, err := l.Verdict(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		test.want.Locks, test.want.TTL = 1, 100
		if describe(got) != describe(test.want) {
			t.Errorf("%s\ngot  %s\nwant %s", name, describe(got), describe(test.want))
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.Verdict(cancelled); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled: %v", name, err)
		}
	}
}

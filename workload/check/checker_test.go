package check

import (
	"errors"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// made is histories of clients that wrote each n times: acked, but for the
// outcomes given by client and number. Write n ended at 10·n ms.
func made(clients, n int, but map[[2]int]history.Outcome) []history.History {
	all := make([]history.History, clients)
	for c := range all {
		for i := range n {
			all[c].Add(but[[2]int{c, i}], record.Millis(10*i))
		}
	}
	return all
}

// shards has key k in shard k modulo 3.
func shards(keys int) []int {
	of := make([]int, keys)
	for k := range of {
		of[k] = k % 3
	}
	return of
}

// expect compares a verdict's figures; the shards' sum must be that of all.
func expect(t *testing.T, got *record.Verified, want record.Verified) {
	t.Helper()
	var sum int64
	for _, n := range got.LostByShard {
		sum += n
	}
	if sum != got.Lost || (got.LossWindow == nil) != (got.Lost == 0) {
		t.Errorf("%d lost, by shard %v, in %v", got.Lost, got.LostByShard, got.LossWindow)
	}
	if (got.Unverified == 0) != (got.Error == "") {
		t.Errorf("%d unverified for the reason %q", got.Unverified, got.Error)
	}
	figures := *got
	figures.LostByShard, figures.LossWindow, figures.Losses, figures.Error = nil, nil, nil, ""
	if describe(figures) != describe(want) {
		t.Errorf("got  %s\nwant %s", describe(figures), describe(want))
	}
}

func TestSetChecker(t *testing.T) {
	spec := scenarios.Workload{Clients: 4, Keys: 10, ValueSize: units.FixedSize(20)}
	const writes = 1000
	// missing and extra say what is absent of what was written, and present
	// besides; unreadable is keys.
	tests := []struct {
		name       string
		but        map[[2]int]history.Outcome
		missing    func(client, n int) bool
		extra      []string
		unreadable bool
		want       record.Verified
	}{
		{name: "all there", want: record.Verified{Checked: 4000}},
		{
			name:    "one missing",
			missing: func(c, n int) bool { return c == 2 && n == 77 },
			want:    record.Verified{Checked: 4000, Lost: 1},
		},
		{
			name:    "17 missing",
			missing: func(c, n int) bool { return c == 1 && 100 <= n && n < 117 },
			want:    record.Verified{Checked: 4000, Lost: 17},
		},
		{
			name:    "1000 missing",
			missing: func(_, n int) bool { return n >= 750 },
			want:    record.Verified{Checked: 4000, Lost: 1000},
		},
		{
			name:    "all missing",
			missing: func(int, int) bool { return true },
			want:    record.Verified{Checked: 4000, Lost: 4000},
		},
		{
			name:    "an ack in doubt is an ack",
			but:     map[[2]int]history.Outcome{{0, 1}: history.AckedInDoubt, {0, 2}: history.AckedInDoubt},
			missing: func(c, n int) bool { return c == 0 && n == 1 },
			want:    record.Verified{Checked: 4000, Lost: 1},
		},
		{
			name:    "not acked",
			but:     map[[2]int]history.Outcome{{0, 1}: history.Indeterminate, {0, 2}: history.Indeterminate, {0, 3}: history.Failed, {0, 4}: history.Failed},
			missing: func(c, n int) bool { return c == 0 && (n == 2 || n == 4) },
			want:    record.Verified{Checked: 3996, UnackedApplied: 1, FailedApplied: 1},
		},
		{
			name: "foreign",
			// Never written, of no client, damaged, without filler; the last is there twice.
			extra: []string{"0.1000..............", "4.0.................", "0.5................x", "0.5", "x", "x"},
			want:  record.Verified{Checked: 4000, Foreign: 5},
		},
		{
			name:       "unreadable",
			missing:    func(int, int) bool { return true },
			unreadable: true,
			want:       record.Verified{Unverified: 4000},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			keys, size := keyspace.NewSpread(spec, 7), keyspace.SizesOf(spec)
			clients := made(spec.Clients, writes, test.but)
			check := NewSet(keys, size, clients, shards(spec.Keys))
			for c := range clients {
				for n := range writes {
					if test.missing == nil || !test.missing(c, n) {
						key := keys.KeyOf(c, uint32(n))
						text := string(keyspace.AppendValue(nil, c, uint32(n), size))
						check.See(key, text)
						check.See(key, text) // as a scan may
					}
				}
			}
			for _, text := range test.extra {
				check.See(3, text)
			}
			for key := range spec.Keys {
				if test.unreadable {
					check.Unreadable(key, errors.New("no master"))
				}
			}
			expect(t, check.Verdict(), test.want)
		})
	}
}

func TestSetCheckerWrongKey(t *testing.T) {
	spec := scenarios.Workload{Clients: 1, Keys: 2, ValueSize: units.FixedSize(8)}
	keys := keyspace.NewSpread(spec, 1)
	check := NewSet(keys, keyspace.SizesOf(spec), made(1, 1, nil), shards(2))
	check.See(1-keys.KeyOf(0, 0), "0.0.....")
	expect(t, check.Verdict(), record.Verified{Checked: 1, Lost: 1, Foreign: 1})
}

func TestLossWindow(t *testing.T) {
	spec := scenarios.Workload{Clients: 1, Keys: 1}
	check := NewSet(keyspace.NewSpread(spec, 1), keyspace.SizesOf(spec), made(1, 100, nil), []int{5})
	for n := range 100 {
		if n != 20 && n != 30 && n != 60 {
			check.See(0, string(keyspace.AppendValue(nil, 0, uint32(n), keyspace.Sizes{})))
		}
	}
	got := check.Verdict()
	if got.LossWindow == nil || *got.LossWindow != [2]record.Millis{200, 600} || got.LostByShard[5] != 3 {
		t.Errorf("got %s", describe(got))
	}
}

func TestRegisterChecker(t *testing.T) {
	// Client 0 owns the keys 0 and 2, client 1 owns key 1: of ten writes each,
	// keys 0 and 2 had five, key 1 had ten.
	spec := scenarios.Workload{Clients: 2, Keys: 3, ValueSize: units.FixedSize(8)}
	tests := []struct {
		name       string
		but        map[[2]int]history.Outcome
		held       [3]string // "": the key is missing
		unreadable bool
		want       record.Verified
	}{
		{name: "newest", held: [3]string{"0.8.....", "1.9.....", "0.9....."}, want: record.Verified{Checked: 20}},
		{name: "one back", held: [3]string{"0.6.....", "1.9.....", "0.9....."}, want: record.Verified{Checked: 20, Lost: 1}},
		{name: "all back", held: [3]string{"0.4.....", "1.0.....", "0.3....."}, want: record.Verified{Checked: 20, Lost: 2 + 9 + 3}},
		{name: "missing", held: [3]string{"", "1.9.....", "0.9....."}, want: record.Verified{Checked: 20, Lost: 5}},
		{
			name: "the last was refused",
			but:  map[[2]int]history.Outcome{{1, 9}: history.Failed},
			held: [3]string{"0.8.....", "1.8.....", "0.9....."},
			want: record.Verified{Checked: 19},
		},
		{
			name: "refused, and there all the same",
			but:  map[[2]int]history.Outcome{{1, 9}: history.Failed},
			held: [3]string{"0.8.....", "1.9.....", "0.9....."},
			want: record.Verified{Checked: 19, FailedApplied: 1},
		},
		{
			name: "nobody knew, and it is there",
			but:  map[[2]int]history.Outcome{{1, 9}: history.Indeterminate},
			held: [3]string{"0.8.....", "1.9.....", "0.9....."},
			want: record.Verified{Checked: 19, UnackedApplied: 1},
		},
		{
			name: "an unanswered write may have come late",
			but:  map[[2]int]history.Outcome{{1, 7}: history.Indeterminate},
			held: [3]string{"0.8.....", "1.7.....", "0.9....."},
			want: record.Verified{Checked: 17, UnackedApplied: 1, Unverified: 2},
		},
		{
			name: "so may an unanswered attempt",
			but:  map[[2]int]history.Outcome{{1, 7}: history.AckedInDoubt},
			held: [3]string{"0.8.....", "1.7.....", "0.9....."},
			want: record.Verified{Checked: 18, Unverified: 2},
		},
		{
			name: "foreign",
			held: [3]string{"0.9.....", "hello", "1.9....."},
			want: record.Verified{Foreign: 3, Unverified: 20},
		},
		{name: "never written", held: [3]string{"0.10....", "1.9.....", "0.9....."}, want: record.Verified{Checked: 15, Foreign: 1, Unverified: 5}},
		{name: "unreadable", unreadable: true, want: record.Verified{Unverified: 20}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			check := NewRegister(keyspace.Owned{Clients: spec.Clients, Keys: spec.Keys}, keyspace.SizesOf(spec), NewExpiry(0, spec.Pipeline), made(2, 10, test.but), shards(3))
			for key, value := range test.held {
				if test.unreadable {
					check.Unreadable(key, errors.New("no master"))
				} else if value != "" {
					check.See(key, value)
				}
			}
			expect(t, check.Verdict(), test.want)
		})
	}
}

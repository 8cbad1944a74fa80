package check

import (
	"fmt"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// TestRegisterReadsAreExact has reads between the writes of random histories, of
// any of a key's writes so far, of nothing, or of a value that is none of them. A
// read is stale if there is no way that it saw all that was acked before: what it
// saw is older, and no attempt at that may have been applied late. If one may,
// nobody knows.
func TestRegisterReadsAreExact(t *testing.T) {
	for seed := range uint64(worlds) {
		w := newWorld(t, "register", seed)
		f := w.fresh()
		histories := make([]history.History, len(w.clients))
		made := make([][]madeWrite, w.spec.Keys)
		for _, m := range w.writes() {
			h := &histories[m.Client]
			h.Add(m.outcome, m.ms)
			f.Wrote(m.key, m.N, m.outcome, m.ms)
			made[m.key] = append(made[m.key], m)

			key := f.Pick(int(m.Client), w.Uint64())
			if key%w.spec.Clients != int(m.Client) || key >= w.spec.Keys {
				t.Fatalf("world %d: client %d reads key %d, of another one", seed, m.Client, key)
			}
			writes := made[key]
			var got history.View
			want := history.View{Sight: history.Fresh, Number: history.Nothing}
			held := w.IntN(len(writes)+1) - 1 // -1: the key is missing
			later := writes[held+1:]
			missed := slices.IndexFunc(later, func(m madeWrite) bool { return m.outcome.IsAcked() })
			must := f.Acked(key)
			switch {
			case w.chance(8):
				strangers := []string{"", "x", w.foreign(key)}
				got, want = f.Judge(h, key, must, &strangers[w.IntN(3)], m.ms), history.View{Sight: history.Strange}
			case held < 0:
				got = f.Judge(h, key, must, nil, m.ms)
				if missed >= 0 {
					want.Sight, want.Since = history.Stale, later[missed].ms
				}
			default:
				got = f.Judge(h, key, must, &writes[held].text, m.ms)
				want.Number = int64(writes[held].N)
				late := writes[held].outcome == history.AckedInDoubt || writes[held].outcome == history.Indeterminate
				if missed >= 0 && late {
					want.Sight = history.Unsure
				} else if missed >= 0 {
					want.Sight, want.Since = history.Stale, later[missed].ms
				}
			}
			if got != want {
				t.Fatalf("world %d: key %d after %+v\ngot  %+v\nwant %+v", seed, key, writes, got, want)
			}
		}
	}
}

// TestCounterReadsAreExact has reads of any number between the writes of random
// histories. A read is stale if fewer were counted than were acked before it was
// sent, whatever else was applied.
func TestCounterReadsAreExact(t *testing.T) {
	for seed := range uint64(worlds) {
		w := newWorld(t, "counter", seed)
		f := w.fresh()
		acks := make([][]float64, w.spec.Keys)
		for _, m := range w.writes() {
			key := f.Pick(int(m.Client), w.Uint64())
			must, ackedBefore := f.Acked(key), acks[key]
			// It is under way while this is written: its ack counts for the next read.
			f.Wrote(m.key, m.N, m.outcome, m.ms)
			if m.outcome.IsAcked() {
				acks[m.key] = append(acks[m.key], float64(m.ms))
			}
			held := w.Int64N(int64(len(ackedBefore)) + 3)
			text := fmt.Sprint(held)
			value, want := &text, history.View{Number: held}
			switch {
			case held == 0 && w.chance(2):
				value, want.Number = nil, history.Nothing
			case w.chance(8):
				text, want = []string{"-1", "", "1.5", "x"}[w.IntN(4)], history.View{Sight: history.Strange}
			}
			if want.Sight != history.Strange && held < int64(len(ackedBefore)) {
				want.Sight, want.Since = history.Stale, record.Millis(ackedBefore[len(ackedBefore)-1])
			}
			if got := f.Judge(nil, key, must, value, m.ms); got != want {
				t.Fatalf("world %d: key %d after %v acks\ngot  %+v\nwant %+v", seed, key, ackedBefore, got, want)
			}
		}
	}
}

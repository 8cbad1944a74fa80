package check

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// expiringWorld is a world of registers whose values last for some time, and whose
// clients send some writes at a time.
func expiringWorld(t *testing.T, seed uint64) (w *world, ttl int) {
	t.Helper()
	w = newWorld(t, "register", seed, func(w *world) {
		ttl = 1 + w.IntN(400)
		w.ttl, w.spec.Pipeline = time.Duration(ttl)*time.Millisecond, 1+w.IntN(3)
		w.spec.Keys *= w.spec.Pipeline
	})
	clear(w.unreadable)
	return w, ttl
}

// mayBeGone tells whether a write was sent so long before a moment that its value
// may have expired: no sooner than all writes of its client's pipeline before had
// ended.
func (w *world) mayBeGone(m madeWrite, ttl int, at record.Millis) bool {
	depth := uint32(w.spec.Pipeline)
	ended := record.Millis(0)
	for _, before := range w.writes() {
		if before.Client == m.Client && before.N/depth < m.N/depth {
			ended = max(ended, before.ms)
		}
	}
	return ended+record.Millis(ttl) <= at+expirySlack
}

// TestExpiredRegisterIsExact has keys hold nothing, or any of their writes, at a
// moment by which the values of some may have expired. Of a key that is gone these
// are unverified, and the others lost; a key that is there has not expired.
func TestExpiredRegisterIsExact(t *testing.T) {
	var expired, lost int64
	for seed := range uint64(worlds) {
		w, ttl := expiringWorld(t, seed)
		read := record.Millis(w.IntN(1000))
		of := make([][]madeWrite, w.spec.Keys)
		for _, m := range w.writes() {
			of[m.key] = append(of[m.key], m)
		}
		for key, writes := range of {
			held := w.IntN(len(writes)+1) - 1 // -1: the key is gone
			late := false
			if held >= 0 {
				o := writes[held].outcome
				w.keys[key] = []string{writes[held].text}
				late = o == history.AckedInDoubt || o == history.Indeterminate
				w.want.UnackedApplied += count(o == history.Indeterminate)
				w.want.FailedApplied += count(o == history.Failed)
			}
			for i, m := range writes {
				switch gone := held < 0 && w.mayBeGone(m, ttl, read); {
				case !m.outcome.IsAcked():
				case gone:
					expired++
					w.want.Unverified++
				case i > held && late:
					w.want.Unverified++
				default:
					w.want.Checked++
					if i > held {
						lost++
						w.lost(m)
					}
				}
			}
		}
		check := w.checker()
		check.(Expiring).ReadBy(read)
		for key, values := range w.keys {
			check.Begin(key)
			for _, v := range values {
				check.See(key, v)
			}
			check.End(key)
		}
		w.expectExactly(t, seed, check.Verdict())
	}
	if expired == 0 || lost == 0 {
		t.Errorf("%d writes expired and %d were lost in all worlds", expired, lost)
	}
}

// TestExpiredReadsAreNotStale has reads find nothing: that is stale where some
// acked write cannot have expired.
func TestExpiredReadsAreNotStale(t *testing.T) {
	var gone, staleReads int
	for seed := range uint64(worlds) {
		w, ttl := expiringWorld(t, seed)
		f := w.fresh()
		made := make([][]madeWrite, w.spec.Keys)
		for _, m := range w.writes() {
			f.Wrote(m.key, m.N, m.outcome, m.ms)
			made[m.key] = append(made[m.key], m)
		}
		for key, writes := range made {
			read := record.Millis(w.IntN(1000))
			want := history.View{Sight: history.Fresh, Number: history.Nothing}
			for _, m := range writes {
				if !m.outcome.IsAcked() {
					continue
				}
				if w.mayBeGone(m, ttl, read) {
					gone++
					continue
				}
				staleReads++
				want.Sight, want.Since = history.Stale, m.ms
				break
			}
			if got := f.Judge(&w.clients[key%w.spec.Clients], key, f.Acked(key), nil, read); got != want {
				t.Fatalf("world %d: key %d at %v of %+v\ngot  %+v\nwant %+v", seed, key, read, writes, got, want)
			}
		}
	}
	if gone == 0 || staleReads == 0 {
		t.Errorf("%d expired and %d stale in all worlds", gone, staleReads)
	}
}

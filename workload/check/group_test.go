package check

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

func TestGroupsAreExact(t *testing.T) {
	for seed := range uint64(worlds) {
		r := rand.New(rand.NewPCG(seed, 3))
		w := newWorld(t, "list", seed)
		w.applyOnce()
		groups := make([]*Group, 1+r.IntN(2))
		for i := range groups {
			groups[i] = NewGroup(fmt.Sprintf("group-%d", i), w.spec.Clients, w.spec.Keys)
		}
		duplicated := int64(0)
		for key := range w.keys {
			for i := 0; i < len(w.keys[key]); i++ {
				if w.chance(8) {
					w.insert(key, w.keys[key][i], i+1)
					duplicated += count(!w.unreadable[key])
				}
			}
			if w.chance(4) {
				w.insert(key, "hello", 0)
				w.want.Foreign += count(!w.unreadable[key])
			}
		}
		outOfOrder := w.outOfOrder()
		w.want.Duplicated, w.want.OutOfOrder = &duplicated, &outOfOrder

		keys, size := keyspace.NewSpread(w.spec, int64(seed)), keyspace.SizesOf(w.spec)
		check := NewGroups(w.checker(), groups, w.clients, keys, size)
		want := make([]record.Group, len(groups))
		for i := range want {
			want[i] = record.Group{Group: fmt.Sprintf("group-%d", i), Undelivered: new(int64)}
		}
		for key, texts := range w.keys {
			ids := make([]string, len(texts))
			for i, text := range texts {
				ids[i] = fmt.Sprintf("%d-%d", 1700000000000+uint64(seed), i)
				id, ours := Identify(keys, size, key, text)
				e := history.StreamEntry{WriteID: id, ID: history.PackEntryID(1700000000000+seed, uint64(i))}
				for j, g := range groups {
					if ours != (text != "hello") {
						t.Fatalf("%q: %v", text, e)
					}
					if !ours {
						continue
					}
					delivered, acked := false, false
					for range r.IntN(5) {
						ms := record.Millis(r.IntN(100))
						if r.IntN(2) == 0 && delivered {
							g.Ack(e)
							want[j].Acked += count(!acked)
							acked = true
							continue
						}
						g.Deliver(e, ms)
						switch {
						case acked:
							want[j].RedeliveredAfterAck++
						case delivered:
							want[j].RedeliveredUnacked++
						default:
							want[j].Delivered++
							delivered = true
							continue
						}
						widen(&want[j].RedeliveredWindow, ms)
					}
					*want[j].Undelivered += count(!delivered && !w.unreadable[key])
				}
			}
			if w.unreadable[key] || w.chance(3) { // a reading that breaks off
				check.Begin(key)
				for i := range w.IntN(len(texts) + 1) {
					check.See(key, ids[i]+" "+texts[i])
				}
			}
			if w.unreadable[key] {
				check.Unreadable(key, errors.New("no master"))
				continue
			}
			check.Begin(key)
			for i, text := range texts {
				check.See(key, ids[i]+" "+text)
			}
			check.End(key)
		}
		w.expectExactly(t, seed, check.Verdict())
		for i, g := range groups {
			got := g.Result(nil)
			if (got.Error != "") != (got.Undelivered == nil) {
				t.Errorf("world %d: %s", seed, describe(got))
			}
			if got.Error = ""; len(w.unreadable) > 0 {
				want[i].Undelivered = nil
			}
			if describe(got) != describe(want[i]) {
				t.Errorf("world %d\ngot  %s\nwant %s", seed, describe(got), describe(want[i]))
			}
		}
	}
}

// A write that is far ahead of all others takes no room for those in between.
func TestFarAhead(t *testing.T) {
	g := NewGroup("g", 1, 1)
	far := history.StreamEntry{WriteID: history.WriteID{N: history.MaxWrites - 1}, ID: 7}
	g.Deliver(far, 1)
	g.Ack(far)
	g.Deliver(far, 2)
	if r := g.Result(nil); r.Delivered != 1 || r.Acked != 1 || r.RedeliveredAfterAck != 1 || len(g.states[0].ids) != 0 {
		t.Errorf("got %s, with room for %d", describe(r), len(g.states[0].ids))
	}
}

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
		histories := make([]history.Group, 1+r.IntN(2))
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
		want := make([]record.Group, len(histories))
		for i := range want {
			want[i] = record.Group{Group: fmt.Sprintf("group-%d", i), Undelivered: new(int64)}
		}
		at := record.Millis(0)
		idOf := func(i int) string { return fmt.Sprintf("%d-%d", 1700000000000+seed, i) }
		for key, texts := range w.keys {
			for i, text := range texts {
				id, ours := Identify(keys, size, key, text)
				e := history.StreamEntry{WriteID: id, ID: history.PackEntryID(1700000000000+seed, uint64(i))}
				for j := range histories {
					g := &histories[j]
					if ours != (text != "hello") {
						t.Fatalf("%q: %v", text, e)
					}
					if !ours {
						continue
					}
					delivered, acked := false, false
					for range r.IntN(5) {
						at += record.Millis(r.IntN(100))
						if r.IntN(2) == 0 && delivered {
							g.Enter(history.GroupEvent{Kind: history.AckedAll, Consumer: 1})
							want[j].Acked += count(!acked)
							acked = true
							continue
						}
						g.Enter(history.GroupEvent{Kind: history.Delivered, Consumer: 1, Key: key, Entries: []history.StreamEntry{e}, At: at})
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
						widen(&want[j].RedeliveredWindow, at)
					}
					*want[j].Undelivered += count(!delivered && !w.unreadable[key])
				}
			}
		}
		groups := make([]*Group, len(histories))
		for i := range histories {
			groups[i] = NewGroup(fmt.Sprintf("group-%d", i), &histories[i], w.clients)
		}
		check := NewGroups(w.checker(), groups, w.clients, keys, size)
		for key, texts := range w.keys {
			if w.unreadable[key] || w.chance(3) { // a reading that breaks off
				check.Begin(key)
				for i := range w.IntN(len(texts) + 1) {
					check.See(key, idOf(i)+" "+texts[i])
				}
			}
			if w.unreadable[key] {
				check.Unreadable(key, errors.New("no master"))
				continue
			}
			check.Begin(key)
			for i, text := range texts {
				check.See(key, idOf(i)+" "+text)
			}
			check.End(key)
		}
		w.expectExactly(t, seed, check.Verdict())
		for i, got := range check.Consumed().Groups {
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

// What happened to a group is gone through in its order.
func TestGroups(t *testing.T) {
	entry := func(n uint32, id uint64) history.StreamEntry {
		return history.StreamEntry{WriteID: history.WriteID{N: n}, ID: history.PackEntryID(id, 0)}
	}
	deliver := func(consumer int, at record.Millis, entries ...history.StreamEntry) history.GroupEvent {
		return history.GroupEvent{Kind: history.Delivered, Consumer: consumer, Entries: entries, At: at}
	}
	ack := func(consumer int) history.GroupEvent {
		return history.GroupEvent{Kind: history.AckedAll, Consumer: consumer}
	}
	const written = 100_000
	far := entry(written-1, 7)
	for name, test := range map[string]struct {
		events []history.GroupEvent
		want   record.Group
	}{
		"nothing":                  {nil, record.Group{}},
		"an ack of nothing":        {[]history.GroupEvent{ack(3)}, record.Group{}},
		"acked":                    {[]history.GroupEvent{deliver(0, 1, entry(1, 1), entry(2, 2)), ack(0)}, record.Group{Delivered: 2, Acked: 2}},
		"acked by another":         {[]history.GroupEvent{deliver(0, 1, entry(1, 1)), ack(1)}, record.Group{Delivered: 1}},
		"again, unacked":           {[]history.GroupEvent{deliver(0, 1, entry(1, 1)), deliver(1, 5, entry(1, 1)), ack(1)}, record.Group{Delivered: 1, Acked: 1, RedeliveredUnacked: 1, RedeliveredWindow: &[2]record.Millis{5, 5}}},
		"again, acked":             {[]history.GroupEvent{deliver(0, 1, entry(1, 1)), ack(0), deliver(1, 5, entry(1, 1)), ack(1)}, record.Group{Delivered: 1, Acked: 1, RedeliveredAfterAck: 1, RedeliveredWindow: &[2]record.Millis{5, 5}}},
		"one write, two entries":   {[]history.GroupEvent{deliver(0, 1, entry(1, 1), entry(1, 9)), ack(0), deliver(0, 2, entry(1, 9))}, record.Group{Delivered: 2, Acked: 2, RedeliveredAfterAck: 1, RedeliveredWindow: &[2]record.Millis{2, 2}}},
		"a write that nobody made": {[]history.GroupEvent{deliver(0, 1, entry(written, 1)), ack(0)}, record.Group{Foreign: 1}},
		"foreign":                  {[]history.GroupEvent{{Kind: history.Delivered, Foreign: 4}}, record.Group{Foreign: 4}},
		"made again":               {[]history.GroupEvent{{Kind: history.Remade, At: 3}, {Kind: history.Remade, At: 8}}, record.Group{Lost: 2, LostWindow: &[2]record.Millis{3, 8}}},
		"far ahead of all others":  {[]history.GroupEvent{deliver(0, 1, far), ack(0), deliver(0, 2, far)}, record.Group{Delivered: 1, Acked: 1, RedeliveredAfterAck: 1, RedeliveredWindow: &[2]record.Millis{2, 2}}},
	} {
		clients, h := make([]history.History, 1), history.Group{}
		for range written {
			clients[0].Add(history.Acked, 1)
		}
		for _, e := range test.events {
			h.Enter(e)
		}
		if got := NewGroup("", &h, clients).verdict(); describe(got) != describe(test.want) {
			t.Errorf("%s\ngot  %s\nwant %s", name, describe(got), describe(test.want))
		}
	}
}

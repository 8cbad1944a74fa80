package check

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// TestHoldersAreExact has clients be granted one lock and release it as they like, some
// of them later than its ttl. Compared are every two of them, and every millisecond.
func TestHoldersAreExact(t *testing.T) {
	found := 0
	for seed := range uint64(worlds) {
		r := rand.New(rand.NewPCG(seed, 2))
		type grant struct {
			holding
			end record.Millis // when the client ended it
		}
		var all []grant
		clients := 1 + r.IntN(5)
		for c := range clients {
			// No two clients do anything in the same millisecond.
			for at := 8*r.IntN(20) + c; at < 500; at += 8 * (1 + r.IntN(30)) {
				g := grant{holding{client: c, node: string(rune('a' + r.IntN(3))), from: record.Millis(at)}, 0}
				g.until = g.from + 1 + record.Millis(r.IntN(200))
				at += 8 * (1 + r.IntN(30))
				g.end = record.Millis(at)
				all = append(all, g)
			}
		}
		var want []overlap
		var wanted record.Millis
		var twice [1000]bool
		for i, a := range all {
			for _, b := range all[i+1:] {
				first, second := a, b
				if b.from < a.from {
					first, second = b, a
				}
				until := min(a.end, a.until, b.end, b.until)
				if a.client == b.client || until <= second.from {
					continue
				}
				want = append(want, overlap{second.from, until, [2]string{first.node, second.node}})
				for ms := int(second.from); ms < int(until); ms++ {
					if !twice[ms] {
						twice[ms] = true
						wanted++
					}
				}
			}
		}
		held := make([]holding, len(all))
		for i, g := range all {
			held[i] = g.holding
			held[i].until = min(g.until, g.end)
		}
		r.Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
		var got []overlap
		var sum doubled
		overlaps(held, func(o overlap) bool {
			got = append(got, o)
			sum.add(o)
			return true
		})
		if sum.sum != wanted || len(got) != len(want) {
			t.Fatalf("world %d: %v for %v ms; want %v for %v ms", seed, got, sum.sum, want, wanted)
		}
		for _, o := range got {
			if !slices.Contains(want, o) {
				t.Fatalf("world %d: %v is not among %v", seed, o, want)
			}
		}
		found += len(got)
	}
	if found < worlds {
		t.Errorf("only %d overlaps in %d worlds", found, worlds)
	}
}

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
			Holding
			end record.Millis // when the client ended it
		}
		var all []grant
		clients := 1 + r.IntN(5)
		for c := range clients {
			// No two clients do anything in the same millisecond.
			for at := 8*r.IntN(20) + c; at < 500; at += 8 * (1 + r.IntN(30)) {
				g := grant{Holding{Client: c, Node: string(rune('a' + r.IntN(3))), From: record.Millis(at)}, 0}
				g.Until = g.From + 1 + record.Millis(r.IntN(200))
				at += 8 * (1 + r.IntN(30))
				g.end = record.Millis(at)
				all = append(all, g)
			}
		}
		var want []overlap
		var wanted record.Millis
		var doubled [1000]bool
		for i, a := range all {
			for _, b := range all[i+1:] {
				first, second := a, b
				if b.From < a.From {
					first, second = b, a
				}
				until := min(a.end, a.Until, b.end, b.Until)
				if a.Client == b.Client || until <= second.From {
					continue
				}
				want = append(want, overlap{second.From, until, [2]string{first.Node, second.Node}})
				for ms := int(second.From); ms < int(until); ms++ {
					if !doubled[ms] {
						doubled[ms] = true
						wanted++
					}
				}
			}
		}
		var f Holders
		for ms := range 1000 {
			for _, g := range all {
				switch record.Millis(ms) {
				case g.From:
					f.Begin(g.Holding)
				case g.end:
					f.End(g.Client, g.end)
				}
			}
		}
		got := slices.Clone(f.overlaps)
		if doubled := f.double(); doubled != wanted || len(got) != len(want) || len(f.held) != 0 {
			t.Fatalf("world %d: %v for %v ms; want %v for %v ms", seed, got, doubled, want, wanted)
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

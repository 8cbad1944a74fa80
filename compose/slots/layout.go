package slots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Layout is which slots each shard of a cluster has. Shards are numbered from 0, by their first slots.
type Layout struct {
	shards [][]Range // each in order, and never empty
}

// Equal is the layout of a cluster whose slots are dealt out evenly, as redis-cli --cluster create does it.
func Equal(masters int) Layout {
	l := Layout{shards: make([][]Range, masters)}
	per := float64(Count) / float64(masters)
	for i := range l.shards {
		l.shards[i] = []Range{{First: int(math.Round(float64(i) * per)), Last: int(math.Round(float64(i+1)*per)) - 1}}
	}
	return l
}

// LayoutOf is the layout of shards that have these ranges, in any order. A shard without slots, one of slots that
// do not exist, and a slot of two shards are errors. Slots of no shard are not: see Unassigned.
func LayoutOf(shards [][]Range) (Layout, error) {
	l := Layout{shards: make([][]Range, len(shards))}
	for i, ranges := range shards {
		if len(ranges) == 0 {
			return Layout{}, fmt.Errorf("shard %d of %d has no slots", i, len(shards))
		}
		for _, r := range ranges {
			if r.First < 0 || r.Last >= Count || r.First > r.Last {
				return Layout{}, fmt.Errorf("no slots %s; they are numbered 0 to %d", r, Count-1)
			}
		}
		l.shards[i] = Joined(ranges)
	}
	slices.SortFunc(l.shards, func(a, b []Range) int { return cmp.Compare(a[0].First, b[0].First) })
	all := slices.SortedFunc(slices.Values(slices.Concat(l.shards...)), byFirst)
	for i := 1; i < len(all); i++ {
		if all[i].First <= all[i-1].Last {
			return Layout{}, fmt.Errorf("slot %d is in two shards", all[i].First)
		}
	}
	return l, nil
}

func byFirst(a, b Range) int { return cmp.Compare(a.First, b.First) }

// Joined is ranges in order, those that touch each other as one.
func Joined(ranges []Range) (all []Range) {
	for _, r := range slices.SortedFunc(slices.Values(ranges), byFirst) {
		if last := len(all) - 1; last >= 0 && r.First <= all[last].Last+1 {
			all[last].Last = max(all[last].Last, r.Last)
			continue
		}
		all = append(all, r)
	}
	return all
}

// Shards is how many shards there are.
func (l Layout) Shards() int { return len(l.shards) }

// Ranges are the slots of a shard, in order.
func (l Layout) Ranges(shard int) []Range { return slices.Clone(l.shards[shard]) }

// First is the first slot of a shard.
func (l Layout) First(shard int) int { return l.shards[shard][0].First }

// Holds tells whether a slot is one of a shard.
func (l Layout) Holds(shard, slot int) bool {
	return slices.ContainsFunc(l.shards[shard], func(r Range) bool { return r.Holds(slot) })
}

// ShardOf is the shard that has a slot; -1 if none has it.
func (l Layout) ShardOf(slot int) int {
	return slices.IndexFunc(l.shards, func(ranges []Range) bool {
		return slices.ContainsFunc(ranges, func(r Range) bool { return r.Holds(slot) })
	})
}

// Unassigned are the slots that no shard has.
func (l Layout) Unassigned() (left []Range) {
	next := 0
	for _, r := range slices.SortedFunc(slices.Values(slices.Concat(l.shards...)), byFirst) {
		if r.First > next {
			left = append(left, Range{next, r.First - 1})
		}
		next = r.Last + 1
	}
	if next < Count {
		left = append(left, Range{next, Count - 1})
	}
	return left
}

// Text is the slots of a shard as CLUSTER NODES lists them: "0-5460", "0-99 200 300-5460".
func (l Layout) Text(shard int) string { return Text(l.shards[shard]) }

// Text is ranges as CLUSTER NODES lists them.
func Text(ranges []Range) string {
	all := make([]string, len(ranges))
	for i, r := range ranges {
		all[i] = r.String()
	}
	return strings.Join(all, " ")
}

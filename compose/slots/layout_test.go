package slots

import (
	"slices"
	"strings"
	"testing"
)

// The shares that redis-cli --cluster create deals out.
func TestEqual(t *testing.T) {
	for i, want := range []string{"0-5460", "5461-10922", "10923-16383"} {
		if got := Equal(3).Text(i); got != want {
			t.Errorf("shard %d of 3: %s, want %s", i, got, want)
		}
	}
	for masters := 3; masters <= 30; masters++ {
		l := Equal(masters)
		next := 0
		for shard := range l.Shards() {
			ranges := l.Ranges(shard)
			if len(ranges) != 1 || ranges[0].First != next || ranges[0].Last < next {
				t.Fatalf("%d masters, shard %d: %v, want it to start at %d", masters, shard, ranges, next)
			}
			next = ranges[0].Last + 1
		}
		if next != Count || len(l.Unassigned()) > 0 {
			t.Errorf("%d masters share %d slots; left %v", masters, next, l.Unassigned())
		}
	}
}

func TestLayoutOf(t *testing.T) {
	for _, test := range []struct {
		name       string
		shards     [][]Range
		texts      []string
		shardOf    map[int]int
		unassigned string
	}{
		{"one shard", [][]Range{{{0, Count - 1}}}, []string{"0-16383"}, map[int]int{0: 0, Count - 1: 0}, ""},
		{"unequal", [][]Range{{{0, 99}}, {{100, 16000}}, {{16001, Count - 1}}}, []string{"0-99", "100-16000", "16001-16383"}, map[int]int{99: 0, 100: 1, 16001: 2}, ""},
		{"in any order", [][]Range{{{16001, Count - 1}}, {{0, 99}}, {{100, 16000}}}, []string{"0-99", "100-16000", "16001-16383"}, map[int]int{0: 0, 5000: 1, Count - 1: 2}, ""},
		{"in fragments", [][]Range{{{5, 5}, {0, 3}, {9000, Count - 1}}, {{4, 4}, {6, 8999}}}, []string{"0-3 5 9000-16383", "4 6-8999"}, map[int]int{3: 0, 4: 1, 5: 0, 6: 1, 8999: 1, 9000: 0}, ""},
		{"that touch", [][]Range{{{10, 20}, {0, 9}, {21, 21}}, {{22, Count - 1}}}, []string{"0-21", "22-16383"}, map[int]int{9: 0, 21: 0, 22: 1}, ""},
		{"not whole", [][]Range{{{1, 9}}, {{12, 12}, {20, 30}}}, []string{"1-9", "12 20-30"}, map[int]int{0: -1, 11: -1, 12: 1, 31: -1}, "0 10-11 13-19 31-16383"},
		{"no shards", nil, nil, map[int]int{0: -1}, "0-16383"},
	} {
		l, err := LayoutOf(test.shards)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var texts []string
		for shard := range l.Shards() {
			texts = append(texts, l.Text(shard))
			if first := l.First(shard); l.ShardOf(first) != shard || !l.Holds(shard, first) {
				t.Errorf("%s: shard %d begins with slot %d, which is in shard %d", test.name, shard, first, l.ShardOf(first))
			}
		}
		if !slices.Equal(texts, test.texts) {
			t.Errorf("%s: %q, want %q", test.name, texts, test.texts)
		}
		for slot, want := range test.shardOf {
			if got := l.ShardOf(slot); got != want {
				t.Errorf("%s: slot %d is in shard %d, want %d", test.name, slot, got, want)
			}
		}
		if got := Text(l.Unassigned()); got != test.unassigned {
			t.Errorf("%s: unassigned %q, want %q", test.name, got, test.unassigned)
		}
	}
}

func TestNoLayout(t *testing.T) {
	for want, shards := range map[string][][]Range{
		"shard 1 of 2 has no slots": {{{0, 9}}, {}},
		"slot 9 is in two shards":   {{{0, 9}}, {{9, 12}}},
		"slot 5 is in two shards":   {{{0, 3}, {5, 9}}, {{4, 6}}},
		"no slots 0-16384":          {{{0, Count}}},
		"no slots 7-5":              {{{7, 5}}},
		"no slots -1-5":             {{{-1, 5}}},
	} {
		if _, err := LayoutOf(shards); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", shards, err, want)
		}
	}
}

package workload

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/goredis"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// TestTampering changes what real keys hold behind the workload's back: exactly
// that must be reported.
func TestTampering(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	t.Run("sequences", func(t *testing.T) { tamperWithSequences(t, cluster) })
	t.Run("hash", func(t *testing.T) { tamperWithHash(t, cluster) })
	t.Run("counter", func(t *testing.T) { tamperWithCounter(t, cluster) })
	t.Run("pages", func(t *testing.T) { readInPages(t, cluster) })
}

// tampering is how to take a write of some type away behind the workload's
// back, and how to add it, or what was never written, at the end of its key.
type tampering struct {
	remove func(ctx context.Context, rdb *redis.ClusterClient, key, text string) error
	add    func(ctx context.Context, rdb *redis.ClusterClient, key, text string) error
}

func tamperings() map[string]tampering {
	return map[string]tampering{
		"list": {
			remove: func(ctx context.Context, rdb *redis.ClusterClient, key, text string) error {
				return rdb.LRem(ctx, key, 1, text).Err()
			},
			add: func(ctx context.Context, rdb *redis.ClusterClient, key, text string) error {
				return rdb.RPush(ctx, key, text).Err()
			},
		},
		"stream": {
			remove: func(ctx context.Context, rdb *redis.ClusterClient, key, text string) error {
				entries, err := rdb.XRange(ctx, key, "-", "+").Result()
				if err != nil {
					return err
				}
				for _, e := range entries {
					if e.Values[strings.TrimRight(text, ".")] == text {
						return rdb.XDel(ctx, key, e.ID).Err()
					}
				}
				return fmt.Errorf("there is no %s in %s", text, key)
			},
			add: func(ctx context.Context, rdb *redis.ClusterClient, key, text string) error {
				return rdb.XAdd(ctx, &redis.XAddArgs{Stream: key, Values: []string{strings.TrimRight(text, "."), text}}).Err()
			},
		},
	}
}

// tamperWithSequences removes, doubles, moves and invents a known number of
// values.
func tamperWithSequences(t *testing.T, cluster *testCluster) {
	rdb := cluster.clusterClient(t)
	for typ, tamper := range tamperings() {
		w, rec := cluster.runUntil(t, scenarios.Workload{Name: "w", Type: typ, Clients: 8, Keys: 20, ValueSize: units.FixedSize(48)}, 2000)
		done := only[*record.WorkloadDone](t, rec)
		checkSum(t, done)
		acked := w.ackedOn(3)
		want := map[int]int64{0: 20, 1: 13, 2: 7}
		var lost int64
		for shard, n := range want {
			lost += n
			for i := range n {
				victim := acked[shard][i]
				must(t, tamper.remove(t.Context(), rdb, w.keyOf(victim), w.text(victim)))
			}
			acked[shard] = acked[shard][n:]
		}
		// The first that is left of shard 0 has later writes of its client behind it.
		moved := acked[0][0]
		must(t, tamper.remove(t.Context(), rdb, w.keyOf(moved), w.text(moved)))
		must(t, tamper.add(t.Context(), rdb, w.keyOf(moved), w.text(moved)))
		for _, twice := range acked[1][:9] {
			must(t, tamper.add(t.Context(), rdb, w.keyOf(twice), w.text(twice)))
		}
		for _, phantom := range []string{"hello", "999.0", w.text([2]int{0, 1 << 28})} {
			must(t, tamper.add(t.Context(), rdb, w.Keys[0], phantom))
		}
		must(t, w.Verify(t.Context()))
		got := only[*record.Verified](t, rec)
		if got.Checked != done.Acked || got.Lost != lost || !maps.Equal(got.LostByShard, want) || got.Foreign != 3 || got.Unverified != 0 {
			t.Errorf("%s: removed %v and added 3; got %s", typ, want, describe(got))
		}
		if *got.Duplicated != 9 || *got.OutOfOrder != 1 {
			t.Errorf("%s: doubled 9 and moved 1; got %s", typ, describe(got))
		}
	}
}

// tamperWithHash removes fields, changes the values of others, and adds some.
func tamperWithHash(t *testing.T, cluster *testCluster) {
	rdb := cluster.clusterClient(t)
	w, rec := cluster.runUntil(t, scenarios.Workload{Name: "w", Type: "hash", Clients: 8, Keys: 20, ValueSize: units.FixedSize(48)}, 2000)
	field := func(write [2]int) string { return strings.TrimRight(w.text(write), ".") }
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	acked := w.ackedOn(3)
	for _, gone := range acked[0][:11] {
		must(t, rdb.HDel(t.Context(), w.keyOf(gone), field(gone)).Err())
	}
	for i, spoilt := range acked[1][:4] {
		value := []string{"", "hello", w.text(spoilt) + ".", w.text(acked[1][5])}[i]
		must(t, rdb.HSet(t.Context(), w.keyOf(spoilt), field(spoilt), value).Err())
	}
	for _, phantom := range []string{"hello", "999.0", field(acked[2][0]) + ".", field([2]int{0, 1 << 28})} {
		must(t, rdb.HSet(t.Context(), w.keyOf(acked[2][0]), phantom, w.text(acked[2][0])).Err())
	}
	must(t, w.Verify(t.Context()))
	got := only[*record.Verified](t, rec)
	if got.Checked != done.Acked || got.Lost != 15 || !maps.Equal(got.LostByShard, map[int]int64{0: 11, 1: 4}) ||
		got.Foreign != 4+4 || got.Unverified != 0 || got.Duplicated != nil {
		t.Errorf("removed 11, changed 4, added 4; got %s", describe(got))
	}
}

// tamperWithCounter counts some keys down and others up.
func tamperWithCounter(t *testing.T, cluster *testCluster) {
	rdb := cluster.clusterClient(t)
	w, rec := cluster.runUntil(t, scenarios.Workload{Name: "w", Type: "counter", Clients: 8, Keys: 20}, 2000)
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	must(t, rdb.DecrBy(t.Context(), w.Keys[0], 3).Err())
	must(t, rdb.DecrBy(t.Context(), w.Keys[1], 4).Err())
	must(t, rdb.IncrBy(t.Context(), w.Keys[2], 5).Err())
	must(t, w.Verify(t.Context()))
	got := only[*record.Verified](t, rec)
	want := map[int]int64{}
	want[w.ShardOf[0]] += 3
	want[w.ShardOf[1]] += 4
	if got.Checked != done.Acked || got.Lost != 7 || !maps.Equal(got.LostByShard, want) || *got.Duplicated != 5 ||
		got.LossWindow != nil || got.Foreign+got.Unverified != 0 {
		t.Errorf("7 down and 5 up; got %s", describe(got))
	}
}

// seen is a checker that remembers what it is shown.
type seen struct {
	values map[int][]string
	ended  int
}

func (s *seen) Begin(key int)                 { s.values[key] = nil }
func (s *seen) See(key int, value string)     { s.values[key] = append(s.values[key], value) }
func (s *seen) End(int)                       { s.ended++ }
func (s *seen) Unreadable(key int, err error) { s.values[key] = []string{err.Error()} }
func (s *seen) Verdict() *record.Verified     { return nil }

// readInPages reads keys of less than a page, of whole pages, and of more, and
// one that is missing.
func readInPages(t *testing.T, cluster *testCluster) {
	client := goredis.NewReadBack(cluster)
	defer client.Close()
	size := pages{page: 4, batch: 2}
	for name, read := range map[string]drive.Source{
		"set": scan{size}, "hash": hashScan{size}, "list": listRange{size}, "stream": streamRange{size},
	} {
		cluster.fresh(t)
		planned, err := New(scenarios.Workload{Type: name, Clients: 1, Keys: 1}, "run", 1, cluster, newRecord())
		must(t, err)
		const keys = 13
		check := &seen{values: map[int][]string{}}
		var names []string
		for key := range keys {
			names = append(names, fmt.Sprint("key", key))
			for n := range uint32(key) {
				var w drive.Write
				w.Begin(keyspace.AppendValue(nil, 7, n, keyspace.Sizes{Least: 20, Most: 20}))
				cmd := drive.NewCommand(planned.kind.(values).Command(nil, names[key], &w)...)
				client.Do(t.Context(), cmd)
				must(t, cmd.Err)
			}
		}
		drive.ReadKeys(t.Context(), client, read, names, check)
		for key := range keys {
			got := check.values[key]
			var want []string
			for n := range uint32(key) {
				want = append(want, string(keyspace.AppendValue(nil, 7, n, keyspace.Sizes{Least: 20, Most: 20})))
			}
			if name == "set" || name == "hash" { // in any order, and maybe more than once
				slices.Sort(got)
				got = slices.Compact(got)
				slices.Sort(want)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s of %d: got %q", name, key, got)
			}
		}
		if check.ended != keys {
			t.Errorf("%s: %d of %d keys were read to their ends", name, check.ended, keys)
		}
	}
}

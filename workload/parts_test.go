package workload

import (
	"math"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func TestValue(t *testing.T) {
	for _, size := range []int{0, 4, 64} {
		for _, n := range []uint32{0, 9, 10, 123456, math.MaxUint32} {
			text := string(appendValue([]byte("x"), 17, n, sizes{size, size})[1:])
			if client, got, ok := parseValue(text, sizes{size, size}); !ok || client != 17 || got != n {
				t.Errorf("%q: got %d.%d, %v", text, client, got, ok)
			}
			if len(text) < size {
				t.Errorf("%q is shorter than %d", text, size)
			}
		}
	}
	for _, text := range []string{
		"", "1", "1.", ".", ".1", "a.1....", "1.a....", "01.1...", "1.01...", "-1.1...", "1.1..x..",
		"1.1.....", "1.1...", "1.4294967296", "99999999999.1", "1 1....", "1.1....\n",
	} {
		if client, n, ok := parseValue(text, sizes{7, 7}); ok {
			t.Errorf("%q taken for %d.%d", text, client, n)
		}
	}
}

// Within a range, each size is as likely, and a value of any other is none.
func TestValueSizes(t *testing.T) {
	size := sizesOf(scenarios.Workload{ValueSize: scenarios.SizeRange{Least: 20, Most: 29}})
	count := map[int]int{}
	for n := range uint32(10_000) {
		text := string(appendValue(nil, 3, n, size))
		count[len(text)]++
		if client, got, ok := parseValue(text, size); !ok || client != 3 || got != n {
			t.Fatalf("%q: got %d.%d, %v", text, client, got, ok)
		}
		if _, _, ok := parseValue(text+".", size); ok {
			t.Fatalf("%q. is not what was written", text)
		}
	}
	for length := 20; length < 30; length++ {
		// 1000 each, with a standard deviation of 30.
		if n := count[length]; n < 800 || n > 1200 {
			t.Errorf("%d values of %d bytes", n, length)
		}
	}
	if len(count) != 10 {
		t.Errorf("values of %d sizes", len(count))
	}
}

func FuzzParseValue(f *testing.F) {
	f.Add("1.2....", 7, 0)
	f.Add("0.0", 0, 5)
	f.Fuzz(func(t *testing.T, text string, least, more int) {
		least = min(max(least, 0), 1<<10)
		size := sizes{least, least + min(max(more, 0), 1<<10)}
		client, n, ok := parseValue(text, size)
		if ok && string(appendValue(nil, client, n, size)) != text {
			t.Errorf("%q taken for %d.%d", text, client, n)
		}
	})
}

// The server is the judge of which slot a key is in.
func TestKeySlotOfServer(t *testing.T) {
	t.Parallel()
	node := newTestCluster(t, 3).direct[0]
	for _, key := range []string{"", "a", "{}foo", "{a", "a}", "x{a}{b}", "{{a}}", "run:orders:17", "ключ"} {
		want, err := node.ClusterKeySlot(t.Context(), key).Result()
		must(t, err)
		if got := slots.Of(key); int64(got) != want {
			t.Errorf("%q: got %d, want %d", key, got, want)
		}
	}
}

func TestSetKeysAreEvenAndSeeded(t *testing.T) {
	spec := scenarios.Workload{Keys: 100}
	one, other := newSet(spec, 1), newSet(spec, 2)
	count := make([]int, spec.Keys)
	same := 0
	const clients, writes = 10, 10_000
	for c := range clients {
		for n := range uint32(writes) {
			key := one.keyOf(c, n)
			count[key]++
			if other.keyOf(c, n) == key {
				same++
			}
		}
	}
	// 1000 each, with a standard deviation of about 31.
	for key, n := range count {
		if n < 800 || n > 1200 {
			t.Errorf("key %d: %d writes", key, n)
		}
	}
	if same < 800 || same > 1200 {
		t.Errorf("two seeds agree on %d of 100000 keys", same)
	}
}

func TestAckSpan(t *testing.T) {
	var s ackSpan
	for _, ms := range []float64{10, 20, 69.9} {
		if over := s.enter(ms, 1); over.count != 0 {
			t.Errorf("at %v a row ended: %+v", ms, over)
		}
	}
	if over := s.enter(119.9, 1); over != (ackSpan{10, 69.9, 3}) {
		t.Errorf("got %+v", over)
	}
	if s != (ackSpan{119.9, 119.9, 1}) {
		t.Errorf("the new row: %+v", s)
	}
	// A row that is recorded in parts has no gap between them, and none is empty.
	if part := s.cut(); part != (ackSpan{119.9, 119.9, 1}) {
		t.Errorf("the first part: %+v", part)
	}
	s.enter(130, 1)
	if part := s.cut(); part != (ackSpan{119.9, 130, 1}) {
		t.Errorf("the second part: %+v", part)
	}
	if over := s.enter(200, 1); over.count != 0 || s != (ackSpan{200, 200, 1}) {
		t.Errorf("after a silence: %+v ended, %+v began", over, s)
	}
}

// A cluster may hold keys of other runs, and of others altogether: no two
// workloads of any two runs have a key in common, whatever their names.
func TestKeysAreOfOneWorkload(t *testing.T) {
	taken := map[string]string{}
	for _, run := range []string{"kill-1", "kill-11", "kill"} {
		for _, name := range []string{"1", "1-1", "11"} {
			w, err := New(scenarios.Workload{Name: name, Type: "set", Clients: 1, Keys: 120}, run, 1, newFakeServer(t, ":1"), newRecord())
			must(t, err)
			for _, key := range w.keys {
				if other := taken[key]; other != "" || !strings.HasPrefix(key, run+":") {
					t.Fatalf("key %s of %s in %s is of %s, too", key, name, run, other)
				}
				taken[key] = name + " in " + run
			}
		}
	}
}

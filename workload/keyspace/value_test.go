package keyspace

import (
	"math"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func TestValue(t *testing.T) {
	for _, size := range []int{0, 4, 64} {
		for _, n := range []uint32{0, 9, 10, 123456, math.MaxUint32} {
			text := string(AppendValue([]byte("x"), 17, n, Sizes{size, size})[1:])
			if client, got, ok := ParseValue(text, Sizes{size, size}); !ok || client != 17 || got != n {
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
		if client, n, ok := ParseValue(text, Sizes{7, 7}); ok {
			t.Errorf("%q taken for %d.%d", text, client, n)
		}
	}
}

// Within a range, each size is as likely, and a value of any other is none.
func TestValueSizes(t *testing.T) {
	size := SizesOf(scenarios.Workload{ValueSize: units.SizeRange{Least: 20, Most: 29}})
	count := map[int]int{}
	for n := range uint32(10_000) {
		text := string(AppendValue(nil, 3, n, size))
		count[len(text)]++
		if client, got, ok := ParseValue(text, size); !ok || client != 3 || got != n {
			t.Fatalf("%q: got %d.%d, %v", text, client, got, ok)
		}
		if _, _, ok := ParseValue(text+".", size); ok {
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
		size := Sizes{least, least + min(max(more, 0), 1<<10)}
		client, n, ok := ParseValue(text, size)
		if ok && string(AppendValue(nil, client, n, size)) != text {
			t.Errorf("%q taken for %d.%d", text, client, n)
		}
	})
}

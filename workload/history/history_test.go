package history

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Whatever is added is found, by its number and in its order.
func TestHistory(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, most := range []int{1, 50, 100, 100_000} {
		var h History
		var want []Entry
		ms := 0
		for range 5000 {
			if random.IntN(10) == 0 {
				ms += random.IntN(most)
			}
			e := Entry{Outcome(random.IntN(4)), uint32(max(ms-random.IntN(20), 0))}
			if random.IntN(500) == 0 {
				e.At = random.Uint32() // a clock that steps
			}
			h.Add(e.Outcome, record.Millis(e.At)+record.Millis(random.Float64()*0.9))
			want = append(want, e)
		}
		if h.Len() != 5000 {
			t.Fatalf("%d writes", h.Len())
		}
		next := uint32(0)
		for n, e := range h.All() {
			if o, ms := h.At(n); n != next || e != want[n] || (Entry{o, ms}) != e {
				t.Fatalf("write %d is %v in order and %v by number, want %v", n, e, Entry{o, ms}, want[n])
			}
			next++
		}
		if next != h.Len() {
			t.Errorf("%d writes in order", next)
		}
	}
}

func TestHistoryRoom(t *testing.T) {
	h := History{n: MaxWrites - 3}
	if !h.HasRoom(3) || h.HasRoom(4) {
		t.Error("a history numbers more writes than it can, or fewer")
	}
}

// BenchmarkHistory measures entering 50 million writes of 50 clients, 10,000 a
// second each, and what they take.
func BenchmarkHistory(b *testing.B) {
	const writes, clients = 50_000_000, 50
	for range b.N {
		before := heap()
		histories := make([]History, clients)
		for n := range writes {
			histories[n%clients].Add(Acked, record.Millis(float64(n/clients)/10))
		}
		b.ReportMetric(float64(heap()-before)/writes, "B/write")
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/writes, "ns/write")
		runtime.KeepAlive(histories)
	}
	b.ReportMetric(0, "ns/op")
}

// heap is how many bytes are in use once garbage is gone.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

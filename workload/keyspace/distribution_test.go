package keyspace

import (
	"math"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// shares is which part of many writes each key gets.
func shares(spec scenarios.Workload) []float64 {
	keys := NewSpread(spec, 1)
	const clients, writes = 10, 20_000
	share := make([]float64, spec.Keys)
	for c := range clients {
		for n := range uint32(writes) {
			share[keys.KeyOf(c, n)] += 1.0 / (clients * writes)
		}
	}
	return share
}

func TestZipf(t *testing.T) {
	for _, keys := range []int{1, 2, 1000} {
		sum := 0.0
		for k := range keys {
			sum += math.Pow(float64(k+1), -zipfExponent)
		}
		for k, got := range shares(scenarios.Workload{Keys: keys, Distribution: "zipf"}) {
			// Of 200,000 writes a key's share is off by less than five standard deviations.
			want := math.Pow(float64(k+1), -zipfExponent) / sum
			if math.Abs(got-want) > 5*math.Sqrt(want*(1-want)/200_000)+1e-9 {
				t.Errorf("key %d of %d gets %.3f %% of the writes, want %.3f %%", k, keys, 100*got, 100*want)
			}
		}
	}
}

// A tenth of the keys is in one slot, which gets half of the writes.
func TestHotSlot(t *testing.T) {
	spec := scenarios.Workload{Name: "w", Keys: 200, Distribution: "hot"}
	bySlot := map[int]float64{}
	for k, share := range shares(spec) {
		bySlot[slots.Of(KeyName("run", spec, k))] += share
		if k < 20 && (share < 0.02 || share > 0.03) || k >= 20 && share > 0.005 {
			t.Errorf("key %d gets %.2f %% of the writes", k, 100*share)
		}
	}
	if hot := bySlot[slots.Of(KeyName("run", spec, 0))]; hot < 0.49 || hot > 0.51 {
		t.Errorf("the hot slot gets %.1f %% of the writes", 100*hot)
	}
	if n := len(bySlot); n < 150 {
		t.Errorf("the keys are in %d slots", n)
	}
	if share := shares(scenarios.Workload{Keys: 1, Distribution: "hot"}); math.Abs(share[0]-1) > 1e-6 {
		t.Errorf("the one key gets %v of the writes", share[0])
	}
}

// Every kind of bits stands for a key.
func TestDistributionsStayWithinTheKeys(t *testing.T) {
	for _, distribution := range scenarios.Distributions() {
		for _, keys := range []int{1, 2, 3, 1000, 10_000_000} {
			d := newDistribution(scenarios.Workload{Keys: keys, Distribution: distribution})
			for _, random := range []uint64{0, 1, 1 << 62, 1<<63 - 1, 1 << 63, math.MaxUint64 - 1, math.MaxUint64} {
				if k := d.Pick(random); k < 0 || k >= keys || k != d.Pick(random) {
					t.Errorf("%s: %x stands for key %d of %d", distribution, random, k, keys)
				}
			}
		}
	}
}

func BenchmarkKeyOf(b *testing.B) {
	for _, distribution := range scenarios.Distributions() {
		b.Run(distribution, func(b *testing.B) {
			keys := NewSpread(scenarios.Workload{Keys: 1000, Distribution: distribution}, 1)
			for n := uint32(0); b.Loop(); n++ {
				_ = keys.KeyOf(1, n)
			}
		})
	}
}

// Ten keys each are in one slot, and no others.
func TestTagged(t *testing.T) {
	spec := scenarios.Workload{Name: "w", Keys: 200, Distribution: "tagged"}
	groups := map[int][]int{}
	for k, share := range shares(spec) {
		slot := slots.Of(KeyName("run", spec, k))
		groups[slot] = append(groups[slot], k)
		if share < 0.004 || share > 0.006 {
			t.Errorf("key %d gets %.2f %% of the writes", k, 100*share)
		}
	}
	if len(groups) < 18 {
		t.Errorf("the keys are in %d slots", len(groups))
	}
	for slot, keys := range groups {
		if len(keys)%taggedKeys != 0 {
			t.Errorf("keys %v are in slot %d", keys, slot)
		}
	}
}

func TestKeysAreEvenAndSeeded(t *testing.T) {
	spec := scenarios.Workload{Keys: 100}
	one, other := NewSpread(spec, 1), NewSpread(spec, 2)
	count := make([]int, spec.Keys)
	same := 0
	const clients, writes = 10, 10_000
	for c := range clients {
		for n := range uint32(writes) {
			key := one.KeyOf(c, n)
			count[key]++
			if other.KeyOf(c, n) == key {
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

func TestOwnership(t *testing.T) {
	r := Owned{Clients: 3, Keys: 8}
	owner := map[int]int{}
	for client := range 3 {
		for n := range uint32(30) {
			key := r.KeyOf(client, n)
			if other, taken := owner[key]; taken && other != client || key >= 8 {
				t.Fatalf("key %d of client %d belongs to client %d", key, client, other)
			}
			owner[key] = client
		}
	}
	if len(owner) != 8 {
		t.Errorf("%d of 8 keys are written to", len(owner))
	}
}

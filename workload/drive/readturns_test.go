package drive

import "testing"

func TestReadTurns(t *testing.T) {
	for _, ratio := range []float64{0.001, 0.25, 0.5, 0.8, 0.999} {
		turns := readTurns{ratio: ratio}
		var reads int64
		for n := range int64(10_000) {
			if turns.next() {
				reads++
			}
			if reads != turns.reads(n+1) {
				t.Fatalf("%v: %d reads among %d operations, want %d", ratio, reads, n+1, turns.reads(n+1))
			}
		}
		if want := int64(10_000 * ratio); reads < want-1 || reads > want {
			t.Errorf("%v: %d reads among 10000 operations", ratio, reads)
		}
	}
}

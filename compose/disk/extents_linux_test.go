package disk

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Extents hold what was written last, and nothing else, as a plain array does.
func TestExtents(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 0))
		const most = 300
		var e extents
		var want [most]byte
		var held [most]bool
		for range 200 {
			off := r.Int64N(most)
			if r.IntN(6) == 0 {
				e.truncate(off)
				clear(want[off:])
				clear(held[off:])
			} else {
				data := bytes.Repeat([]byte{byte(1 + r.IntN(255))}, r.IntN(int(min(most-off, 60))+1))
				e.write(off, data)
				for i := range data {
					want[int(off)+i], held[int(off)+i] = data[i], true
				}
			}
			checkExtents(t, e, want[:], held[:])
			cut := r.Int64N(most)
			var first int64
			for _, h := range held[:cut] {
				if h {
					first++
				}
			}
			if got := e.upTo(cut).bytes(); got != first {
				t.Fatalf("seed %d: up to %d there are %d bytes, want %d", seed, cut, got, first)
			}
			if got := e.first(first); got.bytes() != first || len(got) > 0 && got[len(got)-1].end() > cut {
				t.Fatalf("seed %d: the first %d bytes are %v", seed, first, got)
			}
			checkExtents(t, e, want[:], held[:])
		}
	}
}

func checkExtents(t *testing.T, e extents, want []byte, held []bool) {
	t.Helper()
	got := make([]byte, len(want))
	e.read(got, 0)
	if !bytes.Equal(got, want) {
		t.Fatalf("%v: reads %v, want %v", e, got, want)
	}
	var n int64
	for _, h := range held {
		if h {
			n++
		}
	}
	if e.bytes() != n {
		t.Fatalf("%v holds %d bytes, want %d", e, e.bytes(), n)
	}
	for i, x := range e {
		if len(x.data) == 0 || i > 0 && e[i-1].end() > x.off {
			t.Fatalf("%v is empty somewhere, out of order, or overlaps", e)
		}
	}
}

// What is read, and written to the directory below, does not change with what is written since.
func TestExtentsShareNoWrites(t *testing.T) {
	var e extents
	e.write(0, []byte("abcdef"))
	part := e.upTo(3)
	part.write(3, []byte("xyz"))
	got := make([]byte, 6)
	e.read(got, 0)
	if string(got) != "abcdef" {
		t.Errorf("after writing to a part, the whole is %q", got)
	}
}

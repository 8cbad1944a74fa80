package workload

import "testing"

// Reading back asks a server for little at a time: what it puts together for one pipeline
// keeps it from serving others.
func TestReadingBackAsksForLittle(t *testing.T) {
	for _, test := range []struct{ size, values, width int }{
		{16, 1000, 16}, {64, 1000, 4}, {4 << 10, 64, 1}, {1 << 20, 1, 1}, {512 << 20, 1, 1},
	} {
		p := newPages(test.size)
		if p.page != int64(test.values) || p.Width() != test.width || test.values > 1 && p.page*int64(p.Width()*test.size) > pipelineBytes {
			t.Errorf("of %d bytes: %d values of %d keys, want %d of %d", test.size, p.page, p.Width(), test.values, test.width)
		}
	}
	for size, keys := range map[int]int{1: 1000, 64: 1000, 4 << 10: 64, 1 << 20: 1, 512 << 20: 1} {
		if got := (get{size}).Width(); got != keys {
			t.Errorf("of %d bytes: %d keys, want %d", size, got, keys)
		}
	}
}

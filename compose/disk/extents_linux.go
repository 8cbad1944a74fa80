package disk

import (
	"slices"
	"sort"
)

// maxExtent is where an extent that is appended to ends, in bytes: one that grew
// without bound would be copied again and again.
const maxExtent = 1 << 20

// extent is bytes of a file from an offset on.
type extent struct {
	off  int64
	data []byte
}

func (e extent) end() int64 { return e.off + int64(len(e.data)) }

// extents are parts of a file, in order of their offsets, without overlap.
type extents []extent

// write puts a copy of p at an offset, over what is there.
func (e *extents) write(off int64, p []byte) {
	if len(p) == 0 {
		return
	}
	end := off + int64(len(p))
	if n := len(*e); n > 0 {
		if last := &(*e)[n-1]; last.end() == off && len(last.data)+len(p) <= maxExtent {
			last.data = append(last.data, p...)
			return
		}
	}
	from := sort.Search(len(*e), func(i int) bool { return (*e)[i].end() > off })
	to := sort.Search(len(*e), func(i int) bool { return (*e)[i].off >= end })
	if to == from+1 && (*e)[from].off <= off && (*e)[from].end() >= end {
		copy((*e)[from].data[off-(*e)[from].off:], p)
		return
	}
	var with []extent
	if from < to {
		if first := (*e)[from]; first.off < off {
			with = append(with, extent{first.off, slices.Clip(first.data[:off-first.off])})
		}
	}
	with = append(with, extent{off, slices.Clone(p)})
	if from < to {
		if last := (*e)[to-1]; last.end() > end {
			with = append(with, extent{end, last.data[end-last.off:]})
		}
	}
	*e = slices.Replace(*e, from, to, with...)
}

// truncate drops what lies at or past a size.
func (e *extents) truncate(size int64) {
	keep := sort.Search(len(*e), func(i int) bool { return (*e)[i].off >= size })
	*e = slices.Delete(*e, keep, len(*e))
	if keep > 0 {
		if last := &(*e)[keep-1]; last.end() > size {
			last.data = slices.Clip(last.data[:size-last.off])
		}
	}
}

// upTo is what lies before a size. It shares its bytes with e.
func (e extents) upTo(size int64) extents {
	cut := slices.Clone(e)
	cut.truncate(size)
	return cut
}

// first is the first n bytes, in order of their offsets. It shares them with e.
func (e extents) first(n int64) extents {
	for i, x := range e {
		if int64(len(x.data)) >= n {
			return e[:i+1].upTo(x.off + n)
		}
		n -= int64(len(x.data))
	}
	return e
}

// read puts what e holds of the bytes from off on into p, and leaves the others.
func (e extents) read(p []byte, off int64) {
	end := off + int64(len(p))
	from := sort.Search(len(e), func(i int) bool { return e[i].end() > off })
	for _, x := range e[from:] {
		if x.off >= end {
			return
		}
		if x.off < off {
			copy(p, x.data[off-x.off:])
		} else {
			copy(p[x.off-off:], x.data)
		}
	}
}

// bytes is how many e holds.
func (e extents) bytes() int64 {
	var n int64
	for _, x := range e {
		n += int64(len(x.data))
	}
	return n
}

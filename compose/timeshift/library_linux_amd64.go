package timeshift

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// library is the vDSO as the kernel maps it: its pages, and where in them is what matters.
type library struct {
	plain []byte
	// entries are the beginnings of the functions that are asked for the time, and where the code is for each.
	entries map[int]int
	// unused is where nothing is, up to the end.
	unused int
}

// parse finds what matters in the pages.
func parse(pages []byte) (*library, error) {
	file, err := elf.NewFile(bytes.NewReader(pages))
	if err != nil {
		return nil, err
	}
	if file.Machine != elf.EM_X86_64 {
		return nil, fmt.Errorf("it is of %v", file.Machine)
	}
	// What is last may end in zeros, as a section header does that is 64 bytes long.
	const header, aligned = 64, 16
	used := len(bytes.TrimRight(pages, "\x00")) + header
	l := &library{plain: pages, entries: map[int]int{}, unused: (used + aligned - 1) / aligned * aligned}
	var base uint64
	for _, p := range file.Progs {
		if p.Type == elf.PT_LOAD {
			base = p.Vaddr
		}
	}
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return nil, err
	}
	replaced := map[string]int{"__vdso_clock_gettime": clockCode, "__vdso_gettimeofday": dayCode, "__vdso_time": timeCode}
	for _, s := range symbols {
		at := int(s.Value - base)
		code, known := replaced[s.Name]
		if !known || at < 0 || at+jumpLength > len(pages) {
			continue
		}
		l.entries[at] = l.unused + code
		delete(replaced, s.Name)
	}
	switch {
	case len(replaced) > 0:
		return nil, fmt.Errorf("it has not all of the functions that tell the time")
	case l.unused+len(code()) > len(pages):
		return nil, errors.New("its last page has no room for code")
	}
	return l, nil
}

// shifted is the library with code for an offset.
func (l *library) shifted(offset time.Duration) []byte {
	pages := bytes.Clone(l.plain)
	copy(pages[l.unused:], code())
	copy(pages[l.unused+offsetAt:], encoded(offset))
	for entry, to := range l.entries {
		copy(pages[entry:], jump(entry, to))
	}
	return pages
}

// encoded is an offset, as it stands beside the code.
func encoded(offset time.Duration) []byte {
	return binary.LittleEndian.AppendUint64(nil, uint64(offset))
}

// offset is what pages have been shifted by; false if they are neither that nor plain.
func (l *library) offset(pages []byte) (offset time.Duration, shifted, known bool) {
	if bytes.Equal(pages, l.plain) {
		return 0, false, true
	}
	if len(pages) != len(l.plain) {
		return 0, false, false
	}
	offset = time.Duration(binary.LittleEndian.Uint64(pages[l.unused+offsetAt:]))
	return offset, true, bytes.Equal(pages, l.shifted(offset))
}

// entered tells whether a thread at a place is within what a jump takes the place of, which has no meaning from
// its middle on. At its first byte, it jumps as it should.
func (l *library) entered(at int) bool {
	for entry := range l.entries {
		if entry < at && at < entry+jumpLength {
			return true
		}
	}
	return false
}

// inCode tells whether a place is in code that is not the library's own.
func (l *library) inCode(at int) bool { return l.unused <= at && at < len(l.plain) }

package timeshift

import (
	"bytes"
	"testing"
	"time"
)

// What a library has been changed to is told from what it says, and what is neither that nor plain is not ours.
func TestLibrary(t *testing.T) {
	l, err := own()
	if err != nil {
		t.Skip(err)
	}
	if offset, shifted, known := l.offset(bytes.Clone(l.plain)); offset != 0 || shifted || !known {
		t.Errorf("plain: %s, %t, %t", offset, shifted, known)
	}
	for _, by := range []time.Duration{0, -1, time.Hour, -most} {
		if offset, shifted, known := l.offset(l.shifted(by)); offset != by || !shifted || !known {
			t.Errorf("by %s: %s, %t, %t", by, offset, shifted, known)
		}
	}
	other := l.shifted(time.Hour)
	for entry := range l.entries {
		other[entry+1]++ // it jumps elsewhere
		break
	}
	if _, _, known := l.offset(other); known {
		t.Error("a library with a jump of somebody else's is taken for ours")
	}
	for entry, code := range l.entries {
		for at, within := range map[int]bool{entry: false, entry + 1: true, entry + jumpLength - 1: true, entry + jumpLength: false} {
			if l.entered(at) != within {
				t.Errorf("%#x is within the jump at %#x: %t", at, entry, !within)
			}
		}
		if !l.inCode(code) || l.inCode(entry) {
			t.Errorf("code for %#x at %#x", entry, code)
		}
	}
}

// Pages that are no library of this kind are an error.
func TestParseRefuses(t *testing.T) {
	l, err := own()
	if err != nil {
		t.Skip(err)
	}
	full := bytes.Clone(l.plain)
	full[len(full)-1] = 1
	for name, pages := range map[string][]byte{"nothing": nil, "no ELF": make([]byte, len(full)), "no room": full} {
		if _, err := parse(pages); err == nil {
			t.Errorf("%s: it is accepted", name)
		}
	}
}

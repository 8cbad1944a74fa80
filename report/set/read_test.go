package set

import (
	"strings"
	"testing"
)

// What is longer than any set is not read to its end.
func TestReadIsBounded(t *testing.T) {
	source := strings.NewReader(strings.Repeat(" ", 3<<20))
	if _, err := readUpTo(source, 1<<20); err == nil || err.Error() != "reading a set: it is longer than 1 MiB, and so no set.json" {
		t.Error(err)
	}
	if source.Len() < 1<<20 {
		t.Errorf("%d bytes were left", source.Len())
	}
}

package history

import (
	"fmt"
	"strconv"
	"strings"
)

// WriteID is write n of a client.
type WriteID struct{ Client, N uint32 }

// StreamEntry is an entry of a stream that a workload wrote.
type StreamEntry struct {
	WriteID
	ID EntryID
}

// EntryID is the id of a stream's entry in one number: milliseconds, and 20 bits
// of the number within one, of which a server makes far fewer.
type EntryID uint64

// entrySeqBits are those of the number within a millisecond.
const entrySeqBits = 20

func PackEntryID(ms, seq uint64) EntryID {
	return EntryID(ms<<entrySeqBits | seq&(1<<entrySeqBits-1))
}

// ParseEntryID reads an id such as 1700000000000-3: its milliseconds, and its number within
// one.
func ParseEntryID(text string) (hi, lo uint64, err error) {
	ms, seq, _ := strings.Cut(text, "-")
	hi, err = strconv.ParseUint(ms, 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("reading the id %q of an entry: %w", text, err)
	}
	lo, err = strconv.ParseUint(seq, 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("reading the id %q of an entry: %w", text, err)
	}
	return hi, lo, nil
}

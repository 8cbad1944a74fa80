package workload

import (
	"fmt"
	"strconv"
	"strings"
)

// writeID is write n of a client.
type writeID struct{ client, n uint32 }

// streamEntry is an entry of a stream that a workload wrote.
type streamEntry struct {
	writeID
	id entryID
}

// entryID is the id of a stream's entry in one number: milliseconds, and 20 bits
// of the number within one, of which a server makes far fewer.
type entryID uint64

func packID(ms, seq uint64) entryID { return entryID(ms<<20 | seq&(1<<20-1)) }

// parseEntryID reads an id such as 1700000000000-3: its milliseconds, and its number within
// one.
func parseEntryID(text string) (hi, lo uint64, err error) {
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

// Package slots knows the 16384 hash slots of a Redis Cluster.
package slots

import (
	"fmt"
	"strconv"
	"strings"
)

// Count is how many hash slots there are.
const Count = 16384

// Range is a range of hash slots, both ends included.
type Range struct{ First, Last int }

func (r Range) String() string {
	if r.First == r.Last {
		return strconv.Itoa(r.First)
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}

// Holds tells whether a slot is in the range.
func (r Range) Holds(slot int) bool { return r.First <= slot && slot <= r.Last }

// Of is the hash slot of a key: CRC16 (XMODEM) of its hash tag, or of the whole
// key, modulo 16384
// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model).
func Of(key string) int {
	if _, after, ok := strings.Cut(key, "{"); ok {
		if tag, _, ok := strings.Cut(after, "}"); ok && tag != "" {
			key = tag
		}
	}
	var crc uint16
	for i := range len(key) {
		crc ^= uint16(key[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return int(crc) % Count
}

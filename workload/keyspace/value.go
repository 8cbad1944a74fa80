package keyspace

import (
	"strconv"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Sizes is the range of a workload's values' sizes, in bytes.
type Sizes struct{ Least, Most int }

func SizesOf(spec scenarios.Workload) Sizes {
	return Sizes{int(spec.ValueSize.Least), int(spec.ValueSize.Most)}
}

// of is the size of the value of write n of a client: any within the range, but
// always the same for the same write.
func (s Sizes) of(client int, n uint32) int {
	if s.Least == s.Most {
		return s.Least
	}
	return s.Least + Below(Mix(uint64(client)<<32|uint64(n)), s.Most-s.Least+1)
}

// AppendValue implements writer, for types whose values name the write.
func (s Sizes) AppendValue(b []byte, client int, n uint32) []byte {
	return AppendValue(b, client, n, s)
}

// Filler pads values to their size. It is no digit, so that a sequence number
// cannot run into it.
const Filler = '.'

// AppendValue appends the text that stands for write n of a client, padded to
// its size: "3.1041......". Where the numbers alone are longer than that, the
// value is as long as they are.
func AppendValue(b []byte, client int, n uint32, of Sizes) []byte {
	begin, size := len(b), of.of(client, n)
	b = strconv.AppendInt(b, int64(client), 10)
	b = append(b, '.')
	b = strconv.AppendUint(b, uint64(n), 10)
	for len(b)-begin < size {
		b = append(b, Filler)
	}
	return b
}

// ParseValue tells which write a value stands for. Only the exact text that
// appendValue makes is a value: one with a damaged filler is not.
func ParseValue(s string, of Sizes) (client int, n uint32, ok bool) {
	c, i := number(s, 0)
	if i == 0 || i == len(s) || s[i] != '.' || c > 1<<30 {
		return 0, 0, false
	}
	seq, end := number(s, i+1)
	if end == i+1 || seq > history.MaxWrites || len(s) != max(of.of(int(c), uint32(seq)), end) {
		return 0, 0, false
	}
	for _, b := range []byte(s[end:]) {
		if b != Filler {
			return 0, 0, false
		}
	}
	return int(c), uint32(seq), true
}

// number reads a decimal number without leading zeros at s[begin:]; it ends at
// end, which is begin if there is none.
func number(s string, begin int) (v uint64, end int) {
	end = begin
	for end < len(s) && '0' <= s[end] && s[end] <= '9' && end-begin < 11 {
		v = v*10 + uint64(s[end]-'0')
		end++
	}
	if end-begin > 1 && s[begin] == '0' {
		return 0, begin
	}
	return v, end
}

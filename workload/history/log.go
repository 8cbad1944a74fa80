package history

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// log is entries of some form, one after the other, in the bytes that are kept of them.
type log []byte

const (
	// maxLog bounds a log, and maxErrors what is told of errors, in bytes.
	maxLog    = 1 << 30
	maxErrors = 1 << 20
	// maxNS is later than any run ends, in nanoseconds: some 36 years.
	maxNS = 1 << 60
)

// Encode writes the log: how many bytes it has, and these.
func (l log) Encode(w io.Writer) error {
	if _, err := w.Write(binary.AppendUvarint(nil, uint64(len(l)))); err != nil {
		return err
	}
	_, err := w.Write(l)
	return err
}

func decodeLog(r *bufio.Reader) (log, error) { return decodeBytes(r, maxLog) }

// decodeBytes reads what stands behind its length. It takes no more memory than some times
// what there is of it.
func decodeBytes(r *bufio.Reader, most uint64) ([]byte, error) {
	length, err := number(r, most)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if n, err := io.CopyN(&b, r, int64(length)); err != nil {
		return nil, fmt.Errorf("%d bytes of %d are there: %w", n, length, err)
	}
	return b.Bytes(), nil
}

// appendErrors appends counts of errors: how many bytes they take, and these, as JSON.
func appendErrors(b []byte, counts []record.ErrorCount) ([]byte, error) {
	text, err := json.Marshal(counts)
	return append(binary.AppendUvarint(b, uint64(len(text))), text...), err
}

func decodeErrors(r *bufio.Reader) (counts []record.ErrorCount, err error) {
	text, err := decodeBytes(r, maxErrors)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &counts); err != nil {
		return nil, fmt.Errorf("counts of errors: %w", err)
	}
	return counts, nil
}

// number reads a number up to a limit.
func number(r io.ByteReader, most uint64) (uint64, error) {
	n, err := binary.ReadUvarint(r)
	if err == nil && n > most {
		err = errTooMuch
	}
	return n, err
}

// zigzag gives small numbers of either sign a small one without.
func zigzag(d int64) uint64   { return uint64(d)<<1 ^ uint64(d>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

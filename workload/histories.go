package workload

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// historiesFormat is the first line of a file of histories, which is compressed: what is
// needed to judge a workload again. A line of JSON follows, then the shard of each key, the
// history of each client, and what the checker was told of what keys hold.
const historiesFormat = "redis-chaos/histories/v1"

// historiesHeader says whose histories they are.
type historiesHeader struct {
	Workload string `json:"workload"`
	Type     string `json:"type"`
	Clients  int    `json:"clients"`
	Keys     int    `json:"keys"`
}

func headerOf(load *drive.Load) historiesHeader {
	return historiesHeader{load.Spec.Name, load.Spec.Type, load.Spec.Clients, load.Spec.Keys}
}

// historiesName is the name of a file of histories. Those of the parts of a mixed workload
// are apart.
func historiesName(workload, part string) string {
	if part != "" {
		workload += "." + part
	}
	return "histories/" + workload + ".gz"
}

// What a checker is told, each in a byte. With ofAnotherKey, the index of a key follows, or
// else it is that of the one before.
const (
	toldBegin = iota
	toldEnd
	toldUnreadable // and why
	toldWrite      // a value: what comes before it, a client and the number of a write
	toldText       // a value that stands for no write
	toldAll        // that was all, and when it was, in ms on the run's clock
	toldTooMuch    // the rest was left out: it is too long

	ofAnotherKey = 0x80
)

// maxHistories bounds a file of histories, in bytes before it is compressed.
const maxHistories = 1 << 30

// recorder tells a checker what keys hold, and writes that down beside it.
type recorder struct {
	check.Checker
	size keyspace.Sizes
	to   *bufio.Writer
	zip  *gzip.Writer
	file io.Closer
	err  error // of writing, the first

	key     int // the one that was told of last
	buffer  []byte
	written int64
	tooLong bool
}

// newRecorder begins a file with the histories of a load.
func newRecorder(checker check.Checker, load *drive.Load, file io.WriteCloser) *recorder {
	zip, _ := gzip.NewWriterLevel(file, gzip.BestSpeed) // a level that there is
	r := &recorder{Checker: checker, size: keyspace.SizesOf(load.Spec), to: bufio.NewWriterSize(zip, 64<<10), zip: zip, file: file, key: -1}
	header, err := json.Marshal(headerOf(load))
	r.fail(err)
	r.write(fmt.Appendf(nil, "%s\n%s\n", historiesFormat, header))
	for _, shard := range load.ShardOf {
		r.write(binary.AppendUvarint(r.buffer[:0], uint64(shard)))
	}
	for i := range load.Clients {
		r.fail(load.Clients[i].Writes.Encode(counted{r}))
	}
	return r
}

// counted is a recorder as a writer.
type counted struct{ *recorder }

func (c counted) Write(b []byte) (int, error) {
	c.write(b)
	return len(b), c.err
}

func (r *recorder) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *recorder) write(b []byte) {
	r.written += int64(len(b))
	_, err := r.to.Write(b)
	r.fail(err)
}

// tell begins what the checker is told of a key.
func (r *recorder) tell(what byte, key int) []byte {
	if key == r.key {
		return append(r.buffer[:0], what)
	}
	r.key = key
	return binary.AppendUvarint(append(r.buffer[:0], what|ofAnotherKey), uint64(key))
}

// told writes it down, unless the file has become too long.
func (r *recorder) told(b []byte) {
	r.buffer = b
	if r.tooLong = r.tooLong || r.written+int64(len(b)) > maxHistories-64; !r.tooLong {
		r.write(b)
	}
}

// Begin implements check.Checker.
func (r *recorder) Begin(key int) {
	r.told(r.tell(toldBegin, key))
	r.Checker.Begin(key)
}

// See implements check.Checker. The filler of a value is left out, as its number tells it.
func (r *recorder) See(key int, text string) {
	before, value := "", text
	if i := strings.LastIndexByte(text, ' '); i >= 0 {
		before, value = text[:i+1], text[i+1:]
	}
	if client, n, ok := keyspace.ParseValue(value, r.size); ok {
		b := appendText(r.tell(toldWrite, key), before)
		r.told(binary.AppendUvarint(binary.AppendUvarint(b, uint64(client)), uint64(n)))
	} else {
		r.told(appendText(r.tell(toldText, key), text))
	}
	r.Checker.See(key, text)
}

// End implements check.Checker.
func (r *recorder) End(key int) {
	r.told(r.tell(toldEnd, key))
	r.Checker.End(key)
}

// Unreadable implements check.Checker.
func (r *recorder) Unreadable(key int, err error) {
	r.told(appendText(r.tell(toldUnreadable, key), err.Error()))
	r.Checker.Unreadable(key, err)
}

// close ends the file: all had been read by ms on the run's clock.
func (r *recorder) close(ms record.Millis) error {
	if r.tooLong {
		r.write([]byte{toldTooMuch})
	} else {
		r.write(binary.BigEndian.AppendUint64([]byte{toldAll}, math.Float64bits(float64(ms))))
	}
	r.fail(r.to.Flush())
	r.fail(r.zip.Close())
	return errors.Join(r.err, r.file.Close())
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

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
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// historiesFormat is the first line of a file of histories, which is compressed: what is
// needed to judge a workload again. A line of JSON follows, then the shard of each key, the
// history of each client (history.History), and, of a type whose clients did or saw more than
// that tells, a section of its own. Last comes what the checker was told of what keys hold,
// where they are read back.
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
	toldSection    // the section of the type, which comes before all others

	ofAnotherKey = 0x80
)

// maxHistories bounds a file of histories, in bytes before it is compressed.
const maxHistories = 1 << 30

// sectioned is a kind whose clients did, or saw, more than histories of writes tell.
type sectioned interface {
	// writeSection writes that, after the run.
	writeSection(w io.Writer, clients []history.History) error
	// readSection reads it into a kind that was planned and has done nothing.
	readSection(r *bufio.Reader, clients []history.History) error
}

// keeper writes a file of histories.
type keeper struct {
	to   *bufio.Writer
	zip  *gzip.Writer
	file io.Closer
	err  error // of writing, the first

	buffer  []byte
	written int64
	tooLong bool
}

// newKeeper begins a file with the histories of a load, and the section of its kind if that
// has one.
func newKeeper(of any, load *drive.Load, file io.WriteCloser) *keeper {
	zip, _ := gzip.NewWriterLevel(file, gzip.BestSpeed) // a level that there is
	k := &keeper{to: bufio.NewWriterSize(zip, 64<<10), zip: zip, file: file}
	header, err := json.Marshal(headerOf(load))
	k.fail(err)
	k.write(fmt.Appendf(nil, "%s\n%s\n", historiesFormat, header))
	for _, shard := range load.ShardOf {
		k.write(binary.AppendUvarint(k.buffer[:0], uint64(shard)))
	}
	for i := range load.Clients {
		k.fail(load.Clients[i].Writes.Encode(counted{k}))
	}
	if s, ok := of.(sectioned); ok {
		k.section(s, load.Histories())
	}
	return k
}

// section writes the section of a kind, unless the file became too long by it.
func (k *keeper) section(of sectioned, clients []history.History) {
	var size length
	if k.fail(of.writeSection(&size, clients)); k.written+int64(size) > maxHistories-64 {
		k.tooLong = true
		return
	}
	k.write([]byte{toldSection})
	k.fail(of.writeSection(counted{k}, clients))
}

// length counts what is written to it, in bytes.
type length int64

func (l *length) Write(b []byte) (int, error) {
	*l += length(len(b))
	return len(b), nil
}

// counted is a keeper as a writer.
type counted struct{ *keeper }

func (c counted) Write(b []byte) (int, error) {
	c.write(b)
	return len(b), c.err
}

func (k *keeper) fail(err error) {
	if k.err == nil {
		k.err = err
	}
}

func (k *keeper) write(b []byte) {
	k.written += int64(len(b))
	_, err := k.to.Write(b)
	k.fail(err)
}

// close ends the file: all had been read, or judged, by ms on the run's clock.
func (k *keeper) close(ms record.Millis) error {
	if k.tooLong {
		k.write([]byte{toldTooMuch})
	} else {
		k.write(binary.BigEndian.AppendUint64([]byte{toldAll}, math.Float64bits(float64(ms))))
	}
	k.fail(k.to.Flush())
	k.fail(k.zip.Close())
	return errors.Join(k.err, k.file.Close())
}

// recorder tells a checker what keys hold, and writes that down beside it.
type recorder struct {
	check.Checker
	*keeper
	size keyspace.Sizes
	key  int // the one that was told of last
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

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

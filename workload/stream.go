package workload

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// stream adds entries to streams, with ids that the server makes. Every write
// adds an entry of its own, and one that is applied twice is there twice: what
// a stream counts as lost, as duplicated and as out of order is exact.
type stream struct {
	keyspace.Spread
	depth          int // of a client's pipeline
	keyspace.Sizes     // of an entry's value, in bytes
}

var _ writer = stream{}

func newStream(spec scenarios.Workload, seed int64) stream {
	return stream{Spread: keyspace.NewSpread(spec, seed), depth: spec.Pipeline, Sizes: keyspace.SizesOf(spec)}
}

// Command has the value name the write, and the field as well, as in a hash.
func (s stream) Command(args []any, key string, v *drive.Write) []any {
	return append(args, "xadd", key, "*", fieldOf{v}, v)
}

func (s stream) source() drive.Source { return streamRange{newPages(s.Most)} }

func (s stream) checker(clients []history.History, shardOf []int) check.Checker {
	return check.NewSequence(s.Spread, s.Sizes, s.depth, clients, shardOf)
}

// streamRange reads streams, a page at a time. Its cursor is the id of the last
// entry of the page before.
type streamRange struct{ pages }

var _ drive.Source = streamRange{}

func (s streamRange) Ask(key string, at drive.Cursor) *drive.Command {
	from := "-"
	if at != (drive.Cursor{}) {
		from = fmt.Sprintf("(%d-%d", at.Hi, at.Lo)
	}
	return drive.NewCommand("xrange", key, from, "+", "count", s.page)
}

// Answer gives the values of entries, and of those with other fields than one
// that goes with its value, a text that is no value.
func (s streamRange) Answer(reply any, _ drive.Cursor) ([]string, drive.Cursor, error) {
	entries, ok := reply.([]any)
	if !ok {
		return nil, drive.Cursor{}, fmt.Errorf("%T is no range of a stream", reply)
	}
	values := make([]string, 0, len(entries))
	id := ""
	for _, e := range entries {
		var value string
		var err error
		if value, id, err = readEntry(e); err != nil {
			return nil, drive.Cursor{}, err
		}
		values = append(values, value)
	}
	if int64(len(entries)) < s.page {
		return values, drive.Cursor{}, nil
	}
	ms, seq, err := history.ParseEntryID(id)
	return values, drive.Cursor{Hi: ms, Lo: seq}, err
}

// readEntry reads an entry: its id, and its fields, each before its value.
func readEntry(entry any) (value, id string, err error) {
	parts, _ := entry.([]any)
	if len(parts) != 2 {
		return "", "", fmt.Errorf("an entry of a stream is %v", entry)
	}
	id, _ = parts[0].(string)
	fields, _ := parts[1].([]any)
	if len(fields) != 2 {
		return fmt.Sprintf("%q", fields), id, nil
	}
	field, _ := fields[0].(string)
	text, _ := fields[1].(string)
	return pairValue(field, text), id, nil
}

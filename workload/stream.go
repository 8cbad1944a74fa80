package workload

import (
	"errors"
	"fmt"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// streamSettings are those of a workload of type stream.
//
// Writes: `XADD` of an entry that no other write adds, with an id of the server's. Lost: exactly
// the acked entries that are missing.
type streamSettings struct {
	// Stream is who reads the streams; nil: nobody does.
	Stream *consumption `yaml:"stream" elsewhere:"options of type stream on a workload of type {type}"`
}

func (kinds) Stream() settings { return &streamSettings{} }

// consumption is who reads streams.
type consumption struct {
	// Groups is the number of consumer groups, each of which gets every entry.
	Groups int `yaml:"groups"`
	// Consumers is the number of consumers that share the entries of a group.
	Consumers int `yaml:"consumers"`
}

// SetDefaults implements codec.Defaulted.
func (c *consumption) SetDefaults() { c.Consumers = 1 }

const (
	maxGroups                  = 100
	minConsumers, maxConsumers = 1, 1000
	// maxGroupedStreams is how many streams may have groups: a consumer asks for
	// the entries of each in turn.
	maxGroupedStreams = 1000
	// fewKeys is how many channels, or streams with groups, there are by default.
	fewKeys = 10
)

// grouped tells whether anybody consumes the streams.
func (s *streamSettings) grouped() bool { return s.Stream != nil && s.Stream.Groups > 0 }

// Traits implements scenarios.WorkloadSpec.
func (s *streamSettings) Traits() []trait.Trait {
	all := []trait.Trait{trait.Spreads, trait.Pipelines, trait.CountsLoss, trait.DatesLoss, trait.CountsDuplicates, trait.ChecksOrder}
	if s.grouped() {
		all = append(all, trait.HasGroups)
	}
	return all
}

// Conditions implements scenarios.Conditional.
func (*streamSettings) Conditions() map[trait.Trait]string {
	return map[trait.Trait]string{trait.HasGroups: "stream: {groups: 1}"}
}

// DefaultKeys implements scenarios.FewKeys.
func (s *streamSettings) DefaultKeys() int {
	if s.grouped() {
		return fewKeys
	}
	return scenarios.DefaultKeys
}

// Commands implements scenarios.Commander.
func (s *streamSettings) Commands() []string {
	all := []string{"XADD", "XRANGE"}
	if s.grouped() {
		all = append(all, "XGROUP", "XREADGROUP", "XACK", "XPENDING")
	}
	return all
}

// Replayed implements scenarios.Replayed.
func (s *streamSettings) Replayed() []string {
	if s.grouped() {
		return []string{"XCLAIM"}
	}
	return nil
}

// Check implements scenarios.Checked.
func (s *streamSettings) Check(c scenarios.WorkloadContext) error {
	if s.Stream == nil {
		return nil
	}
	bounds := errors.Join(
		scenarios.InRange("stream.groups", s.Stream.Groups, 0, maxGroups, ""),
		scenarios.InRange("stream.consumers", s.Stream.Consumers, minConsumers, maxConsumers, ""))
	switch {
	case bounds != nil:
		return bounds
	case s.Stream.Groups == 0 && s.Stream.Consumers > 1:
		return &scenarios.FieldError{Field: "stream.consumers", Msg: fmt.Sprintf("%d consumers of no group; write groups: 1 beside it, or leave it out", s.Stream.Consumers)}
	case s.grouped() && c.Workload.Keys > maxGroupedStreams && c.Given("keys"):
		return &scenarios.FieldError{Field: "keys", Msg: fmt.Sprintf("%d streams with consumer groups; a consumer asks for the entries of each in turn, so write at most %d", c.Workload.Keys, maxGroupedStreams)}
	}
	return nil
}

// Footprint implements scenarios.Sized.
func (*streamSettings) Footprint(_ scenarios.Workload, writes float64) scenarios.Footprint {
	return scenarios.Footprint{Kept: writes, Grows: true}
}

func (s *streamSettings) plan(w *Workload, seed int64) (kind, error) {
	written := newStream(w.Spec, seed)
	if !s.grouped() {
		return values{written}, nil
	}
	return newConsumed(written, *s.Stream, w.Spec), nil
}

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
func (s stream) Command(args []any, key any, v *drive.Write) []any {
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

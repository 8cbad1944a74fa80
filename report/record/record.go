// Package record is the hinge between running and reporting: an append-only
// list of everything that happened during a run, in memory and on disk.
// Analysis reads nothing else, so any report can be made again from it.
package record

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// Event is one thing that happened at one moment of the run.
type Event struct {
	// At is the time on the run's clock.
	At   Millis
	Data Data
}

// Data is what happened; each type of event has its own Go type.
type Data interface {
	// Type is the event's name in events.ndjson.
	Type() string
}

// Record collects a run's events. It is safe for concurrent use.
type Record struct {
	Clock

	mu     sync.Mutex
	events []Event
	out    *bufio.Writer
	err    error
	// followers are told of each event.
	followers []func(Event)
}

// New starts a record whose events are also written to w, one JSON object a line.
func New(clock Clock, w io.Writer) *Record {
	return &Record{Clock: clock, out: bufio.NewWriterSize(w, 64<<10)}
}

// Add appends what happens now.
func (r *Record) Add(d Data) { r.AddAt(r.Now(), d) }

// AddAt appends what happened at ms on the run's clock. Events may be appended
// out of order: some sources learn late of what happened. The end of the run is told how
// many events there are before it.
func (r *Record) AddAt(ms Millis, d Data) {
	if ended, ok := d.(*RunEnded); ok {
		r.mu.Lock()
		ended.Events = len(r.events)
		r.mu.Unlock()
	}
	e := Event{At: ms, Data: d}
	line, err := json.Marshal(e)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	if err == nil {
		_, err = r.out.Write(append(line, '\n'))
	}
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("writing the record of events: %w", err)
	}
	for _, tell := range r.followers {
		tell(e)
	}
}

// Follow has f told of every event, those so far first, in order of appending. It must return
// soon, and not use the record.
func (r *Record) Follow(f func(Event)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		f(e)
	}
	r.followers = append(r.followers, f)
}

// Flush writes out what is buffered and returns the first error of any write.
func (r *Record) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.out.Flush(); err != nil && r.err == nil {
		r.err = fmt.Errorf("writing the record of events: %w", err)
	}
	return r.err
}

// Events is a copy of everything appended so far, in order of appending.
func (r *Record) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Event(nil), r.events...)
}

type wire struct {
	At   Millis          `json:"ms"`
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// MarshalJSON gives {"ms":…,"type":…,"data":{…}}.
func (e Event) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(e.Data)
	if err != nil {
		return nil, err
	}
	return json.Marshal(wire{At: e.At, Type: e.Data.Type(), Data: data})
}

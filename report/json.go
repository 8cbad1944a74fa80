package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/visible"
)

// WriteJSON renders result.json. The timeline is on one line: it is for programs.
func WriteJSON(w io.Writer, r *Result) error {
	text, err := encode(*r)
	if err == nil {
		_, err = io.WriteString(w, visible.JSON(text))
	}
	return err
}

func encode(r Result) (string, error) {
	timeline := r.Timeline
	r.Timeline = nil
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil || timeline == nil {
		return text.String(), err
	}
	line, err := json.Marshal(timeline)
	return fmt.Sprintf("%s,\n  \"timeline\": %s\n}\n", strings.TrimSuffix(text.String(), "\n}\n"), line), err
}

// Read reads a result.json back, with the words that it was written with.
func Read(from io.Reader) (*Result, error) {
	var r Result
	if err := json.NewDecoder(from).Decode(&r); err != nil {
		return nil, fmt.Errorf("reading the result: %w", err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("reading the result: its schema is %q, not %q", r.Schema, Schema)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("reading the result: %w", err)
	}
	r.complete()
	return &r, nil
}

// check refuses what refers to faults, incidents and other parts that are not there: a file may
// come from anywhere.
func (r *Result) check() error {
	within := func(i *int, n int) bool { return i == nil || *i >= 0 && *i < n }
	fault := func(i *int) bool { return within(i, len(r.Faults)) }
	ok := true
	for _, f := range r.Failovers {
		ok = ok && fault(f.Fault) && within(f.Incident, len(r.Incidents)) && (f.Origin != OriginIncident || f.Incident != nil)
	}
	for _, m := range r.Missed {
		ok = ok && fault(&m.Fault) && len(m.Findings) > 0
	}
	for _, w := range r.Workloads {
		for _, l := range slices.Concat(w.Writes.Losses, w.Writes.Removed) {
			ok = ok && fault(l.Fault)
		}
		for _, p := range w.LatencyPhases {
			ok = ok && fault(p.Fault)
		}
		if w.Reads != nil {
			for _, g := range w.Reads.Groups {
				ok = ok && fault(g.Fault)
			}
		}
	}
	if !ok {
		return errors.New("it refers to what is not in it")
	}
	return nil
}

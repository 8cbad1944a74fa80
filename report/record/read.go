package record

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
)

// Damage is what could not be read of an events.ndjson.
type Damage struct {
	// Lines is how many lines are no events, and First what is wrong with the
	// first of them. Neither counts half a line at the end.
	Lines int
	First error
	// CutShort: the last line has no end, as a crash leaves it.
	CutShort bool
	// Missing is how many events are not there that were before the end of the run, as far
	// as that tells.
	Missing int
}

// Notes tells a reader of the report of the damage.
func (d Damage) Notes() []string {
	var notes []string
	if d.Lines > 0 {
		notes = append(notes, fmt.Sprintf("The record is damaged: %d of its lines could not be read and are left out; the first: %v.", d.Lines, d.First))
	}
	if d.Missing > 0 {
		notes = append(notes, fmt.Sprintf("The record is incomplete: %d of its events are missing or could not be read.", d.Missing))
	}
	if d.CutShort {
		notes = append(notes, "The record ends in the middle of a line, which is left out.")
	}
	return notes
}

// Read reads events.ndjson. A last line that a crash cut short is left out,
// and events of types that this version does not know are skipped. A damaged
// line is an error, and so is a missing one.
func Read(r io.Reader) ([]Event, error) {
	events, damage, err := Salvage(r)
	if damage.First == nil && damage.Missing > 0 {
		damage.First = fmt.Errorf("events: %d are missing", damage.Missing)
	}
	return events, errors.Join(err, damage.First)
}

// Salvage reads what can be read of an events.ndjson, and tells what cannot. A record
// whose end counts more events than there are ends with Incomplete. The only error is that
// of r.
func Salvage(r io.Reader) ([]Event, Damage, error) {
	var events []Event
	var damage Damage
	read, counted := 0, 0 // events, and how many there were by what the end says
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, tooLong, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return events, damage, fmt.Errorf("reading events: %w", err)
		}
		if len(line) > 0 {
			e, lineErr := Event{}, tooLong
			if tooLong == nil {
				e, lineErr = parse(line)
			}
			switch {
			case lineErr != nil && err != nil:
				damage.CutShort = true
			case lineErr != nil:
				if damage.Lines++; damage.Lines == 1 {
					damage.First = fmt.Errorf("events, line %d: %w", n, lineErr)
				}
			default:
				read++
				if e.Data != nil {
					events = append(events, e)
				}
				if ended, ok := e.Data.(*RunEnded); ok {
					counted = ended.Events + 1
				}
			}
		}
		if err != nil {
			if damage.Missing = max(0, counted-read); damage.Missing > 0 {
				events = append(events, Event{Data: &Incomplete{damage.Missing}})
			}
			return events, damage, nil
		}
	}
}

// maxLine is more than any event takes, in bytes.
const maxLine = 16 << 20

// readLine reads a line with its end. Of one that is too long, it is only the beginning.
func readLine(r *bufio.Reader) (line []byte, tooLong, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) <= maxLine {
			line = append(line, part...)
		} else {
			tooLong = fmt.Errorf("longer than %d MiB", maxLine>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

// parse reads a line; an event of an unknown type has no data.
func parse(line []byte) (Event, error) {
	var w wire
	if err := json.Unmarshal(line, &w); err != nil {
		return Event{}, err
	}
	data := newData(w.Type)
	if data == nil {
		if w.Type == "" {
			return Event{}, errors.New("no event: it has no type")
		}
		return Event{}, nil
	}
	if err := json.Unmarshal(w.Data, data); err != nil {
		return Event{}, fmt.Errorf("%s: %w", w.Type, err)
	}
	var raw any
	if err := json.Unmarshal(w.Data, &raw); err != nil {
		return Event{}, fmt.Errorf("%s: %w", w.Type, err)
	}
	if err := check(raw, reflect.TypeOf(data).Elem(), ""); err != nil {
		return Event{}, fmt.Errorf("%s: %w", w.Type, err)
	}
	if math.Abs(float64(w.At)) > most {
		return Event{}, fmt.Errorf("%s: its time cannot be %v", w.Type, w.At)
	}
	return Event{At: w.At, Data: data}, nil
}

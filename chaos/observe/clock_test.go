package observe

import (
	"context"
	"errors"
	"io"
	"reflect"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// abroad is a runtime whose clock is another one.
type abroad struct {
	compose.Cluster
	offset, within time.Duration
	err            error
}

func (a abroad) ClockOffset(context.Context) (time.Duration, time.Duration, error) {
	return a.offset, a.within, a.err
}

// The runtime's times are corrected where its clock is known to differ.
func TestTimesOfTheRuntime(t *testing.T) {
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		runtime  abroad
		recorded record.Data
		want     record.Millis // of what happened 1 s after the start by the runtime's clock
	}{
		"this machine's clock": {abroad{}, nil, 1000},
		"ahead":                {abroad{offset: 300 * ms, within: 2 * ms}, &record.ClockOffset{Clock: "engine", Offset: 300, Within: 2}, 700},
		"behind":               {abroad{offset: -3 * ms, within: 2 * ms}, &record.ClockOffset{Clock: "engine", Offset: -3, Within: 2}, 1003},
		"no telling":           {abroad{offset: 2 * ms, within: 2 * ms}, &record.ClockOffset{Clock: "engine", Offset: 2, Within: 2}, 1000},
		"no answer": {abroad{err: errors.New("it is gone")},
			&record.Note{Text: "The runtime's clock could not be compared with this machine's: it is gone."}, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			rec := record.New(record.NewClock(), io.Discard)
			clock := measureClock(t.Context(), test.runtime, rec)
			if got := clock.at(rec.Wall().Round(0).Add(time.Second)); got != test.want {
				t.Errorf("%v ms, want %v ms", got, test.want)
			}
			var recorded record.Data
			for _, e := range rec.Events() {
				recorded = e.Data
			}
			if !reflect.DeepEqual(recorded, test.recorded) {
				t.Errorf("recorded: %+v, want %+v", recorded, test.recorded)
			}
		})
	}
}

package observe

import (
	"context"
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// clockPatience bounds the measuring of the runtime's clock.
const clockPatience = 5 * time.Second

// clock places times by the runtime's clock on the run's.
type clock struct {
	rec *record.Record
	// offset is how far the runtime's clock is ahead of this machine's; 0 for one
	// that cannot be told from it.
	offset time.Duration
}

// measureClock compares the runtime's clock with this machine's, and records the
// result.
func measureClock(ctx context.Context, r compose.Cluster, rec *record.Record) clock {
	ctx, cancel := context.WithTimeout(ctx, clockPatience)
	defer cancel()
	offset, within, err := r.ClockOffset(ctx)
	if err != nil {
		rec.Add(&record.Note{Text: fmt.Sprintf("The runtime's clock could not be compared with this machine's: %v.", err)})
		return clock{rec: rec}
	}
	if offset != 0 || within != 0 {
		rec.Add(&record.ClockOffset{Clock: "engine", Offset: record.InMillis(offset), Within: record.InMillis(within)})
	}
	if offset.Abs() <= within {
		offset = 0
	}
	return clock{rec, offset}
}

// at is a time of the runtime's on the run's clock, in ms, corrected by the
// offset. A clock with an offset is not this machine's, and so is not set when
// that is.
func (c clock) at(t time.Time) record.Millis {
	if c.offset == 0 {
		return c.rec.At(t)
	}
	start := c.rec.Wall()
	return c.rec.At(start.Add(t.Sub(start.Round(0)) - c.offset))
}

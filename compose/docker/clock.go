package docker

import (
	"context"
	"fmt"
	"time"
)

// clockSamples is how often the engine is asked for its time: the quickest
// answer is the most exact one.
const clockSamples = 8

// clockTime is after how long of that no other sample is begun: some engines take their time.
const clockTime = time.Second

// ClockOffset implements compose.Cluster.
func (d *Cluster) ClockOffset(ctx context.Context) (offset, within time.Duration, err error) {
	return quickest(clockSamples, time.Now, func() (time.Time, error) {
		info, err := d.engine.Info(ctx)
		if err != nil {
			return time.Time{}, fmt.Errorf("asking the engine for its time: %w", err)
		}
		at, err := time.Parse(time.RFC3339Nano, info.SystemTime)
		if err != nil {
			return time.Time{}, fmt.Errorf("the engine's time is %q: %w", info.SystemTime, err)
		}
		return at, nil
	})
}

// quickest asks for another clock's time a few times, and compares the answer
// that took the least time with this one's. It stops early after clockTime. The other clock was read at some
// moment of that time, so the offset is right to half of it.
func quickest(samples int, now func() time.Time, ask func() (time.Time, error)) (offset, within time.Duration, err error) {
	began := now()
	for i := range samples {
		asked := now()
		if i > 0 && asked.Sub(began) > clockTime {
			break
		}
		at, err := ask()
		if err != nil {
			return 0, 0, err
		}
		took := now().Sub(asked)
		if half := took / 2; i == 0 || half < within {
			// The wall time, not the monotonic reading, is what the other clock shows.
			offset, within = at.Sub(asked.Round(0).Add(half)), half
		}
	}
	return offset, within, nil
}

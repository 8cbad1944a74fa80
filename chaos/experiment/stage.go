package experiment

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// stages tells what a run is at. Its load lasts for the scenario's duration; how long
// the cluster then takes to be whole, and reading back, nobody knows before.
type stages struct {
	duration time.Duration
	now      func() record.Millis // ms on the run's clock

	mu sync.Mutex
	// Workloads: how many there are, have ended, and have been read back.
	loads, ended, read int
	// over is when the last of them ended, and reading when the first was begun to be
	// read back; 0 before.
	over, reading record.Millis
}

// follow is a load whose steps the stages go by.
func (s *stages) follow(l chaos.Load) chaos.Load {
	s.loads++
	return followed{l, s}
}

// followed is a load that tells stages of its steps.
type followed struct {
	chaos.Load
	stages *stages
}

// Run implements chaos.Load.
func (f followed) Run(ctx context.Context, d time.Duration) error {
	defer f.stages.enter(func(s *stages, now record.Millis) { s.ended, s.over = s.ended+1, now })
	return f.Load.Run(ctx, d)
}

// Verify implements chaos.Load.
func (f followed) Verify(ctx context.Context) error {
	f.stages.enter(func(s *stages, now record.Millis) {
		if s.reading == 0 {
			s.reading = now
		}
	})
	defer f.stages.enter(func(s *stages, _ record.Millis) { s.read++ })
	return f.Load.Verify(ctx)
}

func (s *stages) enter(step func(s *stages, now record.Millis)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	step(s, s.now())
}

// String is what the run is at.
func (s *stages) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, end := s.now(), record.Millis(s.duration.Milliseconds())
	switch {
	case now < end && s.reading == 0:
		return fmt.Sprintf("%s of %s", seconds(now), s.duration)
	case s.ended < s.loads:
		return "waiting for the last writes to end"
	case s.reading == 0:
		return fmt.Sprintf("waiting for the cluster to be whole, %s", seconds(now-max(end, s.over)))
	case s.read < s.loads:
		return fmt.Sprintf("reading back, %s", seconds(now-s.reading))
	default:
		return "ending"
	}
}

// seconds is a time in whole seconds.
func seconds(ms record.Millis) time.Duration {
	return ms.D().Truncate(time.Second)
}

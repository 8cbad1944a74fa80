package alarm

import (
	"context"
	"testing"
	"time"
)

func TestAlarm(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(context.Context) *Alarm{
		"exact": New,
		"plain": func(ctx context.Context) *Alarm {
			return &Alarm{ctx: ctx, timer: time.NewTimer(0), stop: func() bool { return true }}
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		a := make(ctx)
		for _, d := range []time.Duration{-time.Millisecond, 0, 1, 300 * time.Microsecond, 20 * time.Millisecond} {
			began := time.Now()
			if !a.Sleep(d) || time.Since(began) < d {
				t.Errorf("%s: slept for %v instead of %v", name, time.Since(began), d)
			}
		}
		time.AfterFunc(10*time.Millisecond, cancel)
		for range 2 {
			if a.Sleep(time.Hour) {
				t.Errorf("%s: a cancelled alarm went off", name)
			}
		}
		a.Close()
	}
}

// BenchmarkAlarm measures how late the goroutine wakes, in an idle process.
func BenchmarkAlarm(b *testing.B) {
	for name, a := range map[string]*Alarm{
		"exact": New(b.Context()),
		"plain": {ctx: b.Context(), timer: time.NewTimer(0), stop: func() bool { return true }},
	} {
		b.Run(name, func(b *testing.B) {
			var late time.Duration
			for b.Loop() {
				began := time.Now()
				a.Sleep(300 * time.Microsecond)
				late += time.Since(began) - 300*time.Microsecond
			}
			b.ReportMetric(float64(late.Microseconds())/float64(b.N), "µs-late")
		})
		a.Close()
	}
}

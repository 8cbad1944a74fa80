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
		for _, ms := range []float64{-1, 0, 0.0000001, 0.3, 20} {
			began := time.Now()
			if !a.Sleep(ms) || time.Since(began).Seconds()*1000 < ms {
				t.Errorf("%s: slept for %v instead of %v ms", name, time.Since(began), ms)
			}
		}
		time.AfterFunc(10*time.Millisecond, cancel)
		for range 2 {
			if a.Sleep(1e7) {
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
				a.Sleep(0.3)
				late += time.Since(began) - 300*time.Microsecond
			}
			b.ReportMetric(float64(late.Microseconds())/float64(b.N), "µs-late")
		})
		a.Close()
	}
}

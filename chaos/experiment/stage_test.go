package experiment

import (
	"context"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// steppedLoad tells when a step begins, and ends it when it is told to.
type steppedLoad struct{ begun, end chan struct{} }

func (steppedLoad) Save() {}

func (steppedLoad) Name() string                                              { return "stepped" }
func (steppedLoad) Progress() (attempted, acked, failed, indeterminate int64) { return 0, 0, 0, 0 }

func (l steppedLoad) Run(context.Context, time.Duration) error { return l.step() }
func (l steppedLoad) Verify(context.Context) error             { return l.step() }

func (l steppedLoad) step() error {
	l.begun <- struct{}{}
	<-l.end
	return nil
}

// No figure of a run goes beyond its duration: what comes after that is told by name.
func TestStagesOfARun(t *testing.T) {
	var now record.Millis
	s := &stages{duration: 4 * time.Second, now: func() record.Millis { return now }}
	step, over := steppedLoad{make(chan struct{}), make(chan struct{})}, make(chan struct{})
	loads := []interface {
		Run(context.Context, time.Duration) error
		Verify(context.Context) error
	}{s.follow(step), s.follow(step)}
	begin := func(f func()) {
		go func() { f(); over <- struct{}{} }()
		<-step.begun
	}
	end := func() { step.end <- struct{}{}; <-over }
	expect := func(ms record.Millis, want string) {
		t.Helper()
		if now = ms; s.String() != want {
			t.Errorf("after %v ms: %q, want %q", ms, s, want)
		}
	}
	for _, load := range loads {
		begin(func() { _ = load.Run(t.Context(), 0) })
	}
	expect(500, "0s of 4s")
	expect(3999, "3s of 4s")
	end()
	expect(3999, "3s of 4s")
	expect(4100, "waiting for the last writes to end")
	expect(53_000, "waiting for the last writes to end")
	end()
	expect(53_100, "waiting for the cluster to be whole, 0s")
	expect(56_500, "waiting for the cluster to be whole, 3s")
	for _, load := range loads {
		begin(func() { _ = load.Verify(t.Context()) })
		expect(59_600, "reading back, 3s")
	}
	end()
	expect(60_000, "reading back, 3s")
	end()
	expect(60_000, "ending")
}

// Without workloads there is nothing to wait for but the cluster.
func TestStagesWithoutWorkloads(t *testing.T) {
	now := 1000.0
	s := &stages{duration: 4 * time.Second, now: func() record.Millis { return record.Millis(now) }}
	if s.String() != "1s of 4s" {
		t.Error(s)
	}
	if now = 7500; s.String() != "waiting for the cluster to be whole, 3s" {
		t.Error(s)
	}
}
